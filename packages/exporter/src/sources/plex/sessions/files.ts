import type { Clock } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import type { PlexClient } from '../client.ts';

const MOST = 1000;
/** Of so many items one request asks. */
const AT_ONCE = 20;
/** Requests at a time, one after another; the rest waits for the next answer. */
const REQUESTS = 5;
/** How long nothing is looked up after a failure, in ms. */
const REST = 60_000;

/** The resolutions of files as they lie in the library, by rating key: asked for of many items at once, and of each one time. */
export class FileResolutions {
  readonly #client: PlexClient;
  readonly #clock: Clock;
  /** In the order of their last use. */
  readonly #known = new Map<string, string>();
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(client: PlexClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Raw, such as `1080`; empty where the file has none, absent before it was looked up. */
  get(ratingKey: string): string | undefined {
    return this.#known.get(ratingKey);
  }

  /** Looks up those that are not known. Never rejects: what plays is told without it too. */
  async lookUp(ratingKeys: readonly string[]): Promise<void> {
    const missing = [...new Set(ratingKeys.filter((key) => !this.#touch(key)))];
    let groups = inGroups(missing.slice(0, REQUESTS * AT_ONCE), AT_ONCE);
    for (let asked = 0; asked < REQUESTS && this.#clock.now() >= this.#restsUntil; asked += 1) {
      const [group, ...rest] = groups;
      if (group === undefined) return;
      groups = [...inGroups(await this.#lookUp(group), 1), ...rest];
    }
  }

  #touch(key: string): boolean {
    const resolution = this.#known.get(key);
    if (resolution === undefined) return false;
    this.#known.delete(key);
    this.#known.set(key, resolution);
    return true;
  }

  /** Answers those that are to be asked for alone: among several one may be why nothing, or not all, is told. */
  async #lookUp(keys: readonly string[]): Promise<readonly string[]> {
    const found = await this.#ask(keys);
    if (found === undefined) return [];
    for (const key of keys) {
      const resolution = found.get(key);
      // Not in a library, or not for this account: asking for it again would not help.
      if (resolution !== undefined || keys.length === 1) this.#keep(key, resolution ?? '');
    }
    return keys.filter((key) => !this.#known.has(key));
  }

  /** Nothing is in a refusal; `undefined` where there is no answer. */
  async #ask(keys: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> {
    try {
      return await this.#client.fileResolutions(keys);
    } catch (error) {
      if (error instanceof ExporterError && [400, 403, 404].includes(error.status ?? 0)) return new Map();
      this.#restsUntil = this.#clock.now() + REST;
      return undefined;
    }
  }

  #keep(key: string, resolution: string): void {
    this.#known.set(key, resolution);
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value as string);
  }
}

function inGroups(keys: readonly string[], size: number): (readonly string[])[] {
  return Array.from({ length: Math.ceil(keys.length / size) }, (_, index) =>
    keys.slice(index * size, (index + 1) * size),
  );
}
