import { describe, expect, test } from 'vitest';
import type { LogFile } from './list.ts';
import type { FfmpegLog } from './log.ts';
import { parseJobName } from './name.ts';
import { parseSavedJobs } from './saved-jobs.ts';
import { TranscodeJobs } from './transcode-jobs.ts';

const RUNNING: FfmpegLog = { stuck: false, kind: 'video', hardware: 'none' };
const STUCK: FfmpegLog = { stuck: true };
const DONE: FfmpegLog = { ending: 'success', stuck: false, kind: 'video', hardware: 'vaapi' };
const FAILED: FfmpegLog = { ending: 'failure', stuck: false };

/** The log of the job with this number, which is two digits, written last at a time in ms. */
function log(number: number, modified: number, bytes = 100, kind = 'Transcode'): LogFile {
  const name = `FFmpeg.${kind}-2026-01-01_00-00-${number}_25b686c2c6d952a66634fb3756f29006_000000${number}.log`;
  return { name, modified, bytes };
}

function keys(requests: readonly { readonly key: string }[]): string[] {
  return requests.map(({ key }) => key.slice(-2));
}

/** The only job that is to be read. */
function only(requests: readonly { readonly key: string }[]): string {
  expect(requests).toHaveLength(1);
  return requests[0]?.key ?? '';
}

describe('a list of logs', () => {
  test('primes when it is the first, and counts what is new after', () => {
    const jobs = new TranscodeJobs(() => true);
    const now = 3_600_000;
    expect(jobs.list([log(10, 0)], now)).toEqual([]);
    expect(keys(jobs.list([log(12, now, 1, 'Remux'), log(11, now), log(10, 0)], now + 2_000))).toEqual(['12', '11']);
    jobs.list([log(12, now, 1, 'Remux'), log(11, now), log(10, 0)], now + 3_000);
    expect(jobs.totals.save().jobs).toEqual({ transcode: 1, directstream: 0, remux: 1 });
  });

  test('of other logs counts nothing', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], 0);
    jobs.list(
      [
        { name: 'log_20260101.log', modified: 0, bytes: 1 },
        { name: 'FFmpeg.Transcode-x.log', modified: 0, bytes: 1 },
      ],
      1,
    );
    expect(jobs.totals.save().jobs).toEqual({ transcode: 0, directstream: 0, remux: 0 });
  });

  test('that names a log twice counts it once', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], 0);
    jobs.list([log(11, 0), log(11, 0)], 1);
    expect(jobs.totals.save().jobs.transcode).toBe(1);
  });
});

describe('a first list that is empty or short', () => {
  const now = 3_600_000;
  const before = now - 60_000;

  test('makes no job new that wrote its last before', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], now);
    jobs.list([log(14, now + 30_000), log(13, before), log(12, 0)], now + 60_000);
    expect(jobs.totals.save().jobs.transcode).toBe(1);
    jobs.list([log(15, now + 70_000), log(14, now + 30_000), log(13, before), log(12, 0)], now + 120_000);
    expect(jobs.totals.save().jobs.transcode).toBe(2);
  });

  test('shows what may still run, without counting how it ends', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], now);
    const key = only(jobs.list([log(13, before), log(12, 0)], now + 60_000));
    expect(jobs.running(now + 60_000)).toHaveLength(1);
    jobs.read(key, FAILED, now + 60_000);
    expect(jobs.running(now + 60_000)).toEqual([]);
    expect(jobs.totals.save().failures).toBe(0);
  });

  test('costs no job by clocks that differ a little', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], now);
    jobs.list([log(13, now - 5_000)], now + 60_000);
    expect(jobs.totals.save().jobs.transcode).toBe(1);
  });

  test('costs no job after a clock that was set back', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], now);
    jobs.list([], 0);
    jobs.list([log(13, 30_000)], 60_000);
    expect(jobs.totals.save().jobs.transcode).toBe(1);
  });

  test('is followed by the same after a restart: what ended meanwhile is new, what ended before the first list is not', () => {
    const first = new TranscodeJobs(() => true);
    first.list([], now);
    const after = new TranscodeJobs(() => true, parseSavedJobs(JSON.parse(JSON.stringify(first.save()))));
    after.list([log(14, now + 30_000), log(13, before)], now + 86_400_000);
    expect(after.totals.save().jobs.transcode).toBe(1);
  });
});

describe('a list that is short once', () => {
  test('counts no job again', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], 0);
    jobs.list([log(11, 0), log(10, 0)], 1);
    jobs.list([], 2);
    expect(jobs.list([log(11, 0), log(10, 0)], 3)).toHaveLength(2);
    expect(jobs.totals.save().jobs.transcode).toBe(2);
  });

  test('costs no job its end, and gives none a second one', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], 0);
    jobs.list([log(11, 0)], 1);
    jobs.list([], 2);
    jobs.read(only(jobs.list([log(11, 0)], 3)), FAILED, 3);
    jobs.list([], 4);
    expect(jobs.list([log(11, 0)], 5)).toEqual([]);
    expect(jobs.totals.save().failures).toBe(1);
  });
});

test('what runs already when the first list is seen is shown, and neither its start nor its end is counted', () => {
  const jobs = new TranscodeJobs(() => true);
  const key = only(jobs.list([log(11, 9_000, 100)], 10_000));
  jobs.read(key, RUNNING, 10_000);
  expect(jobs.running(10_000)).toHaveLength(1);
  jobs.read(only(jobs.list([log(11, 12_000, 200)], 20_000)), FAILED, 20_000);
  expect(jobs.running(20_000)).toEqual([]);
  expect(jobs.totals.save()).toMatchObject({ failures: 0, hardware: {}, jobs: { transcode: 0 } });
});

describe('a log is read', () => {
  test('when it is new, and again when it has grown and fallen silent', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], 0);
    const key = only(jobs.list([log(11, 9_000, 100)], 10_000));
    jobs.read(key, RUNNING, 10_000);
    expect(jobs.list([log(11, 19_500, 200)], 20_000)).toEqual([]);
    expect(jobs.running(20_000)).toHaveLength(1);
    expect(only(jobs.list([log(11, 25_000, 300)], 31_000))).toBe(key);
    jobs.read(key, DONE, 31_000);
    expect(jobs.list([log(11, 25_000, 300)], 41_000)).toEqual([]);
    expect(jobs.running(41_000)).toEqual([]);
    expect(jobs.totals.save()).toMatchObject({ failures: 0, hardware: { vaapi: 1 } });
  });

  test('no more while the server holds its job back', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], 0);
    const key = only(jobs.list([log(11, 0)], 10_000));
    jobs.read(key, RUNNING, 10_000);
    for (let at = 20_000; at < 100_000; at += 10_000) expect(jobs.list([log(11, 0)], at)).toEqual([]);
    expect(only(jobs.list([log(11, 95_000, 500)], 101_000))).toBe(key);
  });

  test('not when it is larger than any log that means something', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], 0);
    expect(jobs.list([log(11, 0, 1_000_000_000)], 1)).toEqual([]);
  });
});

describe('a failure', () => {
  test('before work began is one only when nothing more is written', () => {
    const jobs = new TranscodeJobs(() => true);
    jobs.list([], 0);
    const key = only(jobs.list([log(11, 9_900)], 10_000));
    jobs.read(key, STUCK, 10_000);
    expect(jobs.totals.save().failures).toBe(0);
    jobs.read(only(jobs.list([log(11, 9_900)], 70_000)), STUCK, 70_000);
    expect(jobs.totals.save().failures).toBe(1);
  });

  test('is not counted from logs where exit codes tell it', () => {
    const jobs = new TranscodeJobs(() => false);
    jobs.list([], 0);
    jobs.read(only(jobs.list([log(11, 0)], 1)), FAILED, 1);
    for (const code of [0, 1, 187, 137, 143, 255]) jobs.exit(code, undefined);
    expect(jobs.totals.save()).toMatchObject({ failures: 2, exits: { 0: 1, 1: 1, 137: 1, 143: 1, 187: 1, 255: 1 } });
  });
});

describe('a failure of a job that ran before the first list', () => {
  test('is not counted, as its start is not, by the exit code or by its log', () => {
    for (const fromLogs of [true, false]) {
      const jobs = new TranscodeJobs(() => fromLogs);
      const key = only(jobs.list([log(11, 9_900)], 10_000));
      jobs.read(key, RUNNING, 10_000);
      jobs.list([log(11, 19_900, 200)], 20_000);
      if (fromLogs) jobs.read(key, FAILED, 20_000);
      else jobs.exit(1, 20_000);
      const exits = fromLogs ? {} : { 1: 1 };
      expect(jobs.totals.save()).toMatchObject({ jobs: { transcode: 0 }, failures: 0, exits });
    }
  });
});

describe('what has ended without a word in its log', () => {
  const SILENT: FfmpegLog = { stuck: false };
  const item = '25b686c2c6d952a66634fb3756f29006';
  /** One that wrote its last after 9.9 s, and is listed after 20 s. */
  const silent = (log_: FfmpegLog = SILENT): TranscodeJobs => {
    const jobs = new TranscodeJobs(() => false);
    jobs.list([], 0);
    jobs.read(only(jobs.list([log(11, 9_900)], 20_000)), log_, 20_000);
    return jobs;
  };

  test('does not run when the server noted an exit code as it wrote its last', () => {
    const jobs = silent();
    expect(jobs.running(20_000)).toHaveLength(1);
    jobs.exit(1, 10_000);
    expect(jobs.running(20_000)).toEqual([]);
    expect(jobs.totals.save().failures).toBe(1);
  });

  test('is not another job that wrote on, or wrote its last at another time', () => {
    const jobs = new TranscodeJobs(() => false);
    jobs.list([], 0);
    jobs.list([log(12, 19_800), log(11, 9_900), log(10, 5_000)], 20_000);
    jobs.exit(187, 10_000);
    expect(keys(jobs.running(20_000))).toEqual(['12', '10']);
  });

  test('is told from what runs once that has written more', () => {
    const jobs = new TranscodeJobs(() => false);
    jobs.list([], 0);
    jobs.list([log(12, 9_990), log(11, 9_900)], 10_100);
    jobs.exit(1, 10_000);
    expect(jobs.running(10_100)).toHaveLength(2);
    jobs.list([log(12, 19_900), log(11, 9_900)], 20_000);
    expect(keys(jobs.running(20_000))).toEqual(['12']);
  });

  test('runs after all when its log grows', () => {
    const jobs = silent();
    jobs.exit(0, 10_000);
    jobs.list([log(11, 29_900, 200)], 30_000);
    expect(jobs.running(30_000)).toHaveLength(1);
  });

  test('does not run after 30 s without progress when nobody plays its item', () => {
    const jobs = silent();
    expect(jobs.running(39_000, new Set())).toHaveLength(1);
    expect(jobs.running(40_000, new Set())).toEqual([]);
    expect(jobs.running(40_000, new Set([item]))).toHaveLength(1);
    expect(jobs.running(40_000)).toHaveLength(1);
  });

  test('may be held back where it has made progress', () => {
    expect(silent({ ...RUNNING, speedRatio: 3 }).running(40_000, new Set())).toHaveLength(1);
  });
});

describe('after a restart', () => {
  test('counters go on, no job is counted twice, and one that ended meanwhile is read', () => {
    const before = new TranscodeJobs(() => true);
    before.list([], 0);
    before.read(only(before.list([log(11, 0)], 1_000)), RUNNING, 1_000);
    const saved = parseSavedJobs(JSON.parse(JSON.stringify(before.save())));
    const after = new TranscodeJobs(() => true, saved);
    const requests = after.list([log(12, 20_000), log(11, 2_000, 300)], 60_000);
    expect(keys(requests)).toEqual(['12', '11']);
    for (const { key } of requests) after.read(key, FAILED, 60_000);
    expect(after.totals.save()).toMatchObject({ failures: 2, jobs: { transcode: 2 } });
    expect(after.list([log(12, 20_000), log(11, 2_000, 300)], 70_000)).toEqual([]);
    expect(after.save().open).toEqual([]);
  });

  test('a job that no list names meanwhile still has its end counted', () => {
    const before = new TranscodeJobs(() => true);
    before.list([], 0);
    before.list([log(11, 0)], 1_000);
    before.list([], 2_000);
    const after = new TranscodeJobs(() => true, parseSavedJobs(JSON.parse(JSON.stringify(before.save()))));
    after.list([], 3_000);
    after.read(only(after.list([log(11, 0)], 4_000)), FAILED, 4_000);
    expect(after.totals.save()).toMatchObject({ failures: 1, jobs: { transcode: 1 } });
  });

  test.each([
    undefined,
    null,
    1,
    {},
    { totals: {} },
    { totals: { jobs: [], failures: 1 } },
    { totals: { jobs: {}, failures: -1 } },
  ])('what cannot be read begins anew: %j', (saved) => {
    expect(parseSavedJobs(saved)).toBeUndefined();
  });
});

test('a name tells kind, start and media source', () => {
  expect(parseJobName('FFmpeg.DirectStream-2026-11-21_02-47-28_970a2bdc38eec8f998bf13a4a1100ea7_8666DC0C.log')).toEqual(
    {
      kind: 'directstream',
      key: '2026-11-21_02-47-28_8666dc0c',
      mediaSourceId: '970a2bdc38eec8f998bf13a4a1100ea7',
    },
  );
});
