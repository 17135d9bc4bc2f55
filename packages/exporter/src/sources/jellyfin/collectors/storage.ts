import type { Family, Metric } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { STORAGE_CATALOGUE, storageFamilies } from '../families/storage.ts';
import { parseStorage } from '../parse/storage.ts';
import type { JellyfinState, StoragePlace } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** The file systems that the folders of the server lie on, from 10.11 on. */
export class StorageCollector implements JellyfinCollector {
  readonly name = 'storage';
  readonly line = 'slow';
  readonly staysVisible = false;
  readonly catalogue: readonly Metric[] = STORAGE_CATALOGUE;
  readonly #context: CollectorContext;
  #places: readonly StoragePlace[] | undefined;

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  interval(): number {
    return this.#context.settings.library_interval * 1000;
  }

  async run(): Promise<void> {
    try {
      this.#places = (await this.#context.client.json(ENDPOINTS.storage, parseStorage)).value;
    } catch (error) {
      this.#places = undefined;
      // Older servers do not have it, which is no fault.
      if (!(error instanceof ExporterError && error.status === 404)) throw error;
    }
  }

  families(): readonly Family[] {
    return this.#places === undefined ? [] : storageFamilies(this.#places);
  }

  state(): Partial<JellyfinState> {
    return this.#places === undefined ? {} : { storage: this.#places };
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new StorageCollector(context);
}
