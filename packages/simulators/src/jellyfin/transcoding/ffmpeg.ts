import type { FailureKind, Job } from './transcode.ts';

/** What ffmpeg writes, in the form of versions 5 to 7 and with what Jellyfin puts before it. */
export interface FfmpegText {
  /** The two paragraphs of the server and ffmpeg's banner, up to the first line of progress. */
  head(job: Job): string;
  progress(job: Job): string;
  /** Its last words after it ended well, or was told to. */
  tail(job: Job, stopped: boolean): string;
  failure(job: Job, kind: FailureKind): string;
}

const LIBRARIES = ['avutil', 'avcodec', 'avformat', 'avdevice', 'avfilter', 'swscale', 'swresample'];

export const ffmpegText: FfmpegText = { head, progress, tail, failure };

const HARDWARE_ENCODERS: Readonly<Record<string, string>> = {
  vaapi: 'h264_vaapi',
  qsv: 'h264_qsv',
  nvenc: 'h264_nvenc',
};

function encoderOf(job: Job): string {
  return HARDWARE_ENCODERS[job.options.hardware ?? 'none'] ?? 'libx264';
}

function sourceLine({ item }: Job): string {
  return JSON.stringify({ Protocol: 0, Id: item.id, Path: item.path, Container: item.container, Size: item.bytes });
}

function command(job: Job): string {
  const seek = job.from > 0 ? ` -ss ${clockTime(job.from, 3)}` : '';
  const video = job.item.video === undefined ? '' : ` -codec:v:0 ${job.kind === 'video' ? encoderOf(job) : 'copy'}`;
  const audio = job.info(undefined).audioDirect ? 'copy' : job.item.video === undefined ? 'libmp3lame' : 'aac';
  return (
    `/usr/lib/jellyfin-ffmpeg/ffmpeg -analyzeduration 200M -probesize 1G${seek} -i file:"${job.item.path}"` +
    ` -map_metadata -1 -map_chapters -1 -threads 0${video} -codec:a:0 ${audio} -f hls -hls_time 3` +
    ` -y "/var/cache/jellyfin/transcodes/${job.playSessionId}.m3u8"`
  );
}

function head(job: Job): string {
  const banner = LIBRARIES.map(
    (name, index) => `  lib${name.padEnd(14)} ${58 - index}. 29.100 / ${58 - index}. 29.100`,
  );
  return [
    sourceLine(job),
    '',
    command(job),
    '',
    '',
    'ffmpeg version 7.1.2-Jellyfin Copyright (c) 2000-2026 the FFmpeg developers',
  ]
    .concat('  built with gcc 14.2.0 (crosstool-NG 1.27.0)', banner, '')
    .join('\n');
}

function opened(job: Job): string {
  const { item } = job;
  const format = item.container === 'mkv' ? 'matroska,webm' : (item.container ?? 'unknown');
  const lines = [`Input #0, ${format}, from 'file:${item.path}':`];
  lines.push(`  Duration: ${clockTime(item.runtime ?? 0, 2)}, start: 0.000000, bitrate: ${kilobits(job)} kb/s`);
  const { video } = item;
  if (video !== undefined) {
    lines.push(
      `  Stream #0:0: Video: ${video.codec}, yuv420p(progressive), ${video.width}x${video.height}, ${video.framesPerSecond.toFixed(2)} fps`,
    );
  }
  for (const [index, { codec, sampleRate }] of item.audio.entries()) {
    lines.push(`  Stream #0:${index + (video === undefined ? 0 : 1)}: Audio: ${codec}, ${sampleRate} Hz, stereo, fltp`);
  }
  return `${lines.join('\n')}\n`;
}

function mapping(job: Job): string {
  const { item } = job;
  const lines = ['Stream mapping:'];
  let index = 0;
  if (item.video !== undefined) {
    const encoded = `${item.video.codec} (native) -> h264 (${encoderOf(job)})`;
    lines.push(`  Stream #0:0 -> #0:0 (${job.kind === 'video' ? encoded : 'copy'})`);
    index = 1;
  }
  const codec = item.audio[0]?.codec ?? 'aac';
  const sound = job.info(undefined).audioDirect
    ? 'copy'
    : `${codec} (native) -> ${index === 0 ? 'mp3 (libmp3lame)' : 'aac (native)'}`;
  lines.push(`  Stream #0:${index} -> #0:${index} (${sound})`);
  return `${lines.join('\n')}\n`;
}

function progress(job: Job): string {
  const beginning = job.lines === 1 ? `${opened(job)}${mapping(job)}Press [q] to stop, [?] for help\n` : '';
  const due = Math.floor(job.encoded / 3);
  let segments = '';
  // A remux opens hundreds in the time between two lines; a few of them say as much.
  for (; job.segments < due; job.segments += Math.max(1, Math.ceil((due - job.segments) / 8))) {
    const file = `/var/cache/jellyfin/transcodes/${job.playSessionId}${job.segments}.ts`;
    segments += `[hls @ 0x55ea4f7c0880] Opening '${file}' for writing\n`;
  }
  return `${beginning}${segments}${statusLine(job, 'size')}`;
}

function statusLine(job: Job, size: 'size' | 'Lsize'): string {
  const { item, kind, from, encoded } = job;
  // The first line of copied streams is from before their beginning, and has no speed.
  const early = job.lines === 1 && kind !== 'video' && size === 'size';
  const time = early ? `-${clockTime(from + 0.04, 2)}` : clockTime(from + encoded, 2);
  const dropped = item.video?.hdr === true && kind === 'video' ? ' dup=1 drop=0' : '';
  const speed = early ? 'N/A' : `${speedText(job.averageSpeed)}x`;
  const told = `${size}=N/A time=${time} bitrate=N/A${dropped} speed=${speed}    \n`;
  if (item.video === undefined) return told;
  const frames = Math.round(encoded * item.video.framesPerSecond);
  const quality = kind === 'video' ? '28.0' : '-1.0';
  return `frame=${pad(frames, 5)} fps=${pad(job.framesPerSecond, 3)} q=${quality} ${told}`;
}

function tail(job: Job, stopped: boolean): string {
  const quit = stopped ? '[q] command received. Exiting.\n\n' : '';
  const picture = job.item.video === undefined ? 0 : Math.round(job.encoded * 100);
  const sizes = `video:${picture}KiB audio:${Math.round(job.encoded * 16)}KiB subtitle:0KiB other streams:0KiB`;
  return `${quit}${statusLine(job, 'Lsize')}${sizes} global headers:0KiB muxing overhead: unknown\n`;
}

function failure(job: Job, kind: FailureKind): string {
  switch (kind) {
    case 'missing-file': // ends without `Conversion failed!`
      return `file:${job.item.path}: No such file or directory\n`;
    case 'no-device': // so does this
      return (
        `${opened(job)}Device creation failed: -542398533.\n${mapping(job)}` +
        'Device setup failed for decoder on input stream #0:0 : Generic error in an external library\n'
      );
    case 'corrupt-file':
      return (
        `${opened(job)}Error while decoding stream #0:0: Invalid data found when processing input\n` +
        'Cannot determine format of input stream 0:0 after EOF\nError marking filters as finished\nConversion failed!\n'
      );
    case 'conversion':
      return 'av_interleaved_write_frame(): No space left on device\nConversion failed!\n';
    case 'killed': // it is cut off
      return '';
  }
}

function kilobits({ item }: Job): number {
  const bits = (item.video?.bitrate ?? 0) + item.audio.reduce((sum, { bitrate }) => sum + bitrate, 0);
  return Math.round(bits / 1000);
}

function speedText(speed: number): string {
  return speed === 0 ? '   0' : pad(Number(speed.toPrecision(3)), 4);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width);
}

function clockTime(seconds: number, digits: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = (seconds % 60).toFixed(digits).padStart(digits + 3, '0');
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${rest}`;
}
