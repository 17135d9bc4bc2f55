import type { Clock } from '@media-exporter/metrics';
import type { Item } from '../library/item.ts';
import type { LogFiles } from '../logs/log-files.ts';
import type { ServerLog } from '../logs/server-log.ts';
import type { TranscodingInfo } from '../plays/session.ts';
import { idOf, pick } from '../text.ts';
import type { Truth } from '../truth.ts';
import { ffmpegText } from './ffmpeg.ts';
import { Job, type TranscodeOptions } from './transcode.ts';

/** ffmpeg tells of its progress about twice a second. */
const LINE_MS = 500;
/** Without a sign of its viewer ffmpeg is stopped. */
const PING_LIMIT_MS = 60_000;
/** From the order to stop to the end of the process. */
const STOP_MS = 600;
/** A device or a file that is not there is found missing soon. */
const FAILS_AFTER_MS = 300;

const LOG_NAMES = { video: 'Transcode', audio: 'DirectStream', remux: 'Remux' } as const;

/** @internal What the encoder needs of its server. */
export interface EncoderHost {
  readonly clock: Clock;
  /** The server's date, milliseconds since the epoch. */
  date(): number;
  readonly files: LogFiles;
  readonly log: ServerLog;
  readonly truth: Truth;
  /** What HardwareAccelerationType says: the setting, whatever ffmpeg uses. */
  hardware(): string | undefined;
  attach(deviceId: string, info: TranscodingInfo | undefined): void;
  /** Where the viewer of a play session is, in seconds; for the throttler. */
  position(playSessionId: string): number | undefined;
}

export interface JobOrder {
  readonly playSessionId: string;
  readonly deviceId: string;
  readonly item: Item;
  /** Seconds into the item. */
  readonly from: number;
  readonly options: TranscodeOptions;
}

/** The server's ffmpegs, with their logs. */
export class Encoder {
  readonly #host: EncoderHost;
  readonly #jobs = new Map<string, Job>();
  readonly #timers = new Map<Job, () => void>();
  #started = 0;

  constructor(host: EncoderHost) {
    this.#host = host;
  }

  /** Those at work. */
  get running(): readonly Job[] {
    return [...this.#jobs.values()].filter(({ exitCode }) => exitCode === undefined);
  }

  /** The server remembers a job until its viewer stops, whether ffmpeg still works or not. */
  has(playSessionId: string): boolean {
    return this.#jobs.has(playSessionId);
  }

  ping(playSessionId: string): void {
    const job = this.#jobs.get(playSessionId);
    if (job !== undefined) job.lastPing = this.#host.clock.now();
  }

  /** Starts ffmpeg, in the place of one that works for the same play session. */
  start(order: JobOrder): void {
    const before = this.#jobs.get(order.playSessionId);
    if (before !== undefined && before.exitCode === undefined) this.#quit(before);
    this.#started += 1;
    const kind = order.options.kind ?? 'video';
    const stamp = new Date(this.#host.date()).toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-');
    // An encoding of sound alone counts as a transcode where there is no picture to copy.
    const label = order.item.video === undefined ? 'Transcode' : LOG_NAMES[kind];
    const logName = `FFmpeg.${label}-${stamp}_${order.item.id}_${idOf('job', this.#started).slice(0, 8)}.log`;
    const job = new Job({ ...order, logName, startedAt: this.#host.clock.now() });
    this.#jobs.set(order.playSessionId, job);
    this.#host.truth.job(logName, label);
    this.#host.files.append(logName, ffmpegText.head(job));
    this.#tell(job);
    const { failure, startupMs = 700 } = order.options;
    const first = Math.min(startupMs, failure === undefined ? startupMs : (failure.afterMs ?? FAILS_AFTER_MS));
    this.#after(job, first, () => this.#line(job, first));
  }

  /** The viewer has stopped, or wants another quality: ffmpeg is told to quit. */
  stop(playSessionId: string): void {
    const job = this.#jobs.get(playSessionId);
    this.#jobs.delete(playSessionId);
    if (job === undefined || job.exitCode !== undefined) return;
    this.#after(job, STOP_MS, () => {
      this.#quit(job);
      // What the end of ffmpeg left on the session goes with the end of the request that stopped it.
      this.#after(job, STOP_MS, () => this.#host.attach(job.deviceId, undefined));
    });
  }

  /** With the server. Its ffmpegs are left behind, or end with it; nobody writes their logs on. */
  abandon(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#jobs.clear();
  }

  #line(job: Job, workedMs: number): void {
    const now = this.#host.clock.now();
    const { failure } = job.options;
    const lifetime = failure === undefined ? Number.POSITIVE_INFINITY : (failure.afterMs ?? FAILS_AFTER_MS);
    if (failure !== undefined && now - job.startedAt >= lifetime) {
      this.#host.files.append(job.logName, ffmpegText.failure(job, failure.kind));
      this.#exit(job, job.failureCode);
      return;
    }
    if (!this.#throttled(job)) {
      job.work(workedMs);
      job.lines += 1;
      this.#host.files.append(job.logName, ffmpegText.progress(job));
    }
    this.#tell(job);
    if (job.left !== undefined && job.left <= 0) {
      this.#host.files.append(job.logName, ffmpegText.tail(job, false));
      this.#exit(job, 0);
    } else if (now - job.lastPing > PING_LIMIT_MS) {
      this.#jobs.delete(job.playSessionId);
      this.#quit(job);
    } else {
      const next = Math.min(LINE_MS + pick(60, job.logName, job.lines), job.startedAt + lifetime - now);
      this.#after(job, next, () => this.#line(job, next));
    }
  }

  #throttled({ options, from, encoded, playSessionId }: Job): boolean {
    if (options.throttleAhead === undefined) return false;
    return from + encoded > (this.#host.position(playSessionId) ?? from) + options.throttleAhead;
  }

  /** Ends as ffmpeg does when it is told to. */
  #quit(job: Job): void {
    this.#host.files.append(job.logName, ffmpegText.tail(job, true));
    this.#exit(job, 0);
  }

  #exit(job: Job, code: number): void {
    job.exitCode = code;
    this.#timers.get(job)?.();
    this.#timers.delete(job);
    this.#host.truth.exit(job.logName, code);
    this.#tell(job);
    const level = code === 0 ? 'INF' : 'ERR';
    const source = 'MediaBrowser.MediaEncoding.Transcoding.TranscodeManager';
    this.#host.log.write(level, source, `FFmpeg exited with code ${code}`);
    if (code === 0) return;
    const about = `Error processing request. URL "GET" "/videos/${job.item.id}/hls1/main/0.ts".`;
    const repeated = `\nMediaBrowser.Common.FfmpegException: FFmpeg exited with code ${code}`;
    this.#host.log.write('ERR', 'Jellyfin.Api.Middleware.ExceptionMiddleware', about + repeated);
  }

  #tell(job: Job): void {
    this.#host.attach(job.deviceId, job.info(this.#host.hardware()));
  }

  #after(job: Job, delay: number, task: () => void): void {
    this.#timers.get(job)?.();
    const cancel = this.#host.clock.after(delay, () => {
      this.#timers.delete(job);
      task();
    });
    this.#timers.set(job, cancel);
  }
}
