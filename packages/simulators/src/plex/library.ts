import type { MediaType } from './truth.ts';

export type LibraryType = 'movie' | 'show' | 'artist' | 'photo';

/** Items by the type number that `/library/sections/{id}/all?type=` takes. */
export const TYPE_NUMBERS = {
  movie: 1,
  show: 2,
  season: 3,
  episode: 4,
  artist: 8,
  album: 9,
  track: 10,
  photo: 13,
  photoalbum: 14,
  collection: 18,
} as const;

export type CountedType = keyof typeof TYPE_NUMBERS;

export interface Library {
  /** The section id: a decimal number. */
  readonly id: string;
  readonly title: string;
  readonly type: LibraryType;
  readonly agent: string;
  readonly scanner: string;
  readonly counts: { [type in CountedType]?: number };
  /** Photos that are in no album: they stand beside the albums at the top level. */
  readonly loosePhotos?: number;
  /** Told with includeStorage=1 only, and not even then where it is absent here. */
  readonly durationMs?: number;
  readonly storageBytes?: number;
}

/** A file as it lies in the library. */
export interface SourceMedia {
  readonly bitrateKbps: number;
  readonly container: string;
  /** As Plex names it in the library: `4k`, `1080`, `720`, `sd` … Absent for music. */
  readonly videoResolution?: string;
  readonly width?: number;
  readonly height?: number;
  readonly videoCodec?: string;
  readonly audioCodec?: string;
  readonly audioChannels?: number;
  /** The codec of the subtitle that is switched on. */
  readonly subtitleCodec?: string;
}

export interface Item {
  readonly ratingKey: string;
  readonly type: 'movie' | 'episode' | 'track' | 'clip' | 'photo';
  readonly title: string;
  /** The season or the album. */
  readonly parentTitle?: string;
  /** The series or the artist. */
  readonly grandparentTitle?: string;
  readonly index?: number;
  readonly parentIndex?: number;
  /** The section id; absent for what is in no library. */
  readonly library?: string;
  readonly durationMs: number;
  /** Absent for photos: sessions of theirs have no Media. */
  readonly media?: SourceMedia;
  /** Another file of the same item, which is not the one that is played. It comes first. */
  readonly otherMedia?: SourceMedia;
  /** What is not what it seems: its metadata is not in the library, or it is no play. */
  readonly kind?: 'live' | 'preroll' | 'theme';
}

/** Other Videos are of type `movie`, and told from movies by their agent. */
export function isOtherVideos(library: Library): boolean {
  return library.agent.endsWith('.agents.none') && library.type === 'movie';
}

/** What a monitor should call the type of an item. */
export function mediaTypeOf(item: Item, library: Library | undefined): MediaType {
  if (item.kind === 'live') return 'live';
  if (item.type === 'clip') return 'other';
  return library !== undefined && isOtherVideos(library) ? 'video' : item.type;
}

/** The type of the items at the top level of a library. */
export const TOP_LEVEL: Readonly<Record<LibraryType, CountedType>> = {
  movie: 'movie',
  show: 'show',
  artist: 'artist',
  photo: 'photoalbum',
};
