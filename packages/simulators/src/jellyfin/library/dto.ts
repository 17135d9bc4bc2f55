import type { Dialect } from '../dialect.ts';
import { dateText, idOf, type JsonObject, ticks } from '../text.ts';
import { bitrateOf, type Item } from './item.ts';
import { streamsOf } from './stream.ts';

export interface Server {
  readonly id: string;
  readonly dialect: Dialect;
}

const ROOT = /[^/]+$/;

function mediaType(item: Item): string {
  return item.type === 'Audio' ? 'Audio' : item.type === 'Photo' ? 'Photo' : 'Video';
}

function isVideo(item: Item): boolean {
  return item.type !== 'Audio' && item.type !== 'Photo' && item.type !== 'TvChannel';
}

function runtimeTicks(item: Item): number | undefined {
  return item.runtime === undefined ? undefined : ticks(item.runtime);
}

/** What every answer about an item begins with. */
function identity(item: Item, server: Server): JsonObject {
  return {
    Name: item.name,
    ServerId: server.id,
    Id: item.id,
    Container: item.container,
    HasSubtitles: item.subtitles.length > 0 ? true : undefined,
    HasLyrics: item.type === 'Audio' && server.dialect.since109 ? false : undefined,
    ChannelId: null,
    RunTimeTicks: runtimeTicks(item),
    ProductionYear: item.year,
    IndexNumber: item.index,
    ParentIndexNumber: item.series?.season,
    IsFolder: false,
    Type: item.type,
    ...(item.type === 'Audio' && { Artists: [], ArtistItems: [], AlbumArtists: [] }),
    Album: item.album?.name,
    AlbumId: item.album?.id,
    SeriesName: item.series?.name,
    SeriesId: item.series?.id,
    SeasonId: item.series?.seasonId,
    SeasonName: item.series === undefined ? undefined : `Season ${item.series.season}`,
    VideoType: isVideo(item) ? 'VideoFile' : undefined,
    LocationType: item.type === 'TvChannel' ? 'Remote' : 'FileSystem',
    MediaType: mediaType(item),
  };
}

/** NowPlayingItem of a session: no MediaSources, no size, no rate of the whole. */
export function playingItem(item: Item, server: Server): JsonObject {
  return {
    ...identity(item, server),
    DateCreated: dateText(item.created),
    ExternalUrls: [],
    Path: item.path,
    EnableMediaSourceDisplay: true,
    Overview: item.overview,
    Taglines: [],
    Genres: [],
    ProviderIds: item.providers,
    IsHD: item.video !== undefined && item.video.width >= 1200 ? true : undefined,
    ParentId: item.parentId,
    Studios: [],
    GenreItems: [],
    LocalTrailerCount: 0,
    SpecialFeatureCount: 0,
    SeriesStudio: item.series === undefined ? undefined : '',
    MediaStreams: streamsOf(item, server.dialect),
    ImageTags: {},
    BackdropImageTags: [],
    ImageBlurHashes: {},
    Chapters: item.type === 'Audio' && !server.dialect.since12 ? undefined : [],
    Trickplay: isVideo(item) && server.dialect.since109 ? {} : undefined,
    Width: item.video?.width,
    Height: item.video?.height,
  };
}

/** One of MediaSources, with its size and streams. */
export function mediaSource(item: Item, server: Server): JsonObject {
  const size = item.bytes;
  return {
    Protocol: 'File',
    Id: item.id,
    Path: item.path,
    Type: 'Default',
    Container: item.container ?? (item.bytes === 0 ? 'mkv' : undefined),
    Size: size,
    Name: (ROOT.exec(item.path)?.[0] ?? '').replace(/\.[^.]+$/, ''),
    IsRemote: false,
    ETag: idOf('etag', item.id),
    RunTimeTicks: runtimeTicks(item),
    ReadAtNativeFramerate: false,
    IgnoreDts: false,
    IgnoreIndex: false,
    GenPtsInput: false,
    SupportsTranscoding: true,
    SupportsDirectStream: true,
    SupportsDirectPlay: true,
    IsInfiniteStream: false,
    UseMostCompatibleTranscodingProfile: server.dialect.since1010 ? false : undefined,
    RequiresOpening: false,
    RequiresClosing: false,
    RequiresLooping: false,
    SupportsProbing: true,
    VideoType: isVideo(item) ? 'VideoFile' : undefined,
    MediaStreams: streamsOf(item, server.dialect),
    MediaAttachments: [],
    Formats: [],
    Bitrate: bitrateOf(item) === 0 ? undefined : bitrateOf(item),
    RequiredHttpHeaders: {},
    TranscodingSubProtocol: server.dialect.since109 ? 'http' : undefined,
    HasSegments: server.dialect.since1010 ? false : undefined,
  };
}

export interface ItemFields {
  /** Lower-case names of what `fields` asked for. */
  readonly fields: ReadonlySet<string>;
  readonly images: boolean;
  readonly userData?: JsonObject;
}

/** An entry of /Items: the least, and what was asked for. */
export function listedItem(item: Item, server: Server, { fields, images, userData }: ItemFields): JsonObject {
  const has = (name: string): boolean => fields.has(name);
  return {
    ...identity(item, server),
    DateCreated: has('datecreated') ? dateText(item.created) : undefined,
    MediaSources: has('mediasources') ? [mediaSource(item, server)] : undefined,
    MediaStreams: has('mediastreams') ? streamsOf(item, server.dialect) : undefined,
    Path: has('path') ? item.path : undefined,
    Overview: has('overview') ? item.overview : undefined,
    ProviderIds: has('providerids') ? item.providers : undefined,
    ParentId: has('parentid') ? item.parentId : undefined,
    Width: has('width') ? item.video?.width : undefined,
    Height: has('height') ? item.video?.height : undefined,
    UserData: userData,
    ImageTags: images ? {} : undefined,
    BackdropImageTags: images ? [] : undefined,
    ImageBlurHashes: {},
  };
}

/** An entry of NowPlayingQueueFullItems: everything, streams twice, some 11 kB. */
export function queuedItem(item: Item, server: Server): JsonObject {
  const { Chapters: _, Trickplay: __, ...playing } = playingItem(item, server);
  return {
    ...playing,
    Etag: idOf('etag', item.id),
    CanDelete: true,
    CanDownload: true,
    SortName: item.name.toLowerCase(),
    MediaSources: [mediaSource(item, server)],
    RemoteTrailers: [],
    People: [],
    DisplayPreferencesId: idOf('preferences', item.type),
    Tags: [],
    LockedFields: [],
    LockData: false,
  };
}
