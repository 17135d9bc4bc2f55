import type { Item, Library, SourceMedia } from './library.ts';
import type { Account, Player } from './people.ts';

/** The owner, people with accounts of their own, and names that are not easy on labels. */
export const ACCOUNTS: readonly Account[] = [
  { id: 1, name: 'olivia' },
  { id: 310_400_126, name: 'Dora', token: 'token-of-dora' },
  { id: 310_400_127, name: 'Zoë "Zed" O\'Neil' },
  { id: 310_400_128, name: 'back\\slash' },
  { id: 310_400_129, name: 'grandma' },
];

export const PLAYERS: readonly Player[] = [
  { title: 'SHIELD Android TV', device: 'SHIELD Android TV', product: 'Plex for Android (TV)', platform: 'Android' },
  // Has no device.
  { title: 'DESKTOP-7QX3F', product: 'Plex for Windows', platform: 'windows' },
  { title: 'Kitchen iPad', device: 'iPad', product: 'Plex for iOS', platform: 'iOS' },
  { title: 'Roku Express', device: 'Roku Express', product: 'Plex for Roku', platform: 'Roku' },
  { title: 'Chrome', device: 'Linux', product: 'Plex Web', platform: 'Chrome' },
  { title: "Zoë's iPhone", device: 'iPhone', product: 'Plexamp', platform: 'iOS' },
  { title: 'Bedroom TV', device: 'Samsung TV', product: 'Plex for Samsung', platform: 'Tizen' },
  { title: 'Attic', device: 'Raspberry Pi', product: 'Plex HTPC', platform: 'linux' },
];

const MINUTE = 60_000;
const TERABYTE = 1e12;

export const LIBRARIES: readonly Library[] = [
  {
    id: '1',
    title: 'Movies',
    type: 'movie',
    agent: 'tv.plex.agents.movie',
    scanner: 'Plex Movie',
    counts: { movie: 1203, collection: 40 },
    durationMs: 1203 * 110 * MINUTE,
    storageBytes: 9 * TERABYTE,
  },
  {
    id: '2',
    title: 'TV Shows',
    type: 'show',
    agent: 'tv.plex.agents.series',
    scanner: 'Plex TV Series',
    counts: { show: 150, season: 611, episode: 8140 },
    durationMs: 8140 * 41 * MINUTE,
    storageBytes: 12 * TERABYTE,
  },
  {
    id: '3',
    title: 'Music',
    type: 'artist',
    agent: 'tv.plex.agents.music',
    scanner: 'Plex Music',
    counts: { artist: 420, album: 980, track: 11_000 },
    durationMs: 11_000 * 4 * MINUTE,
    storageBytes: 0.3 * TERABYTE,
  },
  {
    id: '4',
    title: 'Photos',
    type: 'photo',
    agent: 'com.plexapp.agents.none',
    scanner: 'Plex Photo Scanner',
    counts: { photoalbum: 45, photo: 5200 },
    loosePhotos: 12,
    storageBytes: 0.02 * TERABYTE,
  },
  {
    id: '5',
    title: 'Home Videos',
    type: 'movie',
    agent: 'com.plexapp.agents.none',
    scanner: 'Plex Video Files Scanner',
    counts: { movie: 77 },
    durationMs: 77 * 6 * MINUTE,
    storageBytes: 0.1 * TERABYTE,
  },
];

const UHD: SourceMedia = {
  bitrateKbps: 48_000,
  container: 'mkv',
  videoResolution: '4k',
  width: 3840,
  height: 2160,
  videoCodec: 'hevc',
  audioCodec: 'truehd',
  audioChannels: 8,
};
const HD: SourceMedia = {
  bitrateKbps: 9800,
  container: 'mkv',
  videoResolution: '1080',
  width: 1920,
  height: 1080,
  videoCodec: 'h264',
  audioCodec: 'dca',
  audioChannels: 6,
  subtitleCodec: 'srt',
};
const SD: SourceMedia = {
  bitrateKbps: 1886,
  container: 'mp4',
  videoResolution: 'sd',
  width: 720,
  height: 404,
  videoCodec: 'h264',
  audioCodec: 'aac',
  audioChannels: 2,
};
const FLAC: SourceMedia = { bitrateKbps: 1014, container: 'flac', audioCodec: 'flac', audioChannels: 2 };
const BROADCAST: SourceMedia = {
  bitrateKbps: 8000,
  container: 'mpegts',
  videoResolution: '1080',
  width: 1920,
  height: 1080,
  videoCodec: 'mpeg2video',
  audioCodec: 'ac3',
  audioChannels: 6,
};

function movie(ratingKey: string, title: string, minutes: number, media: SourceMedia, library = '1'): Item {
  return { ratingKey, type: 'movie', title, library, durationMs: minutes * MINUTE, media };
}

function episode(ratingKey: string, show: string, season: number, index: number, title: string): Item {
  const names = { title, parentTitle: `Season ${season}`, grandparentTitle: show, parentIndex: season, index };
  return { ratingKey, type: 'episode', ...names, library: '2', durationMs: 42 * MINUTE, media: HD };
}

function track(ratingKey: string, artist: string, album: string, index: number, title: string): Item {
  const names = { title, parentTitle: album, grandparentTitle: artist, parentIndex: 1, index };
  return { ratingKey, type: 'track', ...names, library: '3', durationMs: 4 * MINUTE, media: FLAC };
}

/** Something of each kind. */
export const ITEMS: readonly Item[] = [
  movie('1001', 'The Long Evening', 124, UHD),
  movie('1002', 'Two Reels: "A Comedy"', 97, HD),
  { ...movie('1003', 'Wenn die Uhr schlägt', 88, SD), otherMedia: UHD },
  episode('2001', 'Harbour Lights', 1, 1, 'Pilot'),
  episode('2002', 'Harbour Lights', 1, 2, 'The Second Boat'),
  episode('2003', 'Harbour Lights', 1, 3, 'Low Tide'),
  episode('2004', 'Harbour Lights', 1, 4, 'High Tide'),
  track('3001', 'The Counters', 'Never Go Back', 1, 'Monotonic'),
  track('3002', 'The Counters', 'Never Go Back', 2, 'Reset'),
  track('3003', 'The Counters', 'Never Go Back', 3, 'Rate'),
  { ratingKey: '4001', type: 'photo', title: 'IMG_0001', parentTitle: '2024', library: '4', durationMs: 5000 },
  movie('5001', 'Birthday', 7, SD, '5'),
  {
    ratingKey: '203216',
    type: 'episode',
    title: 'The Evening News',
    grandparentTitle: 'The Evening News',
    durationMs: 0,
    media: BROADCAST,
    kind: 'live',
  },
  { ratingKey: '203214', type: 'clip', title: 'fancy_preroll', durationMs: 6000, media: SD, kind: 'preroll' },
  { ratingKey: '203217', type: 'track', title: 'Theme', library: '2', durationMs: 30_000, media: FLAC, kind: 'theme' },
];
