import type { Answer } from '../../faults/index.ts';
import type { ServerState } from '../state.ts';
import { type ApiRequest, json } from './answer.ts';

/** /Items/Counts. */
export function itemCounts(state: ServerState, request: ApiRequest): Answer {
  const played = (type: string): number =>
    state.libraries.filter(({ itemType }) => itemType === type).reduce((sum, { items }) => sum + items, 0);
  const folders = (type: 'Series' | 'Season' | 'MusicAlbum' | 'MusicArtist' | 'BoxSet'): number =>
    state.libraries.reduce((sum, library) => sum + library.folders(type), 0);
  const { since12 } = state.dialect;
  const counts = {
    MovieCount: played('Movie'),
    SeriesCount: folders('Series'),
    EpisodeCount: played('Episode'),
    ArtistCount: since12 ? folders('MusicArtist') : 0, // never assigned before 12.0
    ProgramCount: 0,
    TrailerCount: 0,
    SongCount: played('Audio'),
    AlbumCount: folders('MusicAlbum'),
    MusicVideoCount: played('MusicVideo'),
    BoxSetCount: folders('BoxSet'),
    BookCount: 0,
  };
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const more = folders('Season') + played('Video') + 2 * state.libraries.length;
  return json(request, { ...counts, ItemCount: since12 ? all + more : 0 });
}

export function items(_state: ServerState, request: ApiRequest): Answer {
  return json(request, { Items: [], TotalRecordCount: 0, StartIndex: 0 });
}
