import { type Logger as PinoLogger, pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'logfmt' | 'json';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
export const LOG_FORMATS: readonly LogFormat[] = ['logfmt', 'json'];

/** The part of pino that the exporter uses. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'>;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes whole lines, with their line end. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly date: () => number;
  /** Values that no line may contain, whatever put them there; asked for each line, since they change. */
  readonly secrets?: () => Iterable<string>;
}

/** Fields that hold a secret by their name. Values that are secret are hidden wherever they stand. */
const SECRET_FIELDS = ['secret', 'token', 'key', 'password', 'authorization'];

/** Makes the logger of the process: one line an event, on whatever `write` writes to. */
export function createLogger(options: LogOptions): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"ts":"${new Date(options.date()).toISOString()}"`,
      formatters: { level: (level) => ({ level }), log: roundSeconds },
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    },
    {
      write(line: string): void {
        const text =
          options.format === 'json' ? line : `${formatLogfmt(JSON.parse(line) as Record<string, unknown>)}\n`;
        options.write(scrub(text, options.secrets?.() ?? []));
      },
    },
  );
}

/** More than milliseconds nobody reads, and a difference of two times has many digits. */
function roundSeconds(fields: Record<string, unknown>): Record<string, unknown> {
  const { seconds } = fields;
  return typeof seconds === 'number' ? { ...fields, seconds: Math.round(seconds * 1000) / 1000 } : fields;
}

/** Hides every occurrence of the secrets, also as JSON would escape them. */
export function scrub(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) {
    // Hiding a secret of one or two characters would only tell where it occurs.
    if (secret.length < 3) continue;
    for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])) {
      clean = clean.replaceAll(form, '[redacted]');
    }
  }
  return clean;
}

/** `ts=… level=… msg=…` and then the other fields, quoted where it is needed. */
export function formatLogfmt(fields: Readonly<Record<string, unknown>>): string {
  const { ts, level, msg, ...rest } = fields;
  const first = Object.entries({ ts, level, msg });
  return [...first, ...flatten(rest)]
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key.replace(/[\s="]/g, '_')}=${quote(value)}`)
    .join(' ');
}

/** One level of nesting, which is how pino gives an error: `err.message`. */
function flatten(fields: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(fields).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([inner, deep]) => [`${key}.${inner}`, deep])
      : [[key, value]],
  );
}

function quote(value: unknown): string {
  const text = Array.isArray(value) ? value.map(plain).join(',') : plain(value);
  return text === '' || /[\s="\\\p{Cc}]/u.test(text) ? JSON.stringify(text) : text;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
}
