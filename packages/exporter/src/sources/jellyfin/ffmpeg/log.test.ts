import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { MISSING, RECORDED } from '../testing/tape.testing.ts';
import { type FfmpegLog, FfmpegLogReader } from './log.ts';

function read(text: string | Buffer, size = 1_000): FfmpegLog {
  const reader = new FfmpegLogReader();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return reader.end();
}

const HEAD = 'ffmpeg version 7.1 Copyright (c) 2000-2026 the FFmpeg developers\n';
const VAAPI =
  'Stream mapping:\n  Stream #0:0 -> #0:0 (hevc (native) -> h264 (h264_vaapi))\n  Stream #0:1 -> #0:1 (copy)\n';
const BEGUN =
  'Press [q] to stop, [?] for help\nframe=   10 fps=0.0 q=1.0 size=N/A time=00:00:01.00 bitrate=N/A speed=1.5x    \r';

describeIf(MISSING, 'of the recorded logs', () => {
  const logs = ['12.0', '10.11'].flatMap((version) => {
    const folder = join(RECORDED, 'recorded', version, 'ffmpeg-logs');
    return readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .map((name) => [version, name, readFileSync(join(folder, name))] as const);
  });

  test.each(logs)('%s %s tells how it ended', (_, name, log) => {
    const { ending, stuck } = read(log);
    if (/finished|stopped/.test(name)) expect([ending, stuck]).toEqual(['success', false]);
    else expect(ending === 'failure' || stuck).toBe(true);
  });

  test.each(logs)('%s %s is the same however it is cut', (_, _name, log) => {
    expect(read(log, 7)).toEqual(read(log, 100_000));
  });

  test('a device that is not there is told as the hardware that was asked for', () => {
    const failed = logs.filter(([, name]) => name === 'transcode-hw-failed.log');
    expect(failed.map(([, , log]) => read(log).hardware)).toEqual(['vaapi', 'vaapi']);
  });
});

describe('the end', () => {
  test('of ffmpeg 5 and 7 alike is the summary', () => {
    expect(read(`${HEAD}${VAAPI}${BEGUN}video:969kB audio:12kB subtitle:0kB`).ending).toBe('success');
    expect(read(`${HEAD}${VAAPI}${BEGUN}[out#0/hls @ 0x1] video:969KiB audio:12KiB subtitle:0KiB`).ending).toBe(
      'success',
    );
  });

  test('that was told to come is none of a failure', () => {
    expect(read(`${HEAD}${BEGUN}\n[q] command received. Exiting.\n`).ending).toBe('success');
    expect(read(`${HEAD}${BEGUN}\nExiting normally, received signal 15.\n`).ending).toBe('killed');
  });

  test('is a failure when that is said after the summary', () => {
    const full = `${HEAD}${BEGUN}\nav_interleaved_write_frame(): No space left on device\nvideo:9kB audio:1kB\nConversion failed!\n`;
    expect(read(full).ending).toBe('failure');
  });

  test('is not known of one that works on, whatever errors it has met', () => {
    expect(
      read(`${HEAD}${BEGUN}\n[hls @ 0x1] Error while opening something: No such file or directory\n`),
    ).toMatchObject({
      stuck: false,
    });
    expect(read(`${HEAD}${BEGUN}`).ending).toBeUndefined();
  });

  test('may come before work has begun', () => {
    expect(read(`${HEAD}file:x.mkv: No such file or directory\n`)).toEqual({ stuck: true });
    expect(read(`${HEAD}Error opening input file x.mkv.\nError opening input files: Input/output error\n`).stuck).toBe(
      true,
    );
    expect(read(HEAD).stuck).toBe(false);
  });
});

describe('what is encoded', () => {
  test.each([
    ['(hevc (native) -> h264 (h264_nvenc))', { kind: 'video', hardware: 'nvenc' }],
    ['(h264 (h264_qsv) -> h264 (h264_qsv))', { kind: 'video', hardware: 'qsv' }],
    ['(hevc (native) -> hevc (libx265))', { kind: 'video', hardware: 'none' }],
    ['(ac3 (native) -> aac (native))', { kind: 'audio', hardware: 'none' }],
    ['(ac3 (native) -> aac (libfdk_aac))', { kind: 'audio', hardware: 'none' }],
  ])('%s', (mapping, expected) => {
    expect(read(`Stream mapping:\n  Stream #0:0 -> #0:0 ${mapping}\nPress [q] to stop\n`)).toMatchObject(expected);
  });

  test('by a filter is seen too', () => {
    const burned =
      'Stream mapping:\n  Stream #0:0 (h264) -> scale:default\n  overlay -> Stream #0:0 (h264_vaapi)\n  Stream #0:1 -> #0:1 (aac (native) -> mp3 (libmp3lame))\n';
    expect(read(`${burned}Press [q] to stop\n`)).toMatchObject({ kind: 'both', hardware: 'vaapi' });
  });

  test('is nothing where all is copied', () => {
    expect(read('Stream mapping:\n  Stream #0:0 -> #0:0 (copy)\nPress [q] to stop\n')).toEqual({ stuck: false });
  });
});

test('the last speed that was told is kept', () => {
  expect(
    read(`${BEGUN}frame= 20 time=00:00:02.00 speed=1.25x\rframe= 30 time=00:00:03.00 speed=N/A\r`).speedRatio,
  ).toBe(1.25);
});

test('any bytes are read without throwing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(read(Buffer.from(bytes), 10)).toBeTypeOf('object');
    }),
  );
});
