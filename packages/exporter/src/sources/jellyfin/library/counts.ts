import type { JellyfinClient } from '../client.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { type Library, parseTotal } from '../parse/library.ts';
import { countQuery } from './items-query.ts';

/** The number of items that a query finds. Rests before each, and rejects with {@link Interrupted} when it must not ask. */
export type CountItems = (parameters: Readonly<Record<string, string | number | boolean>>) => Promise<number>;

/** The server has begun to scan, or the source is stopped: counts go on later. */
export class Interrupted extends Error {}

export function itemCounter(client: JellyfinClient, rest: () => Promise<void>): CountItems {
  return async (parameters) => {
    await rest();
    return (await client.json(ENDPOINTS.items, parseTotal, { query: countQuery(parameters) })).value;
  };
}

/** Items of one type in one library. */
export interface LibraryItems {
  readonly library: Library;
  /** In lower case: movie, series, season, … */
  readonly type: string;
  readonly items: number;
}

/** What can be in a library, by its kind. A mixed one may have all that is played. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  movies: ['Movie'],
  tvshows: ['Series', 'Season', 'Episode'],
  music: ['MusicAlbum', 'Audio'],
  musicvideos: ['MusicVideo'],
  homevideos: ['Video', 'Photo'],
  boxsets: ['BoxSet'],
  books: ['Book', 'AudioBook'],
  mixed: ['Movie', 'Series', 'Season', 'Episode', 'Video'],
};

/** Items by library and type: one query for each. */
export async function countLibraries(count: CountItems, libraries: readonly Library[]): Promise<LibraryItems[]> {
  const counted: LibraryItems[] = [];
  for (const library of libraries) {
    // The kind is what the server says: it may be any word.
    for (const type of Object.hasOwn(TYPES, library.collection) ? (TYPES[library.collection] ?? []) : []) {
      const items = await count({ parentId: library.id, includeItemTypes: type });
      counted.push({ library, type: type === 'MusicAlbum' ? 'album' : type.toLowerCase(), items });
    }
  }
  return counted;
}

/** By width: a film in cinema format is as wide as one in 16:9, but not as high. */
const BANDS: readonly (readonly [name: string, from: number, to?: number])[] = [
  ['2160p', 3800],
  ['1440p', 2400, 3799],
  ['1080p', 1800, 2399],
  ['720p', 1200, 1799],
  ['sd', 1, 1199],
];

/** What `BANDS` and the walk call a width. */
export function resolutionOf(width: number | undefined): string {
  if (width === undefined) return 'unknown';
  return BANDS.find(([, from]) => width >= from)?.[0] ?? 'unknown';
}

/** Films and episodes by resolution; `undefined` where the server did not look at the width, so that they add up to more. */
export async function countResolutions(count: CountItems): Promise<Map<string, number> | undefined> {
  const videos = { includeItemTypes: 'Movie,Episode' };
  const total = await count(videos);
  const bands = new Map<string, number>();
  let rest = total;
  for (const [name, minWidth, maxWidth] of BANDS) {
    const items = await count({ ...videos, minWidth, ...(maxWidth === undefined ? {} : { maxWidth }) });
    bands.set(name, items);
    rest -= items;
  }
  if (rest < 0) return undefined;
  return bands.set('unknown', rest);
}

/** Items of one type that lack something. */
export interface MissingMetadata {
  readonly type: string;
  readonly field: string;
  readonly items: number;
}

const FIELDS = { overview: 'hasOverview', tmdb_id: 'hasTmdbId', imdb_id: 'hasImdbId', tvdb_id: 'hasTvdbId' } as const;

/** Items that lack a description or an id of a provider, by type. What the server does not look at is left out. */
export async function countMissing(count: CountItems): Promise<MissingMetadata[]> {
  const missing: MissingMetadata[] = [];
  for (const type of ['Movie', 'Series', 'Episode']) {
    const total = await count({ includeItemTypes: type });
    if (total === 0) continue;
    for (const [field, filter] of Object.entries(FIELDS)) {
      const items = await count({ includeItemTypes: type, [filter]: false });
      // All of them may lack it; or the server does not know the filter, and then none seems to have it nor to lack it.
      if (items === total && (await count({ includeItemTypes: type, [filter]: true })) > 0) continue;
      missing.push({ type: type.toLowerCase(), field, items });
    }
  }
  return missing;
}
