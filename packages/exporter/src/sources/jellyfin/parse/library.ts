import type { MediaType } from '@media-exporter/model';
import type { Parsed } from '../../http/http.ts';
import { fields, known, list, lookup, number, parseList, text } from './json.ts';
import { isAtLeast, type ServerVersion } from './version.ts';

/** Items by type, as the whole server has them. Types that the server never counts are left out. */
export type ItemCounts = ReadonlyMap<string, number>;

/** One entry of `/Library/VirtualFolders`. */
export interface Library {
  readonly id: string;
  readonly name: string;
  /** movies, tvshows, music, …; `mixed` where the server tells none. */
  readonly collection: string;
  readonly locations: readonly string[];
  /** Whether it is being refreshed by itself, without a scan of all libraries. */
  readonly refreshing: boolean;
  /** 0 to 1, while it is being refreshed. */
  readonly refreshRatio?: number;
}

/** What each version counts. */
const COUNTED = {
  MovieCount: 'movie',
  EpisodeCount: 'episode',
  SongCount: 'audio',
  SeriesCount: 'series',
  AlbumCount: 'album',
  MusicVideoCount: 'musicvideo',
  BoxSetCount: 'boxset',
  BookCount: 'book',
} as const;

/** What is 0 before 12.0, whatever there is. */
const COUNTED_LATER = { ArtistCount: 'artist', ProgramCount: 'program', TrailerCount: 'trailer' } as const;

/** `/Items/Counts`. */
export function parseCounts(json: unknown, version: ServerVersion | undefined): Parsed<ItemCounts> {
  const raw = fields(json);
  if (raw === undefined) return { ok: false, problem: 'the answer is not an object' };
  const counts = new Map<string, number>();
  for (const [name, type] of Object.entries(COUNTED)) {
    const value = number(raw[name]);
    if (value !== undefined) counts.set(type, value);
  }
  for (const [name, type] of Object.entries(COUNTED_LATER)) {
    const value = number(raw[name]);
    if (value !== undefined && (value > 0 || isAtLeast(version, 12, 0))) counts.set(type, value);
  }
  if (counts.size === 0) return { ok: false, problem: 'the answer has no counts' };
  return { ok: true, value: counts };
}

/** `/Library/VirtualFolders`. A library without an id is broken, and left out. */
export function parseLibraries(json: unknown): Parsed<Library[]> {
  return parseList(json, (entry) => {
    const raw = fields(entry);
    const id = text(raw?.ItemId);
    if (raw === undefined || id === undefined) return undefined;
    const refreshing = raw.RefreshStatus === 'Active';
    const percent = number(raw.RefreshProgress);
    return known<Library>({
      id,
      name: text(raw.Name) ?? id,
      collection: text(raw.CollectionType)?.toLowerCase() ?? 'mixed',
      locations: list(raw.Locations).filter((path) => typeof path === 'string'),
      refreshing,
      refreshRatio: refreshing && percent !== undefined ? percent / 100 : undefined,
    });
  });
}

/** `TotalRecordCount` of an answer of `/Items`. */
export function parseTotal(json: unknown): Parsed<number> {
  const total = number(fields(json)?.TotalRecordCount);
  return total === undefined ? { ok: false, problem: 'the answer has no count' } : { ok: true, value: total };
}

const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  movie: 'movie',
  episode: 'episode',
  audio: 'track',
  audiobook: 'track',
  photo: 'photo',
  video: 'video',
  musicvideo: 'video',
  trailer: 'video',
  book: 'other',
};

/** What is played of a library; `undefined` for what only holds such items, as a series does its episodes. */
export function mediaTypeOf(type: string): MediaType | undefined {
  return lookup(MEDIA_TYPES, type.toLowerCase());
}
