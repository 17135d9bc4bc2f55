import type { FolderLogs } from './folder.ts';
import { Lines } from './lines.ts';
import { CLOCKS_DIFFER_MS, type LogFile, type LogList } from './list.ts';

/** Levels of messages, as the configuration of the server's log calls them, by what the log itself writes. */
const LEVELS = {
  VRB: 'verbose',
  DBG: 'debug',
  INF: 'information',
  WRN: 'warning',
  ERR: 'error',
  FTL: 'fatal',
} as const;

export type LogLevel = (typeof LEVELS)[keyof typeof LEVELS];
export type LevelCounts = Readonly<Record<LogLevel, number>>;

/** Where in the server's log was read up to: always after a whole line. */
export interface LogPosition {
  readonly name: string;
  readonly offset: number;
}

/** What survives a restart. */
export interface SavedServerLog {
  /** What was written before is not counted, milliseconds since the epoch. */
  readonly since: number;
  /** Absent where there was no log yet. */
  readonly position?: LogPosition;
  /** Absent where no line had the form that is known. */
  readonly messages?: LevelCounts;
}

/** Told an exit code, and when the server noted it, milliseconds since the epoch, where it says. */
export type OnExit = (code: number, exitedAt: number | undefined) => void;

/** `log_20261121.log`, and `log_20261121_001.log` when that has become too large: the order of the names is that of time. */
const NAME = /^log_(\d{8})(?:_(\d{3}))?\.log$/;
/** How a message begins; what goes on over more lines, such as an exception, has nothing of it. */
const MESSAGE = /^\[(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) ([+-]\d\d:\d\d)\](?: \[(VRB|DBG|INF|WRN|ERR|FTL)\] )?/;
const EXIT = /(?:TranscodeManager|TranscodingJobHelper): FFmpeg exited with code (-?\d{1,6})\b/;

/** The most that is read at a time: the rest is for the next time. */
const MOST_BYTES = 16 * 1024 * 1024;
/** In so much of the end of a log its form is seen. */
const FORM_BYTES = 65_536;

/**
 * Follows the server's own log, over new files, and over one that was begun again: counts its messages, and hands on the
 * exit codes, which nothing else tells. What is past at the first look does not count.
 */
export class ServerLog {
  readonly #logs: FolderLogs;
  #since: number | undefined;
  #position: LogPosition | undefined;
  #messages: Record<LogLevel, number> | undefined;

  constructor(logs: FolderLogs, saved?: SavedServerLog) {
    this.#logs = logs;
    this.#since = saved?.since;
    this.#position = saved?.position;
    this.#messages = saved?.messages && { ...saved.messages };
  }

  /** Whether there is a log to follow. */
  get found(): boolean {
    return this.#position !== undefined;
  }

  /** Messages by level; absent until a line is seen whose form is known. */
  get messages(): LevelCounts | undefined {
    return this.#messages;
  }

  /** `undefined` before the first look. */
  save(): SavedServerLog | undefined {
    if (this.#since === undefined) return undefined;
    return {
      since: this.#since,
      ...(this.#position && { position: this.#position }),
      ...(this.#messages && { messages: { ...this.#messages } }),
    };
  }

  /** Takes what is new. Rejects with an ExporterError where a log cannot be read; what was read of it is not taken again. */
  async read({ files, at }: LogList, onExit: OnExit): Promise<void> {
    const own = files.filter(({ name }) => NAME.test(name)).sort((a, b) => (order(a.name) < order(b.name) ? -1 : 1));
    const last = own.at(-1);
    const before = this.#since;
    // A clock may be set back.
    this.#since = Math.min(before ?? at, at);
    if (last === undefined) return;
    if (before === undefined) return this.#begin(last);
    const reached = this.#position === undefined ? '' : order(this.#position.name);
    for (const file of own.filter(({ name }) => order(name) >= reached)) {
      if (!(await this.#follow(file, onExit))) return;
    }
  }

  /** What is there is not counted. Its end tells whether its form is known: then there are 0 messages, else nobody knows. */
  async #begin({ name, bytes }: LogFile): Promise<void> {
    this.#position = { name, offset: bytes };
    const lines = new Lines((line) => this.#recognize(messageOf(line).level), '\n');
    const from = Math.max(0, bytes - FORM_BYTES);
    await this.#logs.readFrom(name, from, bytes - from, (chunk) => lines.push(chunk));
  }

  /** Whether it was read to its end. */
  async #follow({ name, bytes }: LogFile, onExit: OnExit): Promise<boolean> {
    const known = this.#position?.name === name ? this.#position.offset : 0;
    // Shorter than before: it was begun again.
    const from = known > bytes ? 0 : known;
    this.#position = { name, offset: from };
    const lines = new Lines((line) => this.#line(line, onExit), '\n');
    let offset = from;
    const end = await this.#logs.readFrom(name, from, MOST_BYTES, (chunk) => {
      lines.push(chunk);
      // What has no end yet is read again: it was not handed on.
      const whole = chunk.lastIndexOf(0x0a) + 1;
      if (whole > 0) this.#position = { name, offset: offset + whole };
      offset += chunk.length;
    });
    if (end - from < MOST_BYTES) return true;
    // A line that is so long is none.
    if (this.#position.offset === from) this.#position = { name, offset: end };
    return false;
  }

  #line(line: string, onExit: OnExit): void {
    const { level, writtenAt } = messageOf(line);
    this.#recognize(level);
    if (writtenAt !== undefined && writtenAt < (this.#since ?? 0) - CLOCKS_DIFFER_MS) return;
    if (level !== undefined && this.#messages !== undefined) this.#messages[level] += 1;
    const code = EXIT.exec(line)?.[1];
    if (code !== undefined) onExit(Number(code), writtenAt);
  }

  #recognize(level: LogLevel | undefined): void {
    if (level === undefined) return;
    this.#messages ??= { verbose: 0, debug: 0, information: 0, warning: 0, error: 0, fatal: 0 };
  }
}

/** What the begin of a line tells; its time in milliseconds since the epoch. */
function messageOf(line: string): { readonly level?: LogLevel; readonly writtenAt?: number } {
  const [, day, time, zone, level] = MESSAGE.exec(line) ?? [];
  const writtenAt = Date.parse(`${day}T${time}${zone}`);
  return {
    ...(level === undefined ? {} : { level: LEVELS[level as keyof typeof LEVELS] }),
    ...(Number.isNaN(writtenAt) ? {} : { writtenAt }),
  };
}

/** By it, names of the server's logs sort as they follow each other. */
function order(name: string): string {
  const [, day = '', part = '000'] = NAME.exec(name) ?? [];
  return `${day}_${part}`;
}
