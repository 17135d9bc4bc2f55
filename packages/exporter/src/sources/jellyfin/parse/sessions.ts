import type { MediaType } from '@media-exporter/model';
import type { JellyfinSession, PlayingItem, PlayingStream, PlayMethod, Transcoding } from '../state.ts';
import { date, type Fields, fields, flag, guid, known, list, lookup, number, positive, text } from './json.ts';

const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  Movie: 'movie',
  Episode: 'episode',
  Audio: 'track',
  MusicVideo: 'video',
  Video: 'video',
  Trailer: 'video',
  Recording: 'video',
  TvChannel: 'live',
  LiveTvChannel: 'live',
  Program: 'live',
  TvProgram: 'live',
  LiveTvProgram: 'live',
  Photo: 'photo',
};

const METHODS: Readonly<Record<string, PlayMethod>> = {
  directplay: 'directplay',
  directstream: 'directstream',
  transcode: 'transcode',
};

const STREAMS: Readonly<Record<string, PlayingStream['type']>> = {
  Video: 'video',
  Audio: 'audio',
  Subtitle: 'subtitle',
};

/**
 * One entry of `/Sessions`. `undefined` for what is none, and for a session of nobody: those are what connects with an
 * API key.
 */
export function parseSession(entry: unknown): JellyfinSession | undefined {
  const raw = fields(entry);
  const id = text(raw?.Id);
  const userId = guid(raw?.UserId);
  if (raw === undefined || id === undefined || userId === undefined) return undefined;
  const play = fields(raw.PlayState) ?? {};
  return known<JellyfinSession>({
    id,
    userId,
    user: text(raw.UserName) ?? userId,
    client: text(raw.Client) ?? '',
    clientVersion: text(raw.ApplicationVersion) ?? '',
    device: text(raw.DeviceName) ?? '',
    deviceId: text(raw.DeviceId) ?? id,
    address: text(raw.RemoteEndPoint),
    lastActivity: date(raw.LastActivityDate),
    capable: list(raw.PlayableMediaTypes).length > 0 ? true : undefined,
    lastCheckIn: date(raw.LastPlaybackCheckIn),
    item: parseItem(raw.NowPlayingItem),
    paused: flag(play.IsPaused) ?? false,
    positionTicks: number(play.PositionTicks),
    method: lookup(METHODS, text(play.PlayMethod)?.toLowerCase()),
    audioStreamIndex: number(play.AudioStreamIndex),
    subtitleStreamIndex: number(play.SubtitleStreamIndex),
    transcoding: parseTranscoding(raw.TranscodingInfo),
    additionalUsers: list(raw.AdditionalUsers).flatMap((user) => {
      const userId = guid(fields(user)?.UserId);
      return userId === undefined ? [] : [{ id: userId, name: text(fields(user)?.UserName) ?? userId }];
    }),
  });
}

function parseItem(value: unknown): PlayingItem | undefined {
  const raw = fields(value);
  const id = text(raw?.Id);
  if (raw === undefined || id === undefined) return undefined;
  const type = text(raw.Type) ?? '';
  return known<PlayingItem>({
    id,
    type,
    mediaType: lookup(MEDIA_TYPES, type) ?? 'other',
    title: text(raw.Name) ?? '',
    series: text(raw.SeriesName) ?? text(raw.AlbumArtist),
    season: number(raw.ParentIndexNumber),
    episode: number(raw.IndexNumber),
    runTimeTicks: positive(raw.RunTimeTicks),
    streams: list(raw.MediaStreams).flatMap((stream) => parseStream(fields(stream)) ?? []),
  });
}

function parseStream(raw: Fields | undefined): PlayingStream | undefined {
  const type = lookup(STREAMS, text(raw?.Type));
  const index = number(raw?.Index);
  if (raw === undefined || type === undefined || index === undefined) return undefined;
  return known<PlayingStream>({
    type,
    index,
    codec: text(raw.Codec)?.toLowerCase() ?? '',
    bitsPerSecond: positive(raw.BitRate),
    width: positive(raw.Width),
    height: positive(raw.Height),
    framerate: plausible(positive(raw.AverageFrameRate)) ?? plausible(positive(raw.RealFrameRate)),
    external: flag(raw.IsExternal) ?? false,
  });
}

/** Files with broken timestamps have frame rates of many thousands. */
function plausible(framesPerSecond: number | undefined): number | undefined {
  return framesPerSecond !== undefined && framesPerSecond <= 1000 ? framesPerSecond : undefined;
}

function parseTranscoding(value: unknown): Transcoding | undefined {
  const raw = fields(value);
  if (raw === undefined) return undefined;
  const completion = number(raw.CompletionPercentage);
  return known<Transcoding>({
    videoCodec: text(raw.VideoCodec)?.toLowerCase(),
    audioCodec: text(raw.AudioCodec)?.toLowerCase(),
    videoDirect: flag(raw.IsVideoDirect) ?? false,
    audioDirect: flag(raw.IsAudioDirect) ?? false,
    bitsPerSecond: positive(raw.Bitrate),
    framerate: number(raw.Framerate),
    completionRatio: completion === undefined ? undefined : completion / 100,
    width: positive(raw.Width),
    height: positive(raw.Height),
    hardwareSetting: text(raw.HardwareAccelerationType)?.toLowerCase(),
    reasons: list(raw.TranscodeReasons).filter((reason) => typeof reason === 'string'),
  });
}
