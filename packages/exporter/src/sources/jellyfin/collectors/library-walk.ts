import type { Family, Metric } from '@media-exporter/metrics';
import type { LibraryState, MediaType } from '@media-exporter/model';
import { ExporterError } from '../../../errors.ts';
import { readEntries } from '../../http/entries.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { LIBRARY_WALK_CATALOGUE, libraryWalkFamilies, typesOf } from '../families/library-walk.ts';
import { itemsQuery } from '../library/items-query.ts';
import { listLibraries } from '../library/libraries.ts';
import { Rest } from '../pacing/rest.ts';
import { isAtLeast } from '../parse/version.ts';
import { parseWalkItem } from '../parse/walk-item.ts';
import type { JellyfinState } from '../state.ts';
import { IdSet } from '../walk/id-set.ts';
import type { WalkProgress, WalkResult } from '../walk/progress.ts';
import { parseWalkProgress, parseWalkResult } from '../walk/saved-walk.ts';
import { emptySums, LibraryAdder, type TypeSums } from '../walk/sums.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** All that has a file; what holds others is left out. */
const TYPES = 'Movie,Episode,Audio,MusicVideo,Video,Trailer,AudioBook,Book,Photo';
/** Libraries that only point to what others hold. */
const WITHOUT_FILES: ReadonlySet<string> = new Set(['boxsets', 'playlists']);
/** An item with a hundred streams is smaller. */
const ITEM_BYTES = 1024 * 1024;
/** Seconds for a page: the server reads it from its disk. */
const PAGE_TIMEOUT = 120;
/** How often it is looked whether a scan has ended, or a walk is due. */
const LOOK_MS = 60_000;
/** How long a run may take, from the begin of its first page to that of its last. */
const SLICE_MS = 60_000;
/** The least rest after a page. */
const REST_MS = 250;

const NOTHING: Pick<WalkProgress, 'done' | 'current' | 'startIndex' | 'pages'> = {
  done: [],
  current: undefined,
  startIndex: 0,
  pages: 0,
};

/**
 * Walks through all items to add up what no count tells: sizes, durations, codecs. Page by page, with a rest after each,
 * not while the server scans, and from where it was after a restart; the result of the last whole walk stays.
 */
export class LibraryWalkCollector implements JellyfinCollector {
  readonly name = 'library_walk';
  readonly line = 'slow';
  /** It says its age. */
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[] = LIBRARY_WALK_CATALOGUE;
  readonly #context: CollectorContext;
  readonly #rest: Rest;
  #progress: WalkProgress | undefined;
  #result: WalkResult | undefined;
  #seen = new IdSet();
  /** By the monotonic clock. */
  #restUntil = Number.NEGATIVE_INFINITY;

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#rest = new Rest(context.clock);
  }

  /** While a walk is under way, the rest after the last page. */
  interval(): number {
    if (this.#progress === undefined) return Math.max(1_000, Math.min(LOOK_MS, this.#dueIn()));
    if (this.#context.shared.scanRunning === true) return LOOK_MS;
    // Longer than the rest, since whoever waits for it may come a little early.
    return 1.1 * Math.max(REST_MS, this.#restUntil - this.#context.clock.now());
  }

  restore(saved: ReadonlyMap<string, unknown>): void {
    this.#result = parseWalkResult(saved.get('result'));
    this.#progress = parseWalkProgress(saved.get('progress'));
    for (let page = 0; page < (this.#progress?.pages ?? 0); page += 1) this.#seen.restore(saved.get(idsKey(page)));
  }

  /** Reads pages, if a walk is due, with a rest after each; for a while only, since others wait for their turn. */
  async run(): Promise<void> {
    const { clock, shared } = this.#context;
    const until = clock.now() + SLICE_MS;
    do {
      await this.#rest.wait(this.#restUntil - clock.now());
      if (this.#rest.stopped || shared.scanRunning === true) return;
      if (this.#progress === undefined && this.#dueIn() > 0) return;
      const progress = await this.#present();
      const [library] = progress.left;
      if (library === undefined) this.#end(progress);
      else await this.#readPage(progress, library);
    } while (this.#progress !== undefined && clock.now() < until);
  }

  families(): readonly Family[] {
    const { done, current } = this.#progress ?? { done: [], current: undefined };
    const read = [...done, ...(current === undefined ? [] : [current])]
      .flatMap(typesOf)
      .reduce((sum, [, { items }]) => sum + items, 0);
    return libraryWalkFamilies(this.#result, this.#progress === undefined ? undefined : read);
  }

  state(): Partial<JellyfinState> {
    return this.#result === undefined ? {} : { walked: walkedState(this.#result) };
  }

  stop(): void {
    this.#rest.stop();
  }

  #dueIn(): number {
    if (this.#result === undefined) return 0;
    const { clock, settings } = this.#context;
    return this.#result.at + settings.walk_interval * 1000 - clock.date();
  }

  /**
   * Where the walk is, held against the libraries that there are now: it may take hours, and stand still for days. What
   * was read before such a rest is too old to go on with.
   */
  async #present(): Promise<WalkProgress> {
    const { clock, settings } = this.#context;
    const libraries = await listLibraries(this.#context);
    const there = libraries.filter(({ collection }) => !WITHOUT_FILES.has(collection));
    const before = this.#progress;
    const isOld = before !== undefined && clock.date() - before.readAt > settings.walk_interval * 1000;
    const { done, current, startIndex, pages } = before === undefined || isOld ? NOTHING : before;
    const walked = done.flatMap((sums) => {
      const library = there.find(({ id }) => id === sums.id);
      return library === undefined ? [] : [{ ...sums, name: library.name }];
    });
    const left = there
      .filter(({ id }) => !walked.some((library) => library.id === id))
      .map(({ id, name }) => ({ id, name }))
      .sort((a, b) => Number(b.id === current?.id) - Number(a.id === current?.id));
    const readAt = before === undefined || isOld ? clock.date() : before.readAt;
    if (current !== undefined && left[0]?.id === current.id) {
      this.#progress = { readAt, left, done: walked, current, startIndex, pages };
    } else {
      this.#forgetIds(before?.pages ?? 0);
      this.#progress = { ...NOTHING, readAt, left, done: walked };
    }
    return this.#progress;
  }

  async #readPage(progress: WalkProgress, library: WalkProgress['left'][number]): Promise<void> {
    const { clock, client, shared } = this.#context;
    const { startIndex, pages } = progress;
    const limit = isAtLeast(shared.version, 12, 0) ? 1_000 : 500;
    const query = itemsQuery({
      parentId: library.id,
      includeItemTypes: TYPES,
      excludeLocationTypes: 'Virtual',
      fields: 'MediaSources',
      enableImages: false,
      enableUserData: false,
      enableTotalRecordCount: false,
      sortBy: 'DateCreated,SortName',
      startIndex,
      limit,
    });
    const adder = new LibraryAdder(progress.current ?? emptySums(library.id, library.name));
    const started = clock.now();
    const addPage = async (body: AsyncIterable<Uint8Array>): Promise<number> => {
      // Added only when the whole page was read: it may break off, and be asked for again.
      const items: NonNullable<ReturnType<typeof parseWalkItem>>[] = [];
      const entries = await readEntries(body, { key: 'Items', maxEntryBytes: ITEM_BYTES }, (entry) => {
        const item = parseWalkItem(entry);
        if (item !== undefined) items.push(item);
      });
      if (!entries.ok) {
        const detail = `${ENDPOINTS.items.path}: ${entries.problem}`;
        throw new ExporterError({ code: 'MX_UPSTREAM_ANSWER', detail });
      }
      for (const item of items) adder.add(item, this.#seen);
      return entries.value.entries + entries.value.skipped;
    };
    const { value: read } = await client
      .chunks(ENDPOINTS.items, addPage, { query, timeout: PAGE_TIMEOUT })
      .finally(() => {
        this.#restUntil = clock.now() + Math.max(REST_MS, clock.now() - started);
      });
    const readAt = clock.date();
    this.#context.saved.put(idsKey(pages), this.#seen.takeNew());
    const current = adder.sums();
    if (read >= limit) {
      this.#keep({ ...progress, readAt, current, startIndex: startIndex + limit, pages: pages + 1 });
      return;
    }
    this.#forgetIds(pages + 1);
    const walked = { ...NOTHING, readAt, left: progress.left.slice(1), done: [...progress.done, current] };
    if (walked.left.length === 0) this.#end(walked);
    else this.#keep(walked);
  }

  #end({ done: libraries }: WalkProgress): void {
    this.#result = { at: this.#context.clock.date(), libraries };
    this.#context.saved.put('result', this.#result);
    this.#keep(undefined);
  }

  #keep(progress: WalkProgress | undefined): void {
    this.#progress = progress;
    this.#context.saved.put('progress', progress);
  }

  /** In another library the same item counts again. */
  #forgetIds(pages: number): void {
    this.#seen = new IdSet();
    for (let page = 0; page < pages; page += 1) this.#context.saved.put(idsKey(page), undefined);
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new LibraryWalkCollector(context);
}

function idsKey(page: number): string {
  return `ids/${page}`;
}

/** By library and type; libraries of the same name are taken together. What is 0 of items that there are is not known. */
function walkedState({ libraries }: WalkResult): LibraryState[] {
  const sums = new Map<string, { library: string; type: string } & TypeSums>();
  for (const library of libraries) {
    for (const [type, { items, bytes, seconds }] of typesOf(library)) {
      const key = JSON.stringify([library.name, type]);
      const row = sums.get(key) ?? { items: 0, bytes: 0, seconds: 0 };
      sums.set(key, {
        library: library.name,
        type,
        items: row.items + items,
        bytes: row.bytes + bytes,
        seconds: row.seconds + seconds,
      });
    }
  }
  return Array.from(sums.values(), ({ library, type, items, bytes, seconds }) => ({
    library,
    mediaType: type as MediaType,
    items,
    ...(bytes === 0 ? {} : { sizeBytes: bytes }),
    ...(seconds === 0 ? {} : { durationSeconds: seconds }),
  }));
}
