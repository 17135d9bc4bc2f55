import type { Clock } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import type { PlexClient } from '../client.ts';
import type { Bandwidth } from '../parse/statistics.ts';
import type { PlexResources } from '../state.ts';
import { allInTurn, OptionalEndpoint } from './endpoint.ts';

export interface BandwidthCounter {
  /** The second from which on rows are wanted. */
  readonly since: () => number;
  /** @param serverNow the time by the server's clock in seconds, where it is known to go on. */
  take(bandwidth: Bandwidth, serverNow: number | undefined): void;
  /** Told that there is more than can be read: it goes on from now. */
  skip(): void;
}

/** Load and bandwidth, which only servers with Plex Pass tell. */
export class StatisticsCollector {
  readonly #resources: OptionalEndpoint<PlexResources>;
  readonly #bandwidth: OptionalEndpoint<Bandwidth>;
  readonly #counter: BandwidthCounter;
  /** The second of the newest row of the resources, by the server's clock. */
  #newest: number | undefined;
  #serverNow: number | undefined;

  constructor(client: PlexClient, clock: Clock, counter: BandwidthCounter) {
    this.#resources = new OptionalEndpoint({ clock, ask: () => client.resources(this.#newest) });
    this.#bandwidth = new OptionalEndpoint({ clock, ask: () => client.bandwidth(counter.since()) });
    this.#counter = counter;
  }

  /** Absent where the server has none. */
  get resources(): PlexResources | undefined {
    const { value } = this.#resources;
    return value === undefined || value.at === 0 ? undefined : value;
  }

  /** Told that the server is another one than before, or has Plex Pass now. */
  reset(): void {
    this.#resources.reset();
    this.#bandwidth.reset();
    this.#newest = undefined;
  }

  collect(): Promise<void> {
    return allInTurn([() => this.#collectResources(), () => this.#collectBandwidth()]);
  }

  async #collectResources(): Promise<void> {
    this.#serverNow = undefined;
    const resources = await this.#resources.refresh();
    if (resources === undefined) return;
    const newest = resources.at === 0 ? undefined : resources.at / 1000;
    // A row that stays the newest says nothing of the time: the server may have ceased to write them.
    if (newest !== undefined && this.#newest !== undefined && newest > this.#newest) this.#serverNow = newest;
    this.#newest = newest;
  }

  async #collectBandwidth(): Promise<void> {
    try {
      const bandwidth = await this.#bandwidth.refresh();
      if (bandwidth !== undefined) this.#counter.take(bandwidth, this.#serverNow);
    } catch (error) {
      if (error instanceof ExporterError && error.code === 'MX_UPSTREAM_TOO_LARGE') this.#counter.skip();
      throw error;
    }
  }
}
