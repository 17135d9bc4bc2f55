import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import { parseListenAddress } from './address.ts';
import { judgeBearer } from './secrets.ts';
import { parseSourceUrl } from './url.ts';

const UNIT_SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** A number of seconds, or a text such as `500ms`, `5s`, `1m`. The output, in seconds, is a valid input too. */
function duration(least: number, most: number): z.ZodType<number, number | string> {
  return z
    .union([z.number(), z.string().regex(DURATION, { error: 'must be a duration such as 500ms, 5s or 1m' })], {
      error: 'must be a duration such as 500ms, 5s or 1m',
    })
    .transform((value) => {
      if (typeof value === 'number') return value;
      const [, digits = '', unit = ''] = DURATION.exec(value) ?? [];
      return Number(digits) * (UNIT_SECONDS[unit] ?? 1);
    })
    .refine((seconds) => seconds >= least && seconds <= most, { error: `must be between ${least}s and ${most}s` });
}

/** A check of one value that gives its own code: `judge` answers what is wrong, or nothing. */
function coded<T>(judge: (value: T) => { code: ErrorCode; detail: string } | undefined): z.core.CheckFn<T> {
  return ({ value, issues }) => {
    const fault = judge(value);
    if (fault === undefined) return;
    issues.push({ code: 'custom', input: value, message: fault.detail, params: { code: fault.code } });
  };
}

const listenAddress = z.string().check(
  coded((value) => {
    const address = parseListenAddress(value);
    return address === undefined ? { code: 'MX_CONFIG_LISTEN', detail: `"${value}" is no listen address` } : undefined;
  }),
);

const sourceUrl = z.string().check(
  coded((value) => {
    const url = parseSourceUrl(value);
    return 'problem' in url ? { code: url.code, detail: url.problem } : undefined;
  }),
);

const sourceSecret = z
  .string()
  .min(1)
  .check(
    coded((value) => {
      const fault = value === '' ? undefined : judgeBearer(value);
      return fault === undefined ? undefined : { code: 'MX_SECRET_FORM', detail: fault };
    }),
  );

const RESERVED_PATHS = ['/health', '/-/healthy', '/-/ready', '/-/reload'];

const telemetryPath = z
  .string()
  .regex(/^\/[A-Za-z0-9._~/-]*$/, { error: 'must be a path that begins with /' })
  .refine((path) => !RESERVED_PATHS.includes(path), { error: 'is a path that the exporter needs itself' });

/** What is wrong with a path for the metrics, or nothing. */
export function judgeTelemetryPath(path: string): string | undefined {
  return telemetryPath.safeParse(path).error?.issues[0]?.message;
}

/** What becomes of a label that names a person. */
const policy = z.enum(['clear', 'pseudonym', 'drop']);

const privacySchema = z.strictObject({
  users: policy
    .default('pseudonym')
    .describe(
      'Peer ids, names and user agents in native metrics: clear, pseudonym (a keyed hash) or drop (an empty label).',
    ),
  addresses: policy
    .default('pseudonym')
    .describe('Network addresses in native metrics: clear, pseudonym (a keyed hash) or drop (an empty label).'),
  key: z.string().min(16).optional().describe('The key of the pseudonyms, at least 16 characters.'),
  key_file: z.string().min(1).optional().describe('A file whose first line is the key of the pseudonyms.'),
  key_env: z.string().min(1).optional().describe('The environment variable that holds the key of the pseudonyms.'),
});

/** The configuration of one mediasoup SFU. */
export const mediasoupSourceSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, {
      error: 'must be 1 to 63 letters, digits, "_", "." or "-", and begin with a letter or a digit',
    })
    .describe('The name of the source: the value of its `source` label.'),
  type: z.literal('mediasoup').describe('A mediasoup SFU that embeds @media-exporter/mediasoup.'),
  url: sourceUrl.describe('Where the SFU serves its state: http://HOST:PORT, https://HOST:PORT or unix:/PATH.'),
  secret: sourceSecret.optional().describe('The secret that the SFU was given, sent as a bearer token.'),
  secret_file: z.string().min(1).optional().describe('A file whose first line is the secret.'),
  secret_env: z.string().min(1).optional().describe('The environment variable that holds the secret.'),
  timeout: duration(0.1, 300).prefault(5).describe('How long one request may take in all.'),
  max_response_bytes: z
    .int()
    .min(1024)
    .max(1024 ** 3)
    .default(64 * 1024 ** 2)
    .describe('The largest answer that is read, in bytes.'),
  sets: z
    .array(z.enum(['default', 'seed', 'aggregated']))
    .min(1)
    .default(['default', 'seed'])
    .describe(
      'Which families are exported: `default` (bounded labels), `seed` (the six of the original exporter), `aggregated` (its aggregated set).',
    ),
  prefix: z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, { error: 'must be the beginning of a metric name, such as edumeet_' })
    .default('Ejtimaa_')
    .describe('The prefix of the rooms and peers metrics of the `seed` set.'),
  quiet: z
    .boolean()
    .default(false)
    .describe(
      'Empties the labels `transport_id` and `id` of the `seed` set; series that become equal are put together.',
    ),
  series_budget: z
    .int()
    .min(1)
    .default(10_000)
    .describe(
      'The most series that one family of this source may have; what goes over is folded or dropped, and counted.',
    ),
});

const sourceSchema = z.discriminatedUnion('type', [mediasoupSourceSchema]);

const webSchema = z
  .strictObject({
    listen: z
      .array(listenAddress)
      .min(1)
      .default(['127.0.0.1:9594'])
      .describe('Addresses to listen on: HOST:PORT, [IPV6]:PORT, or :PORT for all interfaces.'),
    telemetry_path: telemetryPath.default('/metrics').describe('The path of the metrics.'),
    auth: z
      .strictObject({
        metrics: z
          .enum(['none', 'token'])
          .optional()
          .describe(
            'Who may read the metrics: everybody, or who has the token. Without it: token when there is a token file.',
          ),
        token_file: z
          .string()
          .min(1)
          .optional()
          .describe('A file whose first line is the bearer token; read again when it changes.'),
      })
      .default({})
      .describe('Access. Needed as soon as an address is not loopback.'),
    scrape_timeout: duration(0.1, 300)
      .prefault(10)
      .describe('The deadline of a scrape whose scraper does not tell its own.'),
    scrape_timeout_max: duration(0.1, 300).prefault(60).describe('The longest deadline that a scraper can ask for.'),
    scrape_timeout_offset: duration(0, 60)
      .prefault(0.5)
      .describe('How much earlier than the scraper gives up the answer begins; at most half of its deadline.'),
  })
  .check(({ value, issues }) => {
    const { scrape_timeout: standard, scrape_timeout_max: most } = value;
    if (standard <= most) return;
    const message = `${standard}s is longer than scrape_timeout_max, which is ${most}s`;
    issues.push({
      code: 'custom',
      input: standard,
      path: ['scrape_timeout'],
      message,
      params: { code: 'MX_CONFIG_VALUE' },
    });
  });

/** The whole file. */
export const configSchema = z.strictObject({
  web: webSchema.prefault({}).describe('The HTTP server.'),
  privacy: privacySchema.prefault({}).describe('What becomes of labels that name persons.'),
  reload: z
    .strictObject({
      interval: duration(0, 3600)
        .prefault(5)
        .describe('How often the files are looked at for changes; 0 switches it off.'),
    })
    .prefault({})
    .describe('Reloading on change.'),
  labels: z
    .strictObject({
      max_value_bytes: z.int().min(16).max(65_536).default(256).describe('Longer label values are cut.'),
    })
    .prefault({})
    .describe('Limits of labels.'),
  sources: z.array(sourceSchema).min(1).describe('The media servers.'),
});

/** The configuration with all defaults filled in. Durations are in seconds. */
export type Config = z.output<typeof configSchema>;
/** The configuration as a person writes it. */
export type ConfigInput = z.input<typeof configSchema>;
/** One source as a person writes it; {@link Config} holds it with its defaults. */
export type SourceConfig = z.input<typeof sourceSchema>;
export type SourceSettings = Config['sources'][number];
export type MediasoupSettings = z.output<typeof mediasoupSourceSchema>;
export type PrivacyPolicy = z.output<typeof policy>;

/** The types of source that this version has. */
export const SOURCE_TYPES: readonly string[] = ['mediasoup'];

/** The JSON Schema of the file, for editors. */
export function jsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input' });
  return { $schema, title: 'The configuration of media-exporter', ...schema };
}
