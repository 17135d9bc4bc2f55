import { idOf } from '../text.ts';
import { EPISODES_PER_SEASON, itemAt, SEASONS_PER_SERIES, TRACKS_PER_ALBUM } from './generate.ts';
import type { Item } from './item.ts';
import type { FolderType, LibraryKind, PlayableType } from './kinds.ts';

export interface LibraryOptions {
  readonly name: string;
  readonly kind: LibraryKind;
  /** How many things can be played in it: films, episodes, tracks or videos. They are made when asked for, not held. */
  readonly items: number;
  readonly path?: string;
  /** Films of this library that are gathered in box sets, three in each. */
  readonly boxSets?: number;
  /** Every so many files is empty: no streams, no run time, no container. 0 for none. */
  readonly emptyEvery?: number;
}

const ALBUMS_PER_ARTIST = 3;
const FILMS_PER_BOX_SET = 3;

const PLAYABLE: Readonly<Record<LibraryKind, PlayableType>> = {
  movies: 'Movie',
  tvshows: 'Episode',
  music: 'Audio',
  homevideos: 'Video',
  musicvideos: 'MusicVideo',
  mixed: 'Movie',
};

/** A library of any size: its items are computed from their numbers. */
export class Library {
  readonly id: string;
  readonly name: string;
  readonly kind: LibraryKind;
  readonly path: string;
  readonly boxSets: number;
  readonly emptyEvery: number;
  items: number;
  /** Percent, while this library alone is refreshed: no task tells of that. */
  refreshing: number | undefined;

  constructor(options: LibraryOptions) {
    this.name = options.name;
    this.kind = options.kind;
    this.items = options.items;
    this.path = options.path ?? `/media/${options.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
    this.boxSets = Math.min(options.boxSets ?? 0, Math.floor(options.items / FILMS_PER_BOX_SET));
    this.emptyEvery = options.emptyEvery ?? 0;
    this.id = idOf('library', options.name); // two servers with equal names have equal ids
  }

  get itemType(): PlayableType {
    return PLAYABLE[this.kind];
  }

  /** @throws RangeError when there is no such item. */
  item(number: number): Item {
    if (!(number >= 0 && number < this.items)) throw new RangeError(`no item ${number} in this library`);
    return itemAt(this, number);
  }

  /** How many folders of a type there are. */
  folders(type: FolderType): number {
    const perSeries = EPISODES_PER_SEASON * SEASONS_PER_SERIES;
    const perArtist = TRACKS_PER_ALBUM * ALBUMS_PER_ARTIST;
    if (type === 'BoxSet') return this.boxSets;
    if (this.kind === 'tvshows' && type === 'Series') return Math.ceil(this.items / perSeries);
    if (this.kind === 'tvshows' && type === 'Season') return Math.ceil(this.items / EPISODES_PER_SEASON);
    if (this.kind === 'music' && type === 'MusicAlbum') return Math.ceil(this.items / TRACKS_PER_ALBUM);
    if (this.kind === 'music' && type === 'MusicArtist') return Math.ceil(this.items / perArtist);
    return 0;
  }

  /** Films whose number is below this are in box sets. */
  get boxed(): number {
    return this.boxSets * FILMS_PER_BOX_SET;
  }
}
