import type { Dialect } from '../dialect.ts';
import type { JsonObject } from '../text.ts';
import type { AudioTrack, Item, SubtitleTrack, VideoTrack } from './item.ts';

const MP4 = /^mov|^mp4/;

/** What the streams of one file look like, as MediaStreams lists them. */
export function streamsOf(item: Item, dialect: Dialect): readonly JsonObject[] {
  const streams: JsonObject[] = [];
  const base = baseOf(item.container ?? '', dialect);
  // 10.11 takes the rate of the whole file for that of the picture where a Matroska file has no statistics.
  const whole = item.audio.reduce((sum, { bitrate }) => sum + bitrate, item.video?.bitrate ?? 0);
  const blurred = !dialect.since12 && item.container === 'mkv';
  if (item.video !== undefined) {
    streams.push(videoStream(item.video, base, blurred ? whole : item.video.bitrate));
  }
  for (const track of item.audio) streams.push(audioStream(track, { ...base, index: streams.length }));
  for (const track of item.subtitles) streams.push(subtitleStream(track, { ...base, index: streams.length }));
  if (item.cover === true) streams.push(coverStream({ ...base, index: streams.length }));
  return streams;
}

interface Base {
  readonly dialect: Dialect;
  readonly mp4: boolean;
  readonly index: number;
}

function baseOf(container: string, dialect: Dialect): Base {
  return { dialect, mp4: MP4.test(container), index: 0 };
}

/** What all streams have. */
function common({ dialect, index }: Base): JsonObject {
  return {
    IsInterlaced: false,
    IsDefault: false,
    IsForced: false,
    IsHearingImpaired: dialect.since109 ? false : undefined,
    IsOriginal: dialect.since12 ? false : undefined,
    Index: index,
    IsExternal: false,
    IsTextSubtitleStream: false,
    SupportsExternalStream: false,
    VideoRange: dialect.since109 ? 'Unknown' : undefined,
    VideoRangeType: dialect.since109 ? 'Unknown' : undefined,
    AudioSpatialFormat: dialect.since109 ? 'None' : undefined,
  };
}

function videoStream(track: VideoTrack, base: Base, bitrate: number): JsonObject {
  const { dialect, mp4 } = base;
  const h264 = track.codec === 'h264';
  const name = track.height > 1440 ? '4K' : `${track.height}p`;
  return {
    Codec: track.codec,
    CodecTag: mp4 && !dialect.since12 ? 'avc1' : undefined,
    Language: mp4 ? 'und' : undefined,
    ColorSpace: track.hdr ? 'bt2020nc' : undefined,
    ColorTransfer: track.hdr ? 'smpte2084' : undefined,
    ColorPrimaries: track.hdr ? 'bt2020' : undefined,
    TimeBase: mp4 ? '1/12800' : '1/1000',
    ...common(base),
    VideoRange: track.hdr ? 'HDR' : 'SDR',
    VideoRangeType: track.hdr ? 'HDR10' : 'SDR',
    DisplayTitle: `${name} ${track.codec.toUpperCase()} ${track.hdr ? 'HDR' : 'SDR'}`,
    NalLengthSize: h264 ? '4' : undefined,
    IsAVC: h264 ? true : dialect.since12 ? undefined : false,
    BitRate: bitrate === 0 ? undefined : bitrate,
    BitDepth: track.hdr ? 10 : 8,
    RefFrames: 1,
    IsDefault: mp4,
    Height: track.height,
    Width: track.width,
    AverageFrameRate: track.framesPerSecond,
    RealFrameRate: track.framesPerSecond,
    ReferenceFrameRate: dialect.since1010 ? track.framesPerSecond : undefined,
    Profile: track.hdr ? 'Main 10' : h264 ? 'High' : 'Main',
    Type: 'Video',
    AspectRatio: '16:9',
    PixelFormat: track.hdr ? 'yuv420p10le' : 'yuv420p',
    Level: 40,
    IsAnamorphic: false,
  };
}

function audioStream(track: AudioTrack, base: Base): JsonObject {
  const { dialect, mp4 } = base;
  const layout = track.channels === 1 ? 'mono' : track.channels === 2 ? 'stereo' : '5.1';
  const language = track.language ?? (mp4 ? 'und' : undefined);
  return {
    Codec: track.codec,
    CodecTag: mp4 && !dialect.since12 ? 'mp4a' : undefined,
    Language: language,
    TimeBase: mp4 ? `1/${track.sampleRate}` : '1/1000',
    ...common(base),
    LocalizedDefault: 'Default',
    LocalizedExternal: 'External',
    LocalizedLanguage: dialect.since12 && language !== undefined ? 'Undetermined' : undefined,
    LocalizedOriginal: dialect.since12 ? 'Original' : undefined,
    DisplayTitle: `${track.codec.toUpperCase()} - ${layout}`,
    IsAVC: dialect.since12 ? undefined : false,
    ChannelLayout: layout,
    BitRate: track.bitrate === 0 ? undefined : track.bitrate,
    BitDepth: track.codec === 'flac' ? 16 : undefined,
    Channels: track.channels,
    SampleRate: track.sampleRate,
    IsDefault: mp4,
    Profile: track.codec === 'aac' ? 'LC' : undefined,
    Type: 'Audio',
    Level: dialect.since12 ? undefined : 0,
  };
}

function subtitleStream(track: SubtitleTrack, base: Base): JsonObject {
  const { dialect } = base;
  return {
    Codec: track.codec,
    Language: track.language,
    TimeBase: '1/1000',
    ...common(base),
    LocalizedUndefined: 'Undefined',
    LocalizedDefault: 'Default',
    LocalizedForced: 'Forced',
    LocalizedExternal: 'External',
    LocalizedHearingImpaired: dialect.since109 ? 'Hearing Impaired' : undefined,
    LocalizedLanguage: dialect.since12 ? 'English' : undefined,
    DisplayTitle: `English - ${track.codec.toUpperCase()}`,
    IsAVC: dialect.since12 ? undefined : false,
    Height: dialect.since12 ? undefined : 0,
    Width: dialect.since12 ? undefined : 0,
    Type: 'Subtitle',
    IsExternal: track.external,
    IsTextSubtitleStream: true,
    SupportsExternalStream: true,
    Level: dialect.since12 ? undefined : 0,
  };
}

/** The picture on a record's sleeve: a stream with a codec and an absurd frame rate that is no video. */
function coverStream(base: Base): JsonObject {
  return {
    Codec: 'mjpeg',
    ColorSpace: 'bt470bg',
    Comment: 'Other',
    TimeBase: '1/90000',
    ...common(base),
    IsAVC: base.dialect.since12 ? undefined : false,
    BitDepth: 8,
    RefFrames: 1,
    Height: 600,
    Width: 600,
    RealFrameRate: 90_000,
    ReferenceFrameRate: base.dialect.since1010 ? 90_000 : undefined,
    Profile: 'Baseline',
    Type: 'EmbeddedImage',
    AspectRatio: '1:1',
    PixelFormat: 'yuvj420p',
    Level: -99,
    IsAnamorphic: false,
  };
}
