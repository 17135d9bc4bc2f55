import type { LogFiles } from './log-files.ts';

export type LogLevel = 'INF' | 'WRN' | 'ERR';

/** The server's own log, a file for each day. */
export class ServerLog {
  readonly #files: LogFiles;
  readonly #date: () => number;

  constructor(files: LogFiles, date: () => number) {
    this.#files = files;
    this.#date = date;
  }

  write(level: LogLevel, source: string, message: string): void {
    const iso = new Date(this.#date()).toISOString();
    const name = `log_${iso.slice(0, 10).replaceAll('-', '')}.log`;
    const at = iso.replace('T', ' ').replace('Z', ' +00:00');
    this.#files.append(name, `[${at}] [${level}] [${1 + (message.length % 30)}] ${source}: ${message}\n`);
  }
}
