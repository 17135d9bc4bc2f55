import { appendFileSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

export interface LogFile {
  readonly name: string;
  readonly bytes: number;
  /** Of the last write, which the server tells as the creation too. Milliseconds since the epoch. */
  readonly modified: number;
}

/** The log directory: in memory, and on disk where a directory is given. It survives restarts. */
export class LogFiles {
  readonly #files = new Map<string, { parts: string[]; modified: number }>();
  readonly #date: () => number;
  readonly #directory: string | undefined;

  constructor(date: () => number, directory?: string) {
    this.#date = date;
    this.#directory = directory;
    if (directory !== undefined) mkdirSync(directory, { recursive: true });
  }

  append(name: string, text: string): void {
    const file = this.#files.get(name) ?? { parts: [], modified: 0 };
    file.parts.push(text);
    file.modified = this.#date();
    this.#files.set(name, file);
    if (this.#directory === undefined) return;
    const path = join(this.#directory, name);
    appendFileSync(path, text);
    // By the server's clock, which need not be that of the machine.
    utimesSync(path, file.modified / 1000, file.modified / 1000);
  }

  read(name: string): string | undefined {
    const file = this.#files.get(name);
    if (file === undefined) return undefined;
    file.parts = [file.parts.join('')];
    return file.parts[0];
  }

  /** The newest write first. */
  get list(): readonly LogFile[] {
    return [...this.#files]
      .map(([name, { modified }]) => ({ name, modified, bytes: Buffer.byteLength(this.read(name) ?? '') }))
      .sort((a, b) => b.modified - a.modified);
  }

  /** Forgets files whose last write was before, in milliseconds since the epoch. The directory on disk is left alone. */
  prune(before: number): void {
    for (const [name, { modified }] of this.#files) if (modified < before) this.#files.delete(name);
  }
}
