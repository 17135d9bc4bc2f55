import type { Collector } from '@media-exporter/metrics';
import type { Logger } from './log.ts';
import type { StateStore } from './state/store.ts';

/** The state store and its metrics about itself. */
export interface OpenedStore {
  readonly store: StateStore;
  readonly metrics?: Collector;
}

export interface HeldStoreOptions {
  readonly open: (dir: string | undefined) => OpenedStore;
  /** Told of the metrics when the store is opened. */
  readonly onMetrics: (metrics: Collector) => void;
  readonly log: Logger;
}

/** The state store of an exporter: opened when it is first asked for, and the same as long as the exporter lives. */
export class HeldStore {
  readonly #options: HeldStoreOptions;
  #held: { readonly dir: string | undefined; readonly store: StateStore } | undefined;

  constructor(options: HeldStoreOptions) {
    this.#options = options;
  }

  /** The store. Another folder than that of the first time is warned of, and changes nothing. */
  in(dir: string | undefined): StateStore {
    const { open, onMetrics, log } = this.#options;
    if (this.#held === undefined) {
      const { store, metrics } = open(dir);
      if (metrics !== undefined) onMetrics(metrics);
      this.#held = { dir, store };
    } else if (this.#held.dir !== dir) {
      log.warn('state.dir has changed: the state stays where it is until the exporter is started again');
    }
    return this.#held.store;
  }

  async close(): Promise<void> {
    await this.#held?.store.close();
  }
}
