import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { MISSING, RECORDED } from '../testing/tape.testing.ts';
import { FolderLogs } from './folder.ts';
import { parseSavedServerLog } from './saved-server-log.ts';
import { ServerLog } from './server-log.ts';

const TODAY = 'log_20261121.log';
/** When the lines below are written. */
const WRITTEN = Date.UTC(2026, 10, 21, 2, 46, 37, 440);
const BEFORE = WRITTEN - 60_000;

let folder = '';
let logs: FolderLogs;
let now = BEFORE;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jellyfin-server-log-'));
  now = BEFORE;
  logs = new FolderLogs(folder, () => now);
});

afterEach(() => rm(folder, { recursive: true }));

const write = (text: string, name = TODAY) => appendFile(join(folder, name), text);

function message(level: string, text = 'Emby.Server.Implementations.ApplicationHost: Core startup complete'): string {
  return `[2026-11-21 02:46:37.440 +00:00] [${level}] [22] ${text}\n`;
}

function exit(code: number, by = 'MediaBrowser.MediaEncoding.Transcoding.TranscodeManager'): string {
  return message(code === 0 ? 'INF' : 'ERR', `${by}: FFmpeg exited with code ${code}`);
}

/** The exit codes that are new. */
async function follow(log: ServerLog): Promise<number[]> {
  const codes: number[] = [];
  await log.read(await logs.list(), (code) => codes.push(code));
  return codes;
}

/** One that has looked at what is there. */
async function begun(): Promise<ServerLog> {
  const log = new ServerLog(logs);
  expect(await follow(log)).toEqual([]);
  return log;
}

function restarted(before: ServerLog): ServerLog {
  return new ServerLog(logs, parseSavedServerLog(JSON.parse(JSON.stringify(before.save()))));
}

const NONE = { verbose: 0, debug: 0, information: 0, warning: 0, error: 0, fatal: 0 };

describe('exit codes', () => {
  test('count once, when they are written after the first look', async () => {
    await write(exit(1));
    const log = await begun();
    await write(`${exit(0)}${exit(187)}`);
    expect(await follow(log)).toEqual([0, 187]);
    expect(await follow(log)).toEqual([]);
  });

  test('are not repeated by the exception that follows, and 10.8 names another class', async () => {
    await write('');
    const log = await begun();
    const repeated = 'MediaBrowser.Common.FfmpegException: FFmpeg exited with code 1\n   at Somewhere()\n';
    await write(`${exit(1)}${repeated}${exit(2, 'Jellyfin.Api.Helpers.TranscodingJobHelper')}`);
    expect(await follow(log)).toEqual([1, 2]);
  });

  test('are told with their time, in whatever zone the server is, and without one where there is none', async () => {
    await write('');
    const log = await begun();
    const plain = 'MediaBrowser.MediaEncoding.Transcoding.TranscodeManager: FFmpeg exited with code 2\n';
    await write(`${exit(1).replace('02:46', '04:46').replace('+00:00', '+02:00')}${plain}`);
    const told: [number, number | undefined][] = [];
    await log.read(await logs.list(), (code, exitedAt) => told.push([code, exitedAt]));
    expect(told).toEqual([
      [1, WRITTEN],
      [2, undefined],
    ]);
  });
});

describe('messages', () => {
  test('are counted by level, and lines that only go on are none', async () => {
    await write(message('FTL'));
    const log = await begun();
    expect(log.messages).toEqual(NONE);
    const exception = 'System.Exception: [ERR] no\n   at Somewhere()\n\n';
    await write(['VRB', 'DBG', 'INF', 'INF', 'WRN', 'ERR'].map((level) => message(level)).join('') + exception);
    await write(`${message('FTL')}${exception}`);
    await follow(log);
    expect(log.messages).toEqual({ verbose: 1, debug: 1, information: 2, warning: 1, error: 1, fatal: 1 });
  });

  test('are not known where the log has another form', async () => {
    await write('{"Level":"Error"}\n');
    const log = await begun();
    await write('{"Level":"Error"}\n02:46:37 ERR something\n');
    await follow(log);
    expect(log.messages).toBeUndefined();
    await write(message('WRN'));
    await follow(log);
    expect(log.messages).toEqual({ ...NONE, warning: 1 });
  });

  test('count when their line is whole, also one of Windows', async () => {
    await write('');
    const log = await begun();
    const line = message('ERR').replace('\n', '\r\n');
    for (const piece of [line.slice(0, 40), line.slice(40, -1)]) {
      await write(piece);
      await follow(log);
      expect(log.messages?.error ?? 0).toBe(0);
    }
    await write(line.slice(-1));
    await follow(log);
    expect(log.messages).toEqual({ ...NONE, error: 1 });
  });

  test('go on after a line that is too large for one look', async () => {
    await write('');
    const log = await begun();
    await write(message('INF', 'x'.repeat(20 * 1024 * 1024)) + message('ERR'));
    for (let look = 0; look < 3; look += 1) await follow(log);
    expect(log.messages).toEqual({ ...NONE, error: 1 });
  });
});

describe('over new files', () => {
  test('what is left of yesterday is read, and then each file of today', async () => {
    await write(exit(1));
    const log = await begun();
    await write(exit(2));
    await write(exit(3), 'log_20261122.log');
    await write(exit(4), 'log_20261122_001.log');
    expect(await follow(log)).toEqual([2, 3, 4]);
    await write(exit(5), 'log_20261122_001.log');
    expect(await follow(log)).toEqual([5]);
    expect(log.messages).toEqual({ ...NONE, error: 4 });
  });

  test('no line is left behind in a file that is too large for one look', async () => {
    await write('');
    const log = await begun();
    await write(message('INF').repeat(200_000) + exit(2));
    await write(exit(3), 'log_20261122.log');
    expect(await follow(log)).toEqual([]);
    expect(await follow(log)).toEqual([2, 3]);
    expect(log.messages).toEqual({ ...NONE, information: 200_000, error: 2 });
  });

  test('a log that was begun again is read from its begin', async () => {
    await write(`${exit(1)}${exit(1)}`);
    const log = await begun();
    await writeFile(join(folder, TODAY), exit(3));
    expect(await follow(log)).toEqual([3]);
  });

  test('after a restart it goes on where it was', async () => {
    await write(exit(1));
    const before = await begun();
    await write(exit(2));
    await follow(before);
    await write(exit(3));
    await write(exit(4), 'log_20261122.log');
    const after = restarted(before);
    expect(await follow(after)).toEqual([3, 4]);
    expect(after.messages).toEqual({ ...NONE, error: 3 });
  });

  test('what was read before a log breaks off is not taken again', async () => {
    await write('');
    const log = await begun();
    await write(exit(2));
    const broken = new FolderLogs(folder, () => now);
    const whole = broken.readFrom.bind(broken);
    broken.readFrom = async (...args) => {
      await whole(...args);
      throw new Error('broken off');
    };
    const codes: number[] = [];
    const breaking = new ServerLog(broken, log.save());
    await expect(breaking.read(await logs.list(), (code) => codes.push(code))).rejects.toThrow('broken off');
    expect(codes).toEqual([2]);
    expect(await follow(restarted(breaking))).toEqual([]);
  });
});

describe('without a log of the server', () => {
  test('there is nothing to follow, and no number of messages', async () => {
    const log = await begun();
    expect(log.found).toBe(false);
    expect(log.messages).toBeUndefined();
    expect(log.save()).toEqual({ since: BEFORE });
  });

  test('at the first look, all that is written after it counts', async () => {
    const log = await begun();
    now = WRITTEN + 1_000;
    await write(exit(2));
    expect(await follow(log)).toEqual([2]);
    expect(log.messages).toEqual({ ...NONE, error: 1 });
  });

  test('for a while, all that was written since the first look counts', async () => {
    const log = await begun();
    now = WRITTEN + 60_000;
    await follow(log);
    await write(exit(2));
    expect(await follow(restarted(log))).toEqual([2]);
  });

  test('before a clock that was set back, no line is lost', async () => {
    now = WRITTEN + 86_400_000;
    const log = await begun();
    now = BEFORE;
    await write(exit(2));
    expect(await follow(log)).toEqual([2]);
  });

  test('that was there all the same, what was written before does not count', async () => {
    now = WRITTEN + 60_000;
    const log = await begun();
    await write(exit(1) + exit(2).replace('02:46', '02:48'));
    now += 60_000;
    expect(await follow(log)).toEqual([2]);
    expect(log.messages).toEqual({ ...NONE, error: 1 });
  });
});

describeIf(MISSING, 'of a real server', () => {
  test.each([
    ['recorded/10.11/server-log-excerpt.log', { information: 161, warning: 51, error: 44 }, { 0: 13, 1: 3 }],
    ['recorded/10.11/server-log-tail.log', { information: 142, warning: 1, error: 14 }, { 0: 12, 1: 2 }],
    ['recorded/12.0/server-log-excerpt.log', { information: 183, warning: 51, error: 43 }, { 0: 14, 1: 3 }],
    ['recorded/12.0/server-log-tail.log', { information: 150, warning: 2, error: 13 }, { 0: 13, 1: 2 }],
    ['constructed/server-log-excerpt.log', { information: 2, error: 1 }, { 0: 1, 187: 1 }],
  ])('%s has its messages and exit codes counted', async (file, messages, exits) => {
    now = 0;
    const log = await begun();
    await write(await readFile(join(RECORDED, file), 'latin1'));
    const codes = await follow(log);
    expect(log.messages).toEqual({ ...NONE, ...messages });
    const counted: Record<number, number> = {};
    for (const code of codes) counted[code] = (counted[code] ?? 0) + 1;
    expect(counted).toEqual(exits);
  });
});

test.each([undefined, null, 1, {}, { since: '1' }, { since: -1 }])('what cannot be read begins anew: %j', (saved) => {
  expect(parseSavedServerLog(saved)).toBeUndefined();
});
