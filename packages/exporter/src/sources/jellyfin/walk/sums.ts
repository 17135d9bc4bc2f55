import type { MediaType } from '@media-exporter/model';
import { resolutionOf } from '../library/counts.ts';
import type { WalkItem } from '../parse/walk-item.ts';
import type { IdSet } from './id-set.ts';

/** More codecs or kinds of picture than that are taken together. */
const MOST = 100;

type Counts = Readonly<Record<string, number>>;

/** What is added up of the items of one media type. */
export interface TypeSums {
  readonly items: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** What a walk has added up of one library: plain, so that it can be kept. */
export interface LibrarySums {
  readonly id: string;
  readonly name: string;
  readonly types: Readonly<Partial<Record<MediaType, TypeSums>>>;
  /** Items of which a version has no size. */
  readonly sizeUnknown: number;
  /** Items by codec of their first version. */
  readonly video: Counts;
  readonly audio: Counts;
  readonly resolutions: Counts;
  readonly ranges: Counts;
}

/** Adds up the items of one library. */
export class LibraryAdder {
  readonly #id: string;
  readonly #name: string;
  readonly #types: Map<string, TypeSums>;
  readonly #video: Map<string, number>;
  readonly #audio: Map<string, number>;
  readonly #resolutions: Map<string, number>;
  readonly #ranges: Map<string, number>;
  #sizeUnknown: number;

  constructor(from: LibrarySums) {
    this.#id = from.id;
    this.#name = from.name;
    this.#types = new Map(Object.entries(from.types));
    this.#video = new Map(Object.entries(from.video));
    this.#audio = new Map(Object.entries(from.audio));
    this.#resolutions = new Map(Object.entries(from.resolutions));
    this.#ranges = new Map(Object.entries(from.ranges));
    this.#sizeUnknown = from.sizeUnknown;
  }

  /**
   * Adds an item. Each of its versions is counted once, whichever items list it: with several versions an item lists all,
   * and 12.0 may give each of them as an item too.
   */
  add(item: WalkItem, seen: IdSet): void {
    const [first] = item.files;
    const files = item.files.filter(({ id }) => seen.add(id));
    if (item.files.length > 0 && files.length === 0) return;
    const { items = 0, bytes = 0, seconds = 0 } = this.#types.get(item.mediaType) ?? {};
    this.#types.set(item.mediaType, {
      items: items + 1,
      bytes: bytes + files.reduce((sum, file) => sum + (file.bytes ?? 0), 0),
      seconds: seconds + (item.seconds ?? 0),
    });
    if (item.files.length === 0 || files.some((file) => file.bytes === undefined)) this.#sizeUnknown += 1;
    for (const codec of first?.audio ?? []) count(this.#audio, codec);
    if (first?.video === undefined) return;
    count(this.#video, first.video.codec);
    count(this.#resolutions, resolutionOf(first.video.width));
    count(this.#ranges, first.video.range);
  }

  sums(): LibrarySums {
    return {
      id: this.#id,
      name: this.#name,
      types: Object.fromEntries(this.#types),
      sizeUnknown: this.#sizeUnknown,
      video: Object.fromEntries(this.#video),
      audio: Object.fromEntries(this.#audio),
      resolutions: Object.fromEntries(this.#resolutions),
      ranges: Object.fromEntries(this.#ranges),
    };
  }
}

/** A library of which nothing was seen yet. */
export function emptySums(id: string, name: string): LibrarySums {
  return { id, name, types: {}, sizeUnknown: 0, video: {}, audio: {}, resolutions: {}, ranges: {} };
}

function count(counts: Map<string, number>, name: string): void {
  const key = counts.has(name) || counts.size < MOST ? name : 'other';
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
