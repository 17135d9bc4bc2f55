import type { MediaType } from '@media-exporter/model';
import { secondsOf } from '../ticks.ts';
import { amount, fields, known, list, positive, text } from './json.ts';
import { mediaTypeOf } from './library.ts';

/** One item of a library, reduced to what is added up. */
export interface WalkItem {
  readonly id: string;
  readonly mediaType: MediaType;
  /** Absent where it is not known, as of a file that could not be read. */
  readonly seconds?: number;
  /** Its versions; of an item that has no file of its own, none. */
  readonly files: readonly MediaFile[];
}

/** One version of an item. */
export interface MediaFile {
  readonly id: string;
  /** Absent for what is no single file here: a disc, a stream, a link. */
  readonly bytes?: number;
  readonly video?: VideoStream;
  /** The codecs of its audio streams, each once. */
  readonly audio: readonly string[];
}

export interface VideoStream {
  readonly codec: string;
  readonly width?: number;
  /** SDR, HDR10, HLG, DOVI, …: the server's own words. */
  readonly range: string;
}

/** An entry of a page of `/Items`; `undefined` for what is no item that is played. */
export function parseWalkItem(entry: unknown): WalkItem | undefined {
  const raw = fields(entry);
  const id = text(raw?.Id);
  const mediaType = mediaTypeOf(text(raw?.Type) ?? '');
  if (raw === undefined || id === undefined || mediaType === undefined) return undefined;
  return known<WalkItem>({
    id,
    mediaType,
    seconds: secondsOf(positive(raw.RunTimeTicks)),
    files: list(raw.MediaSources)
      .map((source) => parseFile(source, id))
      .filter((file) => file !== undefined),
  });
}

function parseFile(source: unknown, itemId: string): MediaFile | undefined {
  const raw = fields(source);
  if (raw === undefined) return undefined;
  const streams = list(raw.MediaStreams).map((stream) => fields(stream) ?? {});
  // A cover is an EmbeddedImage, and no video.
  const video = streams.find(({ Type }) => Type === 'Video');
  const audio = streams.filter(({ Type }) => Type === 'Audio').map(({ Codec }) => codec(Codec));
  return known<MediaFile>({
    id: text(raw.Id) ?? itemId,
    bytes: amount(raw.Size),
    video:
      video && known<VideoStream>({ codec: codec(video.Codec), width: positive(video.Width), range: range(video) }),
    audio: [...new Set(audio)],
  });
}

function codec(value: unknown): string {
  return text(value)?.toLowerCase() ?? 'unknown';
}

/** 10.8 tells only SDR and HDR. */
function range({ VideoRangeType, VideoRange }: Readonly<Record<string, unknown>>): string {
  return text(VideoRangeType) ?? text(VideoRange) ?? 'Unknown';
}
