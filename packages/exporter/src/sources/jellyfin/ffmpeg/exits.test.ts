import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExitCodes, type LogPosition } from './exits.ts';
import { FolderLogs } from './folder.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jellyfin-exits-'));
});

afterEach(() => rm(folder, { recursive: true }));

function line(code: number, by = 'MediaBrowser.MediaEncoding.Transcoding.TranscodeManager'): string {
  return `[2026-11-21 02:46:37.440 +00:00] [ERR] [22] ${by}: FFmpeg exited with code ${code}\n`;
}

/** The exit codes that are new since the position, and the position after. */
async function follow(exits: ExitCodes): Promise<number[]> {
  const logs = new FolderLogs(folder, () => 0);
  const codes: number[] = [];
  await exits.read((await logs.list()).files, (code) => codes.push(code));
  return codes;
}

function exitCodes(saved?: LogPosition): ExitCodes {
  return new ExitCodes(new FolderLogs(folder, () => 0), saved);
}

test('only what is written after the first look counts, and each line once', async () => {
  await writeFile(join(folder, 'log_20261121.log'), line(1));
  const exits = exitCodes();
  expect(await follow(exits)).toEqual([]);
  await appendFile(join(folder, 'log_20261121.log'), `${line(0)}${line(187)}`);
  expect(await follow(exits)).toEqual([0, 187]);
  expect(await follow(exits)).toEqual([]);
});

test('the exception that repeats a failure is no other one, and 10.8 names another class', async () => {
  await writeFile(join(folder, 'log_20261121.log'), '');
  const exits = exitCodes();
  await follow(exits);
  const repeated = 'MediaBrowser.Common.FfmpegException: FFmpeg exited with code 1\n   at Somewhere()\n';
  await appendFile(
    join(folder, 'log_20261121.log'),
    `${line(1)}${repeated}${line(2, 'Jellyfin.Api.Helpers.TranscodingJobHelper')}`,
  );
  expect(await follow(exits)).toEqual([1, 2]);
});

test('a line is read when it is whole', async () => {
  await writeFile(join(folder, 'log_20261121.log'), '');
  const exits = exitCodes();
  await follow(exits);
  await appendFile(join(folder, 'log_20261121.log'), line(137).slice(0, -3));
  expect(await follow(exits)).toEqual([]);
  await appendFile(join(folder, 'log_20261121.log'), line(137).slice(-3));
  expect(await follow(exits)).toEqual([137]);
});

test('what is left of yesterday is read, and then each file of today', async () => {
  await writeFile(join(folder, 'log_20261121.log'), line(1));
  const exits = exitCodes();
  await follow(exits);
  await appendFile(join(folder, 'log_20261121.log'), line(2));
  await writeFile(join(folder, 'log_20261122.log'), line(3));
  await writeFile(join(folder, 'log_20261122_001.log'), line(4));
  expect(await follow(exits)).toEqual([2, 3, 4]);
  await appendFile(join(folder, 'log_20261122_001.log'), line(5));
  expect(await follow(exits)).toEqual([5]);
});

test('a log that was begun again is read from its begin', async () => {
  await writeFile(join(folder, 'log_20261121.log'), `${line(1)}${line(1)}`);
  const exits = exitCodes();
  await follow(exits);
  await writeFile(join(folder, 'log_20261121.log'), line(3));
  expect(await follow(exits)).toEqual([3]);
});

test('after a restart it goes on where it was', async () => {
  await writeFile(join(folder, 'log_20261121.log'), line(1));
  const before = exitCodes();
  await follow(before);
  await appendFile(join(folder, 'log_20261121.log'), line(2));
  expect(await follow(exitCodes(before.position))).toEqual([2]);
});

test('an exit code is told with its time, in whatever zone the server is, and without one where there is none', async () => {
  await writeFile(join(folder, 'log_20261121.log'), '');
  const exits = exitCodes();
  await follow(exits);
  const plain = 'MediaBrowser.MediaEncoding.Transcoding.TranscodeManager: FFmpeg exited with code 2\n';
  await appendFile(join(folder, 'log_20261121.log'), `${line(1).replace('+00:00', '+02:00')}${plain}`);
  const logs = new FolderLogs(folder, () => 0);
  const told: [number, number | undefined][] = [];
  await exits.read((await logs.list()).files, (code, exitedAt) => told.push([code, exitedAt]));
  expect(told).toEqual([
    [1, Date.UTC(2026, 10, 21, 0, 46, 37, 440)],
    [2, undefined],
  ]);
});

test('without a log of the server there is nothing to follow', async () => {
  const exits = exitCodes();
  expect(await follow(exits)).toEqual([]);
  expect(exits.found).toBe(false);
});
