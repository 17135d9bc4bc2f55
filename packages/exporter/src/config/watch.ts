import { createHash } from 'node:crypto';
import type { Clock } from '@media-exporter/metrics';

/** What the watch needs of the file system. */
export interface WatchedFiles {
  /** Anything that differs when the file may have changed; rejects when there is no such file. */
  stat(path: string): Promise<{ mtimeMs: number; ctimeMs: number; size: number; ino: number }>;
  read(path: string): Promise<Uint8Array>;
}

/**
 * Looks at files at an interval and tells when the content of any has changed. Looking is by `stat`, and by a hash
 * when that moved: a file that was only touched is no change, and a swapped symbolic link is one, which the
 * notifications of the system would miss.
 */
export class FileWatch {
  readonly #files: WatchedFiles;
  readonly #clock: Clock;
  readonly #changed: (paths: readonly string[]) => void;
  readonly #missing: (path: string) => void;
  #known = new Map<string, { stat: string; hash: string }>();
  #paths: readonly string[] = [];
  #interval = 0;
  #cancel: (() => void) | undefined;
  #closed = false;

  /** `missing` is told once of a file that was there and cannot be read any more, and again when it came back between. */
  constructor(
    files: WatchedFiles,
    clock: Clock,
    changed: (paths: readonly string[]) => void,
    missing: (path: string) => void = () => {},
  ) {
    this.#files = files;
    this.#clock = clock;
    this.#changed = changed;
    this.#missing = missing;
  }

  /** Takes the files as they are now: call it before reading them, so that what changes meanwhile is noticed. */
  async refresh(): Promise<void> {
    await this.#look();
  }

  /**
   * Takes files that are not watched yet as they are now; true when there were any. What was read of them before may be
   * older: read it again.
   */
  async know(paths: readonly string[]): Promise<boolean> {
    const fresh = paths.filter((path) => !this.#known.has(path));
    for (const path of fresh) this.#known.set(path, await this.#fingerprint(path, undefined));
    return fresh.length > 0;
  }

  /**
   * Watches `paths` every `interval` seconds; 0 stops. A file that was watched already and has changed since the last
   * look is told of at once.
   */
  async watch(paths: readonly string[], interval: number): Promise<void> {
    this.#cancel?.();
    this.#interval = interval;
    this.#paths = [...new Set(paths)];
    this.#known = new Map([...this.#known].filter(([path]) => this.#paths.includes(path)));
    await this.#tick();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #schedule(): void {
    this.#cancel?.();
    if (this.#closed || this.#interval <= 0) return;
    this.#cancel = this.#clock.after(this.#interval * 1000, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    const changed = await this.#look();
    if (changed.length > 0 && !this.#closed) this.#changed(changed);
    this.#schedule();
  }

  /** Which known files have changed since they were last looked at. */
  async #look(): Promise<string[]> {
    const changed: string[] = [];
    for (const path of this.#paths) {
      const before = this.#known.get(path);
      const after = await this.#fingerprint(path, before);
      this.#known.set(path, after);
      if (before !== undefined && before.hash !== after.hash) changed.push(path);
      if (before !== undefined && before.stat !== '' && after.stat === '') this.#missing(path);
    }
    return changed;
  }

  async #fingerprint(
    path: string,
    before: { stat: string; hash: string } | undefined,
  ): Promise<{ stat: string; hash: string }> {
    try {
      const { mtimeMs, ctimeMs, size, ino } = await this.#files.stat(path);
      const stat = `${mtimeMs}:${ctimeMs}:${size}:${ino}`;
      if (stat === before?.stat) return before;
      return {
        stat,
        hash: createHash('sha256')
          .update(await this.#files.read(path))
          .digest('base64'),
      };
    } catch {
      // A file that is being replaced may be missing for a moment; when it comes back changed, that is seen.
      return { stat: '', hash: before?.hash ?? '' };
    }
  }
}
