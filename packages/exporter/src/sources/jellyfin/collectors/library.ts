import type { Family, Metric } from '@media-exporter/metrics';
import type { LibraryState } from '@media-exporter/model';
import { ENDPOINTS } from '../endpoints.ts';
import { LIBRARY_CATALOGUE, libraryFamilies } from '../families/library.ts';
import {
  countLibraries,
  countMissing,
  countResolutions,
  Interrupted,
  itemCounter,
  type LibraryItems,
  type MissingMetadata,
} from '../library/counts.ts';
import { Kept } from '../pacing/kept.ts';
import { Rest } from '../pacing/rest.ts';
import { type ItemCounts, type Library, mediaTypeOf, parseCounts, parseLibraries } from '../parse/library.ts';
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
  /** Whether what it needs is known. */
  ready(): boolean;
  run(): Promise<void>;
}

/** The libraries and how much is in them, by counts that do not list any item. */
export class LibraryCollector implements JellyfinCollector {
  readonly name = 'library';
  readonly line = 'slow';
  readonly startsDuringScan = true;
  /** Each part knows itself when it is too old. */
  readonly staysVisible = true;
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
  #begun = false;
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
    const ready = (): boolean => true;
    this.#filtered = [
      {
        due,
        ready: () => this.#libraries.value !== undefined,
        run: async () => this.#items.set(await countLibraries(count, this.#libraries.value ?? [])),
      },
      { due, ready, run: async () => this.#resolutions.set(await countResolutions(count)) },
      { due, ready, run: async () => this.#missing.set(await countMissing(count)) },
    ];
  }

  interval(): number {
    return this.#complete ? this.#context.settings.library_interval * 1000 : PAUSE_MS;
  }

  /** Asks for what is due. The first run is short: what takes long lets others go first. */
  async run(): Promise<void> {
    const { clock, settings, shared } = this.#context;
    const first = !this.#begun;
    this.#begun = true;
    const errors: unknown[] = [];
    if (clock.now() >= this.#basicsDue) {
      errors.push(...(await this.#askBasics()));
      // What a scan left out, and has changed, is asked for after it.
      if (shared.scanRunning !== true) this.#basicsDue = clock.now() + settings.library_interval * 1000 * EARLY;
    }
    if (!first) errors.push(...(await this.#countWhatIsDue()));
    if (errors.length > 0) throw errors[0];
  }

  /** Answers what failed: neither request needs the other. */
  async #askBasics(): Promise<readonly unknown[]> {
    const { client, clock, settings, shared } = this.#context;
    const errors: unknown[] = [];
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      await work().catch((error: unknown) => errors.push(error));
    };
    await attempt(async () => {
      const parse = (json: unknown): ReturnType<typeof parseCounts> => parseCounts(json, shared.version);
      this.#counts.set((await client.json(ENDPOINTS.items_counts, parse)).value);
    });
    if (shared.scanRunning === true) return errors;
    await attempt(async () => {
      const ask = async (): Promise<readonly Library[]> =>
        (await client.json(ENDPOINTS.libraries, parseLibraries)).value;
      this.#libraries.set(await shared.libraries.get(clock.now(), settings.library_interval * 1000 * EARLY, ask));
    });
    return errors;
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

  /** Answers what failed: the others are counted all the same. */
  async #countWhatIsDue(): Promise<readonly unknown[]> {
    const { clock, settings } = this.#context;
    const errors: unknown[] = [];
    for (const part of this.#filtered) {
      if (clock.now() < part.due || !part.ready()) continue;
      try {
        await part.run();
      } catch (error) {
        // What was interrupted is counted anew by the next run.
        if (error instanceof Interrupted) return errors;
        errors.push(error);
      }
      part.due = clock.now() + settings.counts_interval * 1000 * EARLY;
    }
    this.#complete = true;
    return errors;
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
