import type { Item } from '../library/item.ts';
import { bitrateOf } from '../library/item.ts';
import type { TranscodingInfo } from '../plays/session.ts';

/** What ffmpeg has to do: encode the picture, encode the sound alone, or copy both into another container. */
export type JobKind = 'video' | 'audio' | 'remux';

/** How an ffmpeg ends that does not end well. */
export type FailureKind = 'missing-file' | 'corrupt-file' | 'no-device' | 'conversion' | 'killed';

export interface TranscodeOptions {
  readonly kind?: JobKind;
  /** Times real time. */
  readonly speed?: number;
  readonly hardware?: 'none' | 'vaapi' | 'qsv' | 'nvenc';
  readonly reasons?: readonly string[];
  readonly width?: number;
  readonly height?: number;
  /** What the server promises at most, in bits per second. */
  readonly bitrate?: number;
  readonly audioCopied?: boolean;
  readonly failure?: { readonly kind: FailureKind; readonly afterMs?: number };
  /** The throttler stops ffmpeg when it is so far ahead of the viewer. Seconds; without: never. */
  readonly throttleAhead?: number;
  /** From the order to the first line of progress. */
  readonly startupMs?: number;
}

const EXIT_CODES: Readonly<Record<FailureKind, number>> = {
  'missing-file': 1,
  'corrupt-file': 1,
  'no-device': 1,
  conversion: 187,
  killed: 137,
};

/** 137 is the server's own doing, when ffmpeg does not listen: no failure. */
export function isFailure(exitCode: number): boolean {
  return exitCode !== 0 && exitCode !== 137;
}

/** One run of ffmpeg. Its progress is told in lines; between them it stands still. */
export class Job {
  readonly playSessionId: string;
  readonly deviceId: string;
  readonly item: Item;
  readonly kind: JobKind;
  readonly options: TranscodeOptions;
  readonly logName: string;
  /** On the monotonic clock. */
  readonly startedAt: number;
  /** Seconds of the item. */
  readonly from: number;
  encoded = 0;
  /** Milliseconds in which ffmpeg worked. */
  workedMs = 0;
  /** Lines of progress so far. */
  lines = 0;
  segments = 0;
  lastPing: number;
  exitCode: number | undefined;

  constructor(fields: Pick<Job, 'playSessionId' | 'deviceId' | 'item' | 'options' | 'logName' | 'startedAt' | 'from'>) {
    this.playSessionId = fields.playSessionId;
    this.deviceId = fields.deviceId;
    this.item = fields.item;
    this.options = fields.options;
    this.logName = fields.logName;
    this.startedAt = fields.startedAt;
    this.from = fields.from;
    this.kind = fields.options.kind ?? (fields.item.video === undefined ? 'audio' : 'video');
    this.lastPing = fields.startedAt;
  }

  get speed(): number {
    return this.options.speed ?? (this.kind === 'remux' ? 300 : this.kind === 'audio' ? 40 : 4);
  }

  get failureCode(): number {
    return this.options.failure === undefined ? 0 : EXIT_CODES[this.options.failure.kind];
  }

  /** The average since its start, which is slow to climb. */
  get averageSpeed(): number {
    return this.workedMs === 0 ? 0 : (this.encoded * 1000) / this.workedMs;
  }

  get framesPerSecond(): number {
    const source = this.item.video?.framesPerSecond ?? 0;
    return Math.round(this.averageSpeed * source);
  }

  /** Of what there is to encode, or undefined for live television. */
  get left(): number | undefined {
    return this.item.runtime === undefined ? undefined : this.item.runtime - this.from - this.encoded;
  }

  /** Works for so many milliseconds; the first seconds are slower. */
  work(ms: number): void {
    const warm = Math.min(1, 0.4 + this.workedMs / 20_000);
    const seconds = (ms / 1000) * this.speed * warm;
    this.workedMs += ms;
    this.encoded += Math.min(seconds, this.left ?? Number.POSITIVE_INFINITY);
  }

  info(hardware: string | undefined): TranscodingInfo {
    const { item, kind, options } = this;
    const video = item.video;
    const copied = kind !== 'video';
    const music = video === undefined;
    const size = copied ? { width: video?.width, height: video?.height } : sizeOf(options);
    const told = this.lines > 0 && this.exitCode === undefined;
    return {
      audioCodec: music ? 'mp3' : 'aac',
      videoCodec: music ? undefined : copied ? video.codec : 'h264',
      container: music ? 'mp3' : 'ts',
      videoDirect: !music && copied,
      audioDirect: kind === 'remux' || (kind === 'video' && options.audioCopied === true),
      bitrate: options.bitrate ?? (music ? 128_000 : Math.max(4_713_316, kind === 'remux' ? bitrateOf(item) : 0)),
      width: music ? undefined : size.width,
      height: music ? undefined : size.height,
      audioChannels: music ? 1 : 2,
      reasons: options.reasons ?? [kind === 'remux' ? 'ContainerNotSupported' : 'VideoCodecNotSupported'],
      hardware,
      ...(told && { progress: { framesPerSecond: this.framesPerSecond, percent: this.percent } }),
    };
  }

  /** Of the item, at the encoder. */
  get percent(): number | undefined {
    return this.item.runtime === undefined ? undefined : ((this.from + this.encoded) / this.item.runtime) * 100;
  }
}

function sizeOf({ width = 1280, height = 720 }: TranscodeOptions): { width: number; height: number } {
  return { width, height };
}
