import type { Item } from './library.ts';
import type { Delivery } from './truth.ts';

export interface TranscodeOptions {
  /** `transcode` unless told; for music there is none. */
  readonly video?: 'copy' | 'transcode';
  readonly audio?: 'copy' | 'transcode';
  /** Absent: no subtitle is on. */
  readonly subtitle?: 'burn' | 'copy' | 'transcode';
  /** What the player gets. Defaults to the source's. */
  readonly bitrateKbps?: number;
  /** As Plex names it for an encoded stream: `720p`. Defaults to the source's. */
  readonly videoResolution?: '1080p' | '720p' | '480p' | 'SD';
  readonly protocol?: 'dash' | 'hls' | 'http';
  /** Accelerators: `{ decoding: 'vaapi', encoding: 'vaapi' }`. Absent: the processor does it. */
  readonly hardware?: { readonly decoding?: string; readonly encoding?: string };
  /** Seconds of media that a second of work makes, until the job is held back. */
  readonly speed?: number;
}

const DIMENSIONS = {
  '1080p': { width: 1920, height: 1080 },
  '720p': { width: 1280, height: 720 },
  '480p': { width: 854, height: 480 },
  SD: { width: 720, height: 404 },
} as const;

/** How far ahead of the player a job may be before it is held back. */
const THROTTLE_AHEAD_MS = 60_000;

const TITLES: Readonly<Record<string, string>> = {
  vaapi: 'Linux (VAAPI)',
  nvdec: 'NVIDIA (NVDEC)',
  nvenc: 'NVIDIA (NVENC)',
  qsv: 'Intel (QuickSync)',
  dxva2: 'Windows (DXVA2)',
  videotoolbox: 'macOS (VideoToolbox)',
};

/** Where a job is at one moment. */
export interface TranscodeProgress {
  /** Milliseconds of the media's own time up to which it has worked. */
  readonly offset: number;
  readonly throttled: boolean;
  readonly complete: boolean;
}

/** A transcoder at work for one session. */
export class Transcode {
  readonly id: string;
  readonly options: TranscodeOptions;
  readonly #item: Item;
  readonly #startedAt: number;
  readonly #startOffset: number;

  /** @param startedAt on the clock's monotonic time, milliseconds. */
  constructor(id: string, item: Item, options: TranscodeOptions, startedAt: number, startOffset: number) {
    this.id = id;
    this.#item = item;
    this.options = options;
    this.#startedAt = startedAt;
    this.#startOffset = startOffset;
  }

  /** Undefined for music. */
  get videoDecision(): 'copy' | 'transcode' | undefined {
    if (this.#item.media?.videoCodec === undefined) return undefined;
    return this.options.video ?? 'transcode';
  }

  get audioDecision(): 'copy' | 'transcode' {
    return this.options.audio ?? 'transcode';
  }

  get delivery(): Delivery {
    return this.videoDecision === 'transcode' || this.audioDecision === 'transcode' ? 'transcode' : 'direct_stream';
  }

  /** @param played where the player is, milliseconds of the media. */
  progress(now: number, played: number): TranscodeProgress {
    const worked = this.#startOffset + this.#speed * (now - this.#startedAt);
    const end = this.#item.kind === 'live' ? Number.POSITIVE_INFINITY : this.#item.durationMs;
    const allowed = Math.min(played + THROTTLE_AHEAD_MS, end);
    const complete = Math.min(worked, allowed) >= end;
    return { offset: Math.min(worked, allowed), throttled: !complete && worked > allowed, complete };
  }

  /**
   * The TranscodeSession object of the API and the socket.
   *
   * @param key the bare id, or the path, as the place wants it.
   * @param timeStamp milliseconds since the epoch.
   */
  describe(key: string, now: number, played: number, timeStamp: number): Record<string, unknown> {
    const { media, durationMs, kind } = this.#item;
    const { hardware, subtitle, protocol } = this.options;
    const live = kind === 'live';
    const { offset, throttled, complete } = this.progress(now, played);
    const speed = throttled || complete ? 0 : this.#speed;
    const video = this.videoDecision;
    const copied = this.delivery === 'direct_stream';
    return withoutUndefined({
      key,
      throttled,
      complete,
      progress: live ? -1 : Math.fround((100 * offset) / durationMs),
      size: -22,
      speed: Math.fround(speed),
      error: live ? undefined : false,
      duration: live ? 7_200_000 : durationMs,
      remaining: live ? undefined : Math.round((durationMs - offset) / this.#speed / 1000),
      context: live ? 'static' : 'streaming',
      sourceVideoCodec: live ? '' : media?.videoCodec,
      sourceAudioCodec: live ? '' : media?.audioCodec,
      videoDecision: video,
      audioDecision: this.audioDecision,
      subtitleDecision: subtitle,
      protocol: protocol ?? (live ? 'hls' : 'dash'),
      container: this.container,
      videoCodec: video === undefined ? undefined : live && copied ? '*' : this.videoCodec,
      audioCodec: live && copied ? '*' : this.audioCodec,
      audioChannels: 2,
      ...(video === undefined ? {} : this.dimensions),
      transcodeHwRequested: hardware !== undefined || live,
      transcodeHwDecoding: hardware?.decoding,
      transcodeHwDecodingTitle: hardware?.decoding === undefined ? undefined : TITLES[hardware.decoding],
      transcodeHwEncoding: hardware?.encoding,
      transcodeHwEncodingTitle: hardware?.encoding === undefined ? undefined : TITLES[hardware.encoding],
      transcodeHwFullPipeline:
        video === undefined ? undefined : hardware?.decoding !== undefined && hardware.encoding !== undefined,
      timeStamp: timeStamp / 1000,
      maxOffsetAvailable: offset / 1000,
      minOffsetAvailable: live ? 0 : this.#startOffset / 1000,
    });
  }

  /** Live television comes no faster than it is sent. */
  get #speed(): number {
    return this.options.speed ?? (this.#item.kind === 'live' ? 1 : 4);
  }

  /** `720p` of an encoded stream; what is copied gets the p as well. Undefined for music. */
  get videoResolution(): string | undefined {
    const source = this.#item.media?.videoResolution;
    return this.options.videoResolution ?? (source !== undefined && /^\d+$/.test(source) ? `${source}p` : source);
  }

  /** Pixels. */
  get dimensions(): { readonly width?: number; readonly height?: number } {
    const { width, height } = this.#item.media ?? {};
    const encoded = this.options.videoResolution;
    if (encoded !== undefined) return DIMENSIONS[encoded];
    return width === undefined || height === undefined ? {} : { width, height };
  }

  get container(): string {
    if (this.options.protocol === 'hls' || this.#item.kind === 'live') return 'mpegts';
    return this.options.protocol === 'http' ? 'mkv' : 'mp4';
  }

  get videoCodec(): string | undefined {
    return this.videoDecision === 'transcode' ? 'h264' : this.#item.media?.videoCodec;
  }

  get audioCodec(): string | undefined {
    return this.audioDecision === 'transcode' ? 'aac' : this.#item.media?.audioCodec;
  }
}

/** Absent keys are how Plex says that it has nothing. */
export function withoutUndefined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
