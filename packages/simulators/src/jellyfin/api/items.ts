import type { Answer } from '../../faults/index.ts';
import { listedItem } from '../library/dto.ts';
import type { FolderType } from '../library/kinds.ts';
import type { Library } from '../library/library.ts';
import { traitsOf } from '../library/traits.ts';
import type { Account } from '../people.ts';
import type { ServerState } from '../state.ts';
import { dateText, idOf, type JsonObject } from '../text.ts';
import { type ApiRequest, json } from './answer.ts';
import { type ItemQuery, itemQuery } from './item-query.ts';

const FOLDERS: readonly FolderType[] = ['Series', 'Season', 'MusicAlbum', 'MusicArtist', 'BoxSet'];

/** A folder in two libraries is in both, and counts once. */
function distinct(libraries: readonly Library[]): readonly Library[] {
  return libraries.filter(({ path }, index) => libraries.findIndex((other) => other.path === path) === index);
}

/** /Items/Counts. */
export function itemCounts({ libraries, dialect }: ServerState, request: ApiRequest): Answer {
  const once = distinct(libraries);
  const played = (type: string): number =>
    once.filter(({ itemType }) => itemType === type).reduce((sum, { items }) => sum + items, 0);
  const folders = (type: FolderType): number => once.reduce((sum, library) => sum + library.folders(type), 0);
  const counts = {
    MovieCount: played('Movie'),
    SeriesCount: folders('Series'),
    EpisodeCount: played('Episode'),
    ArtistCount: dialect.since12 ? folders('MusicArtist') : 0, // never assigned before 12.0
    ProgramCount: 0,
    TrailerCount: 0,
    SongCount: played('Audio'),
    AlbumCount: folders('MusicAlbum'),
    MusicVideoCount: played('MusicVideo'),
    BoxSetCount: folders('BoxSet'),
    BookCount: 0,
  };
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const more = folders('Season') + played('Video') + 2 * libraries.length;
  return json(request, { ...counts, ItemCount: dialect.since12 ? all + more : 0 });
}

/** Where an item is found again: its library and its number there, or a folder by its type and number. */
interface Place {
  readonly library: Library;
  readonly number: number;
  readonly folder?: FolderType | 'CollectionFolder';
}

/** /Items: counts, pages and the lists of a user. */
export function items(state: ServerState, request: ApiRequest): Answer {
  const query = itemQuery(request, state.dialect);
  const places = query.missing ? [] : ordered(matching(state, query), query, state);
  const page = places.slice(query.start, query.start + query.limit);
  return json(request, {
    Items: page.map((place) => entry(place, state, query)),
    TotalRecordCount: query.total ? places.length : page.length,
    StartIndex: query.start,
  });
}

function matching(state: ServerState, query: ItemQuery): Place[] {
  const { parentId } = query;
  const within = state.libraries.filter(({ id }) => id === parentId);
  const libraries = parentId === undefined ? distinct(state.libraries) : within;
  const places: Place[] = [];
  for (const library of libraries) {
    if (wants(query, library.itemType)) gather(places, library, query);
    for (const folder of FOLDERS) {
      // 12.0 shows all artists in every library.
      if (folder === 'MusicArtist' && state.dialect.since12 && parentId !== undefined) continue;
      if (wantsFolder(query, folder)) addFolders(places, library, folder);
    }
    if (query.types.size === 0 && query.filters.length === 0)
      places.push({ library, number: 0, folder: 'CollectionFolder' });
  }
  if (state.dialect.since12 && parentId !== undefined && wantsFolder(query, 'MusicArtist')) {
    for (const library of distinct(state.libraries)) addFolders(places, library, 'MusicArtist');
  }
  return places;
}

function wants({ types }: ItemQuery, type: string): boolean {
  return types.size === 0 || types.has(type.toLowerCase());
}

/** Box sets stand for their films where these are collapsed; filters by streams and metadata are for what can be played. */
function wantsFolder(query: ItemQuery, type: FolderType): boolean {
  if (type === 'BoxSet' && query.collapse && query.types.has('movie')) return true;
  return wants(query, type) && query.filters.length === 0;
}

function gather(places: Place[], library: Library, { filters, collapse }: ItemQuery): void {
  const traits = traitsOf(library);
  for (let number = collapse ? library.boxed : 0; number < library.items; number += 1) {
    if (filters.every((filter) => filter(traits, number))) places.push({ library, number });
  }
}

function addFolders(places: Place[], library: Library, folder: FolderType): void {
  for (let number = 0; number < library.folders(folder); number += 1) places.push({ library, number, folder });
}

/** By date where it is asked for; else by library and number, which stands for the names. */
function ordered(
  places: Place[],
  { sortBy, descending, userId }: ItemQuery,
  { people }: ServerState,
): readonly Place[] {
  const user = people.accounts.find(({ id }) => id === userId);
  if (sortBy === 'playcount' && user !== undefined) {
    const counted = new Map(places.map((place) => [place, playsOf(place, user)]));
    places.sort((a, b) => (counted.get(a) ?? 0) - (counted.get(b) ?? 0));
  } else if (sortBy === 'datecreated') {
    places.sort((a, b) => a.number - b.number); // later numbers came later
  }
  return descending ? places.reverse() : places;
}

function playsOf({ library, number, folder }: Place, { playCounts }: Account): number {
  if (folder !== undefined || playCounts.size === 0) return 0;
  return playCounts.get(library.item(number).id)?.count ?? 0;
}

function entry(place: Place, state: ServerState, { fields, images, userData, userId }: ItemQuery): JsonObject {
  const { library, number, folder } = place;
  const user = userData ? state.people.accounts.find(({ id }) => id === userId) : undefined;
  if (folder !== undefined) return folderEntry(place, state, user);
  const item = library.item(number);
  const own = user === undefined ? undefined : userDataOf(item.id, user);
  return listedItem(item, state, { fields, images, ...(own !== undefined && { userData: own }) });
}

function userDataOf(id: string, { playCounts }: Account): JsonObject {
  const plays = playCounts.get(id);
  const dashed = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return {
    PlaybackPositionTicks: 0,
    PlayCount: plays?.count ?? 0,
    IsFavorite: false,
    LastPlayedDate: plays === undefined ? undefined : dateText(plays.last),
    Played: plays !== undefined,
    Key: dashed,
    ItemId: id,
  };
}

function folderEntry({ library, number, folder }: Place, server: ServerState, user: Account | undefined): JsonObject {
  const collection = folder === 'CollectionFolder';
  const id = collection ? library.id : idOf('folder', library.path, folder ?? '', number);
  return {
    Name: collection ? library.name : `${folder} ${number + 1}`,
    ServerId: server.id,
    Id: id,
    ChannelId: null,
    IsFolder: true,
    Type: folder,
    UserData: user === undefined ? undefined : userDataOf(id, user),
    ImageTags: {},
    BackdropImageTags: [],
    ImageBlurHashes: {},
    LocationType: 'FileSystem',
    MediaType: 'Unknown',
  };
}
