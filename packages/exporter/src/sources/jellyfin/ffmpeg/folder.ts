import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../local.ts';
import type { LogFile, LogList } from './list.ts';
import type { Logs } from './logs.ts';

/** The logs in a folder of this machine. Their dates are by its clock. */
export class FolderLogs implements Logs {
  readonly #folder: string;
  readonly #now: () => number;

  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  async list(): Promise<LogList> {
    // Before it is looked: what is written meanwhile is new.
    const at = this.#now();
    const names = await readdir(this.#folder).catch((error: unknown) => {
      throw new LocalError('the folder of the logs', error);
    });
    const files: LogFile[] = [];
    for (const name of names.filter((one) => one.endsWith('.log'))) {
      // It may have been removed meanwhile.
      const file = await stat(join(this.#folder, name)).catch(() => undefined);
      if (file?.isFile()) files.push({ name, bytes: file.size, modified: file.mtimeMs });
    }
    return { files: files.sort((a, b) => b.modified - a.modified), at };
  }

  async read(name: string, onChunk: (chunk: Uint8Array) => void): Promise<void> {
    await this.readFrom(name, 0, Number.POSITIVE_INFINITY, onChunk);
  }

  /** Hands on what stands in a file from an offset, at most so many bytes; answers where it stopped. */
  async readFrom(name: string, offset: number, most: number, onChunk: (chunk: Uint8Array) => void): Promise<number> {
    const file = await open(join(this.#folder, name)).catch((error: unknown) => {
      throw new LocalError('a log', error);
    });
    try {
      const buffer = new Uint8Array(65_536);
      let at = offset;
      while (at - offset < most) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, offset + most - at), at);
        if (bytesRead === 0) break;
        at += bytesRead;
        onChunk(buffer.subarray(0, bytesRead));
      }
      return at;
    } catch (error) {
      throw new LocalError('a log', error);
    } finally {
      await file.close();
    }
  }
}
