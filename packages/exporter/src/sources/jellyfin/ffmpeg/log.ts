import type { TranscodeKind } from '@media-exporter/model';
import { Lines } from './lines.ts';

/** How ffmpeg ended, as its log says: finished, or told to stop, is `success`. */
export type Ending = 'success' | 'failure' | 'killed';

/** What the log of one start of ffmpeg tells. */
export interface FfmpegLog {
  /** Absent while it runs, and where the log does not say. */
  readonly ending?: Ending;
  /**
   * An error stands in the log and no work has begun: it has failed, if it has ended. Only that nothing more is written
   * tells that it has.
   */
  readonly stuck: boolean;
  /** What is encoded; absent while that is not known, and where all streams are copied. */
  readonly kind?: TranscodeKind;
  /** The accelerator of the video encoder, `none` for the processor; absent like {@link kind}. */
  readonly hardware?: string;
  /** Media time over time since the start, as ffmpeg itself last told. */
  readonly speedRatio?: number;
}

/** ffmpeg says this last, once its work has begun and whatever comes before; 5 writes kB, 7 KiB. */
const SUMMARY = /^(?:\[[^\]]*\] )?video:\s*\d+\s*Ki?B audio:/i;
const PROGRESS = /^(?:frame=|size=).*\btime=/;
const SPEED = /\bspeed=\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)x/;

/** What stands in the log of a start that came to nothing. */
const ERRORS =
  /Conversion failed!|Error (?:opening|initializing|while opening|parsing|binding|splitting)|Error reinitializing|No space left on device|Cannot (?:load|determine|open)|Could not (?:open|find|write)|Device (?:creation|setup) failed|No such file or directory|No such filter|Invalid data found|Invalid argument|Input\/output error|Permission denied|Protocol not found|Option not found|Unrecognized option|Unknown (?:encoder|decoder)|Failed to (?:open|set value|inject|configure|initiali[sz]e)|Server returned|Connection (?:refused|timed out|reset)|Network is unreachable|Cannot allocate memory/i;

/** `Stream #0:0 -> #0:0 (h264 (native) -> h264 (h264_vaapi))`, or `overlay -> Stream #0:0 (libx264)` of a filter. */
const MAPPED = /-> (?:Stream )?#\d+:\d+.*?(?:-> \S+ \(([\w-]+)\)\)|\(([\w-]+)\))\s*$/;
const ACCELERATORS = /_(vaapi|qsv|nvenc|amf|videotoolbox|v4l2m2m|rkmpp|omx|mediacodec|vulkan|d3d12va|mf)$/;
const SOUND =
  /^(?:aac|aac_at|libfdk_aac|ac3|ac3_fixed|eac3|libmp3lame|mp3|mp2|mp2fixed|libtwolame|opus|libopus|vorbis|libvorbis|flac|alac|alac_at|dca|truehd|pcm_\w+|wmav[12]|wavpack|libspeex)$/;

/** Reads a log as it comes. Total: takes any bytes, keeps none, and quotes none. */
export class FfmpegLogReader {
  readonly #lines = new Lines((line) => this.#line(line));
  #ending: Ending | undefined;
  #begun = false;
  #error = false;
  #mapping = false;
  #video = false;
  #sound = false;
  #hardware: string | undefined;
  #speed: number | undefined;

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** What was read until now. */
  end(): FfmpegLog {
    this.#lines.end();
    const encodes = this.#video || this.#sound;
    return {
      stuck: this.#ending === undefined && !this.#begun && this.#error,
      ...(this.#ending === undefined ? {} : { ending: this.#ending }),
      ...(encodes ? { kind: this.#kind(), hardware: this.#hardware ?? 'none' } : {}),
      ...(this.#speed === undefined ? {} : { speedRatio: this.#speed }),
    };
  }

  #kind(): TranscodeKind {
    if (this.#video) return this.#sound ? 'both' : 'video';
    return 'audio';
  }

  #line(line: string): void {
    if (line === 'Stream mapping:') this.#mapping = true;
    else if (this.#mapping && line.startsWith('  ')) this.#map(line);
    else this.#told(line);
  }

  #told(line: string): void {
    this.#mapping = false;
    if (line.includes('Press [q] to stop')) this.#begun = true;
    else if (PROGRESS.test(line)) {
      this.#begun = true;
      const speed = Number(SPEED.exec(line)?.[1]);
      if (speed > 0) this.#speed = speed;
    } else if (line.includes('Conversion failed!')) this.#ending = 'failure';
    else if (line.includes('Exiting normally, received signal')) this.#ending ??= 'killed';
    else if (line.includes('[q] command received') || SUMMARY.test(line)) this.#ending ??= 'success';
    else if (!this.#error) this.#error = ERRORS.test(line);
  }

  #map(line: string): void {
    const match = MAPPED.exec(line);
    const encoder = (match?.[1] === 'native' ? /-> (\S+) \(native\)\)/.exec(line)?.[1] : match?.[1]) ?? match?.[2];
    if (encoder === undefined || encoder === 'copy') return;
    if (SOUND.test(encoder)) this.#sound = true;
    else {
      this.#video = true;
      this.#hardware = ACCELERATORS.exec(encoder)?.[1] ?? this.#hardware;
    }
  }
}
