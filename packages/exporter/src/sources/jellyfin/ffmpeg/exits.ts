import type { FolderLogs } from './folder.ts';
import type { LogFile } from './jobs.ts';
import { Lines } from './lines.ts';

/** Where in the server's log the exit codes were read up to. */
export interface LogPosition {
  readonly name: string;
  readonly offset: number;
}

/** Of `20261121`, and of `20261121_001` when that has become too large: the order of the names is that of time. */
const NAME = /^log_(\d{8})(?:_(\d{3}))?\.log$/;
const EXIT =
  /^(?:\[(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) ([+-]\d\d:\d\d)\])?.*(?:TranscodeManager|TranscodingJobHelper): FFmpeg exited with code (-?\d{1,6})\b/;
/** Told an exit code, and when the server noted it, milliseconds since the epoch, where it says. */
export type OnExit = (code: number, exitedAt: number | undefined) => void;

/** The most that is read at a time: the rest is for the next time. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Follows the server's own log, which alone tells exit codes: over new files, and over one that was begun again. */
export class ExitCodes {
  readonly #logs: FolderLogs;
  #position: LogPosition | undefined;
  #primed: boolean;

  constructor(logs: FolderLogs, saved: LogPosition | undefined) {
    this.#logs = logs;
    this.#position = saved;
    this.#primed = saved !== undefined;
  }

  get position(): LogPosition | undefined {
    return this.#position;
  }

  /** Whether there is a log to follow. */
  get found(): boolean {
    return this.#position !== undefined;
  }

  /** Hands on the exit codes that are new. The first time there are none: what is past is not counted. */
  async read(files: readonly LogFile[], onExit: OnExit): Promise<void> {
    const own = files.filter(({ name }) => NAME.test(name)).sort((a, b) => (order(a.name) < order(b.name) ? -1 : 1));
    const last = own.at(-1);
    if (last === undefined) return;
    if (!this.#primed) {
      this.#primed = true;
      this.#position = { name: last.name, offset: last.bytes };
      return;
    }
    const since = this.#position === undefined ? '' : order(this.#position.name);
    for (const file of own.filter(({ name }) => order(name) >= since)) await this.#follow(file, onExit);
  }

  async #follow({ name, bytes }: LogFile, onExit: OnExit): Promise<void> {
    const known = this.#position?.name === name ? this.#position.offset : 0;
    // Shorter than before: it was begun again.
    const from = known > bytes ? 0 : known;
    let offset = from;
    const lines = new Lines((line) => {
      const [, day, time, zone, code] = EXIT.exec(line) ?? [];
      if (code === undefined) return;
      const exitedAt = Date.parse(`${day}T${time}${zone}`);
      onExit(Number(code), Number.isNaN(exitedAt) ? undefined : exitedAt);
    });
    let whole = from;
    await this.#logs.readFrom(name, from, MOST_BYTES, (chunk) => {
      const end = chunk.lastIndexOf(0x0a);
      if (end >= 0) whole = offset + end + 1;
      offset += chunk.length;
      lines.push(chunk);
    });
    // What has no end yet is read again: it was not handed on.
    this.#position = { name, offset: whole };
  }
}

function order(name: string): string {
  const [, day = '', part = '000'] = NAME.exec(name) ?? [];
  return `${day}_${part}`;
}
