import type { Clock } from '@media-exporter/metrics';
import { ExporterError } from '../../errors.ts';
import type { PlexClient } from './client.ts';

const MOST = 1000;
/** So many are looked up at a time, one after another; the rest waits for the next answer. */
const AT_A_TIME = 4;
/** How long nothing is looked up after a failure, in ms. */
const REST = 60_000;

/** The resolutions of files as they lie in the library, by rating key: looked up once each. */
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
    const missing = ratingKeys.filter((key) => !this.#touch(key));
    for (const key of new Set(missing.slice(0, AT_A_TIME))) {
      if (this.#clock.now() < this.#restsUntil) return;
      await this.#lookUp(key);
    }
  }

  #touch(key: string): boolean {
    const resolution = this.#known.get(key);
    if (resolution === undefined) return false;
    this.#known.delete(key);
    this.#known.set(key, resolution);
    return true;
  }

  async #lookUp(key: string): Promise<void> {
    try {
      this.#keep(key, await this.#client.fileResolution(key));
    } catch (error) {
      // Not in a library, or not for this account: asking again would not help.
      if (error instanceof ExporterError && [400, 403, 404].includes(error.status ?? 0)) this.#keep(key, '');
      else this.#restsUntil = this.#clock.now() + REST;
    }
  }

  #keep(key: string, resolution: string): void {
    this.#known.set(key, resolution);
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value as string);
  }
}
