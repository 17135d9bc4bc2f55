/** The server's own names of collection types; `mixed` has none in its answers. */
export type LibraryKind = 'movies' | 'tvshows' | 'music' | 'homevideos' | 'musicvideos' | 'mixed';

/** What can be played, by the server's own names of types. */
export type PlayableType = 'Movie' | 'Episode' | 'Audio' | 'MusicVideo' | 'Video' | 'Photo' | 'TvChannel';

/** The types of folders that an item query can ask for. */
export type FolderType = 'Series' | 'Season' | 'MusicAlbum' | 'MusicArtist' | 'BoxSet';
