import { idOf, pick } from '../text.ts';
import type { AudioTrack, Item, VideoTrack } from './item.ts';
import type { LibraryKind, PlayableType } from './kinds.ts';

export const EPISODES_PER_SEASON = 8;
export const SEASONS_PER_SERIES = 3;
export const TRACKS_PER_ALBUM = 10;

/** What items need to know of the library that they are in. */
export interface Origin {
  readonly id: string;
  readonly kind: LibraryKind;
  readonly path: string;
  readonly itemType: PlayableType;
  /** Every so many files is empty. 0 for none. */
  readonly emptyEvery: number;
}

const FIRST_DAY = Date.UTC(2019, 0, 1);
const APART = 600_000; // items came into the library ten minutes after one another

const ADJECTIVES = ['Copper', 'Paper', 'Glass', 'Night', 'Long', 'Torn', 'Silent', 'Second', 'Hollow', 'Amber'];
const NOUNS = ['Harbour', 'Lantern', 'Orchard', 'Ferry', 'Meridian', 'Reel', 'Signal', 'Voice', 'Mast', 'Carrier'];

interface Picture extends VideoTrack {
  readonly container: string;
}

const MP4 = 'mov,mp4,m4a,3gp,3g2,mj2';
const sdr = { framesPerSecond: 23.976025, hdr: false };
const PICTURES: readonly Picture[] = [
  { ...sdr, codec: 'h264', width: 1920, height: 1080, bitrate: 4_800_000, container: 'mkv' },
  { ...sdr, codec: 'h264', width: 1280, height: 720, bitrate: 2_100_000, framesPerSecond: 25, container: MP4 },
  { ...sdr, codec: 'hevc', width: 3840, height: 2160, bitrate: 18_000_000, hdr: true, container: 'mkv' },
  { ...sdr, codec: 'h264', width: 1920, height: 804, bitrate: 5_200_000, container: 'mkv' },
  { ...sdr, codec: 'mpeg4', width: 640, height: 480, bitrate: 1_100_000, framesPerSecond: 25, container: 'avi' },
  { ...sdr, codec: 'hevc', width: 1920, height: 1080, bitrate: 3_000_000, container: 'mkv' },
  { ...sdr, codec: 'av1', width: 2560, height: 1440, bitrate: 6_000_000, framesPerSecond: 50, container: 'mkv' },
  { ...sdr, codec: 'vp9', width: 1280, height: 720, bitrate: 1_500_000, framesPerSecond: 30, container: 'webm' },
];

const SOUNDS: readonly AudioTrack[] = [
  { codec: 'aac', channels: 2, sampleRate: 48_000, bitrate: 192_000, language: 'eng' },
  { codec: 'ac3', channels: 6, sampleRate: 48_000, bitrate: 640_000, language: 'eng' },
  { codec: 'eac3', channels: 6, sampleRate: 48_000, bitrate: 768_000, language: 'deu' },
  { codec: 'dts', channels: 6, sampleRate: 48_000, bitrate: 1_536_000 },
];

const MUSIC: readonly (AudioTrack & { readonly container: string })[] = [
  { codec: 'flac', channels: 2, sampleRate: 44_100, bitrate: 900_000, container: 'flac' },
  { codec: 'mp3', channels: 2, sampleRate: 44_100, bitrate: 320_000, container: 'mp3' },
];

function title(...words: readonly (string | number)[]): string {
  return `${ADJECTIVES[pick(10, 'a', ...words)]} ${NOUNS[pick(10, 'n', ...words)]}`;
}

/** Item `number` of a library: the same each time, and later numbers came into the library later. */
export function itemAt(library: Origin, number: number): Item {
  const base = { id: idOf('item', library.path, number), created: FIRST_DAY + number * APART };
  const own = { ...base, libraryKind: library.kind, parentId: library.id };
  const empty = library.emptyEvery > 0 && number % library.emptyEvery === library.emptyEvery - 1;
  if (library.kind === 'music') return track(library, number, own);
  if (empty) return nothing(library, number, own);
  return filmed(library, number, own);
}

type Own = Pick<Item, 'id' | 'created' | 'libraryKind' | 'parentId'>;

function filmed(library: Origin, number: number, own: Own): Item {
  const { container, ...video } = PICTURES[pick(PICTURES.length, own.id)] as Picture;
  const audio = [SOUNDS[pick(SOUNDS.length, 's', own.id)] as AudioTrack];
  if (pick(4, 'second', own.id) === 0) audio.push(SOUNDS[0] as AudioTrack);
  const subtitles = pick(3, 'sub', own.id) === 0 ? [{ codec: 'subrip', language: 'eng', external: false }] : [];
  const minutes = library.kind === 'tvshows' ? 40 + pick(20, 'm', own.id) : 80 + pick(60, 'm', own.id);
  const runtime = library.kind === 'homevideos' ? 60 + pick(600, 'm', own.id) : minutes * 60;
  const bits = video.bitrate + audio.reduce((sum, { bitrate }) => sum + bitrate, 0);
  const stream = { container, video, audio, subtitles, runtime, bytes: Math.round((runtime * bits) / 8) };
  const file = container === MP4 ? 'mp4' : container;
  if (library.kind === 'tvshows') return { ...own, ...stream, ...episode(library, number, file) };
  const year = 1960 + pick(65, 'y', own.id);
  const name = `${title(own.id)} ${number + 1}`;
  const known = pick(10, 'known', own.id);
  return {
    ...own,
    ...stream,
    name,
    type: library.itemType,
    path: `${library.path}/${name} (${year})/${name} (${year}).${file}`,
    year,
    ...(known < 8 && { overview: 'A made-up film.' }),
    providers: known < 6 ? { Tmdb: `${900_000 + number}`, Imdb: `tt${9_900_000 + number}` } : {},
  };
}

type Naming = Pick<Item, 'name' | 'type' | 'path' | 'providers' | 'series' | 'index'>;

function episode(library: Origin, number: number, file: string): Naming {
  const show = Math.floor(number / (EPISODES_PER_SEASON * SEASONS_PER_SERIES));
  const season = (Math.floor(number / EPISODES_PER_SEASON) % SEASONS_PER_SERIES) + 1;
  const index = (number % EPISODES_PER_SEASON) + 1;
  const series = `${title('show', library.path, show)} ${show + 1}`;
  const name = `${title('episode', library.path, number)}`;
  const place = `S${String(season).padStart(2, '0')}E${String(index).padStart(2, '0')}`;
  return {
    name,
    type: 'Episode',
    path: `${library.path}/${series}/Season ${String(season).padStart(2, '0')}/${series} ${place} - ${name}.${file}`,
    providers: pick(2, 'tvdb', library.path, number) === 0 ? { Tvdb: `${700_000 + number}` } : {},
    series: {
      id: idOf('series', library.path, show),
      name: series,
      season,
      seasonId: idOf('season', library.path, show, season),
    },
    index,
  };
}

function track(library: Origin, number: number, own: Own): Item {
  const { container, ...sound } = MUSIC[pick(MUSIC.length, own.id)] as (typeof MUSIC)[number];
  const record = Math.floor(number / TRACKS_PER_ALBUM);
  const index = (number % TRACKS_PER_ALBUM) + 1;
  const album = {
    id: idOf('album', library.path, record),
    name: `${title('album', library.path, record)} ${record + 1}`,
  };
  const runtime = 120 + pick(240, 'm', own.id);
  const name = `Track ${index}`;
  return {
    ...own,
    name,
    type: 'Audio',
    path: `${library.path}/${album.name}/${String(index).padStart(2, '0')} ${name}.${container}`,
    container,
    bytes: Math.round((runtime * sound.bitrate) / 8),
    runtime,
    providers: {},
    audio: [sound],
    subtitles: [],
    cover: sound.codec === 'flac',
    album,
    index,
    parentId: album.id,
  };
}

/** A file of no bytes, as a broken copy leaves it. */
function nothing(library: Origin, number: number, own: Own): Item {
  const name = `Empty Can ${number + 1}`;
  const path = `${library.path}/${name}/${name}.mkv`;
  const type = library.itemType;
  return { ...own, name, type, path, bytes: 0, providers: {}, audio: [], subtitles: [], year: 2016 };
}

/** A television channel: without a run time, and without rates of its streams. */
export function channelAt(number: number): Item {
  const [video, sound] = [PICTURES[0] as Picture, SOUNDS[0] as AudioTrack];
  return {
    id: idOf('channel', number),
    name: `Channel ${number}`,
    type: 'TvChannel',
    path: `http://192.168.1.9/channels/${number}`,
    container: 'ts',
    created: FIRST_DAY,
    providers: {},
    video: { ...video, bitrate: 0 },
    audio: [{ ...sound, bitrate: 0 }],
    subtitles: [],
    parentId: idOf('folder', 'channels'),
    libraryKind: 'mixed',
  };
}
