import type { Family, Metric } from '@media-exporter/metrics';
import type { LibraryState } from '@media-exporter/model';
import { ENDPOINTS } from '../endpoints.ts';
import { LIBRARY_CATALOGUE, libraryFamilies } from '../families/library.ts';
import { Kept } from '../kept.ts';
import {
  countLibraries,
  countMissing,
  countResolutions,
  Interrupted,
  itemCounter,
  type LibraryItems,
  type MissingMetadata,
} from '../library-counts.ts';
import { type ItemCounts, type Library, mediaTypeOf, parseCounts, parseLibraries } from '../parse/library.ts';
import { Rest } from '../rest.ts';
import type { JellyfinState } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** Between two counts: each may cost the server some tenths of a second. */
const PAUSE_MS = 1_000;

/** What is asked for on an interval gets it, though that is spread a little. */
const EARLY = 0.9;

/** Something that is asked for on its own interval. */
interface Part {
  /** By the monotonic clock. */
  due: number;
  run(): Promise<void>;
}

/** The libraries and how much is in them, by counts that do not list any item. */
export class LibraryCollector implements JellyfinCollector {
  readonly name = 'library';
  readonly line = 'slow';
  /** Each part knows itself when it is too old. */
  readonly keeps = true;
  readonly catalogue: readonly Metric[] = LIBRARY_CATALOGUE;
  readonly #context: CollectorContext;
  readonly #rest: Rest;
  readonly #counts: Kept<ItemCounts>;
  readonly #libraries: Kept<readonly Library[]>;
  readonly #items: Kept<readonly LibraryItems[]>;
  readonly #resolutions: Kept<ReadonlyMap<string, number>>;
  readonly #missing: Kept<readonly MissingMetadata[]>;
  readonly #filtered: readonly Part[];
  /** By the monotonic clock. */
  #basicsDue = Number.NEGATIVE_INFINITY;
  /** Whether everything has had its turn once. */
  #complete = false;

  constructor(context: CollectorContext) {
    this.#context = context;
    const { clock, settings, client } = context;
    const often = settings.library_interval * 3_000;
    const seldom = settings.counts_interval * 3_000;
    this.#rest = new Rest(clock);
    this.#counts = new Kept(clock, often);
    this.#libraries = new Kept(clock, often);
    this.#items = new Kept(clock, seldom);
    this.#resolutions = new Kept(clock, seldom);
    this.#missing = new Kept(clock, seldom);
    const count = itemCounter(client, () => this.#pause());
    const due = Number.NEGATIVE_INFINITY;
    this.#filtered = [
      {
        due,
        run: async () => {
          const libraries = this.#libraries.value;
          this.#items.set(libraries && (await countLibraries(count, libraries)));
        },
      },
      { due, run: async () => this.#resolutions.set(await countResolutions(count)) },
      { due, run: async () => this.#missing.set(await countMissing(count)) },
    ];
  }

  interval(): number {
    return this.#complete ? this.#context.settings.library_interval * 1000 : PAUSE_MS;
  }

  /** Asks for what is due. The first run is short: what takes long lets others go first. */
  async run(): Promise<void> {
    const { clock, settings } = this.#context;
    const first = this.#basicsDue === Number.NEGATIVE_INFINITY;
    if (clock.now() >= this.#basicsDue) {
      await this.#askBasics();
      this.#basicsDue = clock.now() + settings.library_interval * 1000 * EARLY;
    }
    if (!first) await this.#countWhatIsDue();
  }

  /** Rejects with the first error after both requests. */
  async #askBasics(): Promise<void> {
    const { client, clock, shared } = this.#context;
    const errors: unknown[] = [];
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      await work().catch((error: unknown) => errors.push(error));
    };
    await attempt(async () => {
      const parse = (json: unknown): ReturnType<typeof parseCounts> => parseCounts(json, shared.version);
      this.#counts.set((await client.json(ENDPOINTS.items_counts, parse)).value);
    });
    await attempt(async () => {
      const { value } = await client.json(ENDPOINTS.libraries, parseLibraries);
      shared.libraries.set(value, clock.now());
      this.#libraries.set(value);
    });
    if (errors.length > 0) throw errors[0];
  }

  families(): readonly Family[] {
    if (this.#context.shared.up === false) return [];
    return libraryFamilies({
      counts: this.#counts.value,
      libraries: this.#libraries.value,
      items: this.#items.value,
      resolutions: this.#resolutions.value,
      missing: this.#missing.value,
    });
  }

  state(): Partial<JellyfinState> {
    const items = this.#context.shared.up === false ? undefined : this.#items.value;
    return items === undefined ? {} : { libraries: librariesState(items) };
  }

  stop(): void {
    this.#rest.stop();
  }

  async #countWhatIsDue(): Promise<void> {
    const { clock, settings } = this.#context;
    const errors: unknown[] = [];
    for (const count of this.#filtered) {
      if (clock.now() < count.due) continue;
      try {
        await count.run();
      } catch (error) {
        // What was interrupted is counted anew by the next run.
        if (error instanceof Interrupted) return;
        errors.push(error);
      }
      count.due = clock.now() + settings.counts_interval * 1000 * EARLY;
    }
    this.#complete = true;
    if (errors.length > 0) throw errors[0];
  }

  async #pause(): Promise<void> {
    await this.#rest.wait(PAUSE_MS);
    if (this.#rest.stopped || this.#context.shared.scanRunning === true) throw new Interrupted();
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new LibraryCollector(context);
}

/** Items that are played, by library; libraries of the same name are taken together. */
function librariesState(counted: readonly LibraryItems[]): LibraryState[] {
  const rows = new Map<string, LibraryState>();
  for (const { library, type, items } of counted) {
    const mediaType = mediaTypeOf(type);
    if (mediaType === undefined) continue;
    const key = JSON.stringify([library.name, mediaType]);
    rows.set(key, { library: library.name, mediaType, items: items + (rows.get(key)?.items ?? 0) });
  }
  return [...rows.values()];
}
