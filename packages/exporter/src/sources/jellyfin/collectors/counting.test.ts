import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { ExporterError } from '../../../errors.ts';
import type { HttpStreams } from '../client.ts';
import type { ActivityEntry } from '../state.ts';
import { testContext, values } from '../testing/context.ts';
import { create as createActivity } from './activity.ts';
import type { CreateCollector } from './collector.ts';
import { create as createPlayback } from './playback.ts';
import { create as createSessions } from './sessions.ts';
import { create as createStorage } from './storage.ts';
import { create as createTasks } from './tasks.ts';
import { create as createUsers } from './users.ts';

/** A server that answers each request with what `answer` says of its path and query. */
function answering(answer: (path: string, query: URLSearchParams) => unknown, asked: string[] = []): HttpStreams {
  return {
    async stream({ path = '' }, consume) {
      asked.push(path);
      const { pathname, searchParams } = new URL(path, 'http://server');
      const json = answer(pathname, searchParams);
      if (typeof json === 'number') throw new ExporterError({ code: 'MX_UPSTREAM_STATUS', detail: 'no', status: json });
      const body = Buffer.from(JSON.stringify(json));
      return consume({
        status: 200,
        headers: {},
        body: (async function* () {
          yield body;
        })(),
      });
    },
  };
}

function open(
  create: CreateCollector,
  answer: (path: string, query: URLSearchParams) => unknown,
  kept?: Map<string, unknown>,
) {
  const asked: string[] = [];
  const context = testContext(answering(answer, asked), new ManualClock());
  const collector = create(context);
  if (kept !== undefined) collector.restore?.(kept);
  return { collector, context, asked, read: (name: string) => values(collector.families(), name) };
}

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const iso = (ms: number): string => new Date(ms).toISOString();

/** An activity log with the dates and pages of the real one. */
class Log {
  entries: { Id: number; Type: string; Date: string; Severity: string; UserId: string; ItemId?: string }[] = [];

  add(id: number, type: string, ms: number, severity = 'Information'): void {
    this.entries.unshift({ Id: id, Type: type, Date: iso(ms), Severity: severity, UserId: 'a1', ItemId: 'b2' });
  }

  answer = (_: string, query: URLSearchParams): unknown => {
    const from = Date.parse(query.get('minDate') ?? iso(0));
    const found = this.entries.filter((entry) => Date.parse(entry.Date) >= from);
    const start = Number(query.get('startIndex'));
    return { Items: found.slice(start, start + Number(query.get('limit'))), TotalRecordCount: found.length };
  };
}

const events = (read: (name: string) => Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(read('jellyfin_activity_events_total')).filter(([, count]) => count > 0));

describe('the activity log', () => {
  test('is counted from the first look on, each entry once', async () => {
    const log = new Log();
    log.add(1, 'UserCreated', T0);
    const { collector, read, context } = open(createActivity, log.answer);
    const told: ActivityEntry[] = [];
    context.shared.onActivity((entries) => told.push(...entries));
    await collector.run();
    expect(events(read)).toEqual({});
    expect(read('jellyfin_activity_events_total')['UserCreated,Information']).toBe(0);
    log.add(2, 'VideoPlayback', T0 + MINUTE);
    log.add(3, 'AuthenticationFailed', T0 + MINUTE, 'Error');
    await collector.run();
    await collector.run();
    expect(events(read)).toEqual({ 'VideoPlayback,Information': 1, 'AuthenticationFailed,Error': 1 });
    expect(read('jellyfin_playback_started_total')).toEqual({ video: 1, audio: 0, other: 0 });
    expect(told.map(({ id }) => id)).toEqual([2, 3]);
  });

  test('is read page by page, and only as far as it is new', async () => {
    const log = new Log();
    log.add(1, 'SessionStarted', T0);
    const { collector, read, asked } = open(createActivity, log.answer);
    await collector.run();
    for (let id = 2; id <= 251; id++) log.add(id, 'SessionStarted', T0 + id);
    await collector.run();
    expect(events(read)).toEqual({ 'SessionStarted,Information': 250 });
    expect(asked.length).toBe(1 + 3);
    await collector.run();
    expect(asked.length).toBe(1 + 3 + 1);
  });

  test('of a database that was begun anew is not counted backwards', async () => {
    const log = new Log();
    log.add(500, 'SessionStarted', T0);
    const { collector, read } = open(createActivity, log.answer);
    await collector.run();
    log.entries = [];
    await collector.run();
    log.add(1, 'UserCreated', T0 + MINUTE);
    await collector.run();
    log.add(2, 'UserCreated', T0 + 2 * MINUTE);
    await collector.run();
    expect(events(read)).toEqual({ 'UserCreated,Information': 1 });
  });

  test('goes on after a restart with what was logged in between', async () => {
    const log = new Log();
    log.add(1, 'SessionStarted', T0);
    const first = open(createActivity, log.answer);
    await first.collector.run();
    log.add(2, 'SessionStarted', T0 + MINUTE);
    await first.collector.run();
    log.add(3, 'SessionStarted', T0 + 2 * MINUTE);
    const second = open(createActivity, log.answer, first.context.kept);
    expect(events(second.read)).toEqual({ 'SessionStarted,Information': 1 });
    await second.collector.run();
    expect(events(second.read)).toEqual({ 'SessionStarted,Information': 2 });
  });

  test('has types that are not known under one name', async () => {
    const log = new Log();
    log.add(1, 'SessionStarted', T0);
    const { collector, read } = open(createActivity, log.answer);
    await collector.run();
    log.add(2, 'PluginOfMine.Did.This', T0 + MINUTE, 'Odd');
    await collector.run();
    expect(events(read)).toEqual({ 'other,other': 1 });
  });
});

interface Result {
  readonly status: string;
  readonly minute: number;
  readonly seconds: number;
}

const task = (key: string, state = 'Idle', last?: Result): object => ({
  Key: key,
  Name: '扫描媒体库',
  State: state,
  ...(state === 'Running' ? { CurrentProgressPercentage: 25 } : {}),
  ...(last === undefined
    ? {}
    : {
        LastExecutionResult: {
          StartTimeUtc: iso(T0 + last.minute * MINUTE),
          EndTimeUtc: iso(T0 + last.minute * MINUTE + last.seconds * 1000),
          Status: last.status,
          Key: key,
        },
      }),
});

describe('the scheduled tasks', () => {
  const scan = (status: string, minute: number, seconds = 30, state = 'Idle') =>
    task('RefreshLibrary', state, { status, minute, seconds });

  test('go by their keys, with what runs and how the last run went', async () => {
    const { collector, read, context } = open(createTasks, () => [
      scan('Completed', 0, 30, 'Running'),
      task('DeleteCacheFiles'),
    ]);
    await collector.run();
    expect(read('jellyfin_task_running')).toEqual({ RefreshLibrary: 1, DeleteCacheFiles: 0 });
    expect(read('jellyfin_task_progress_ratio')).toEqual({ RefreshLibrary: 0.25 });
    expect(read('jellyfin_task_last_run_duration_seconds')).toEqual({ RefreshLibrary: 30 });
    expect(read('jellyfin_task_last_status')).toMatchObject({
      'RefreshLibrary,completed': 1,
      'RefreshLibrary,failed': 0,
    });
    expect(context.shared.scanRunning).toBe(true);
  });

  test('tell of failed scans that are new, and not of the one that was there', async () => {
    let last = scan('Failed', 0);
    const { collector, read } = open(createTasks, () => [last]);
    await collector.run();
    expect(read('jellyfin_library_scan_failures_total')).toEqual({ failed: 0, aborted: 0 });
    last = scan('Failed', 10);
    await collector.run();
    await collector.run();
    last = scan('Aborted', 20);
    await collector.run();
    expect(read('jellyfin_library_scan_failures_total')).toEqual({ failed: 1, aborted: 1 });
  });

  test('remember how long the last completed scan took', async () => {
    let last = scan('Completed', 0, 42);
    const first = open(createTasks, () => [last]);
    await first.collector.run();
    last = scan('Cancelled', 10, 1);
    await first.collector.run();
    expect(first.read('jellyfin_library_scan_duration_seconds')).toEqual({ '': 42 });
    const second = open(createTasks, () => [last], first.context.kept);
    await second.collector.run();
    expect(second.read('jellyfin_library_scan_duration_seconds')).toEqual({ '': 42 });
    expect(second.read('jellyfin_task_runs_total')).toEqual({ 'RefreshLibrary,cancelled': 1 });
  });

  test('have no duration of a scan before one was completed', async () => {
    const { collector, read } = open(createTasks, () => [scan('Cancelled', 0)]);
    await collector.run();
    expect(read('jellyfin_library_scan_duration_seconds')).toEqual({});
  });

  test('count what ended while the exporter was away', async () => {
    let last = scan('Completed', 0);
    const first = open(createTasks, () => [last]);
    await first.collector.run();
    last = scan('Failed', 10);
    const second = open(createTasks, () => [last], first.context.kept);
    await second.collector.run();
    expect(second.read('jellyfin_library_scan_failures_total')).toEqual({ failed: 1, aborted: 0 });
  });

  test('keep their counters when they cannot be asked, and say nothing else', async () => {
    let answer: unknown = [scan('Completed', 0)];
    const { collector, read, context } = open(createTasks, () => answer);
    await collector.run();
    answer = 500;
    await expect(collector.run()).rejects.toThrow();
    expect(read('jellyfin_task_running')).toEqual({});
    expect(read('jellyfin_library_scan_failures_total')).toEqual({ failed: 0, aborted: 0 });
    expect(context.shared.scanRunning).toBeUndefined();
  });
});

describe('storage', () => {
  const folder = (path: string, free: number, used: number, device?: string) => ({
    Path: path,
    FreeSpace: free,
    UsedSpace: used,
    ...(device === undefined ? {} : { DeviceId: device }),
  });

  test('has each file system once, by its mount point', async () => {
    const { collector, read } = open(createStorage, () => ({
      CacheFolder: folder('/var/cache', 10, 90, '/'),
      LogFolder: folder('/var/log', 10, 90, '/'),
      WebFolder: folder('/no', -1, -1),
      Libraries: [
        { Name: 'Films', Folders: [folder('/media/a', 500, 500, '/media'), folder('/media/b', 500, 500, '/media')] },
      ],
    }));
    await collector.run();
    expect(read('jellyfin_filesystem_free_bytes')).toEqual({ '/': 10, '/media': 500 });
    expect(read('jellyfin_storage_used_bytes')).toEqual({ 'cache,/': 90, 'log,/': 90, 'Films,/media': 500 });
  });

  test('guesses the file systems of 10.11 by their figures', async () => {
    const { collector, read } = open(createStorage, () => ({
      CacheFolder: folder('/var/cache/jellyfin', 10, 90, '/var/cache/jellyfin'),
      LogFolder: folder('/var/log', 10, 90, '/var/log'),
      Libraries: [{ Name: 'Films', Folders: [folder('/media', 500, 500, '/media')] }],
    }));
    await collector.run();
    expect(read('jellyfin_filesystem_free_bytes')).toEqual({ '/var/log': 10, '/media': 500 });
  });

  test('is absent and no fault where the server is too old for it', async () => {
    const { collector } = open(createStorage, () => 404);
    await collector.run();
    expect(collector.families()).toEqual([]);
  });
});

describe('the accounts', () => {
  test('are counted by what they may do, and those that are shown alike are one', async () => {
    const { collector, read } = open(createUsers, () => [
      { Id: 'a1', Name: 'ann', LastActivityDate: iso(T0), Policy: { IsAdministrator: true, IsDisabled: false } },
      { Id: 'b2', Name: 'bob', LastActivityDate: '0001-01-01T00:00:00.0000000Z', Policy: { IsDisabled: true } },
      { Id: 'c3', Name: 'ann', LastActivityDate: iso(T0 + MINUTE) },
      'not a user',
    ]);
    await collector.run();
    expect(read('jellyfin_users_total')).toEqual({ '': 3 });
    expect(read('jellyfin_users')).toEqual({ 'true,true': 0, 'true,false': 1, 'false,true': 1, 'false,false': 1 });
    expect(read('jellyfin_user_last_activity_timestamp_seconds')).toEqual({ ann: (T0 + MINUTE) / 1000 });
  });
});

describe('transcodes', () => {
  const session = (device: string, item: string, reasons: readonly string[] = ['VideoCodecNotSupported']) => ({
    Id: device,
    UserId: 'a1',
    DeviceId: device,
    NowPlayingItem: { Id: item, Type: 'Movie', MediaStreams: [] },
    PlayState: { PlayMethod: 'Transcode' },
    TranscodingInfo: { IsVideoDirect: false, IsAudioDirect: true, VideoCodec: 'h264', TranscodeReasons: reasons },
  });

  test('are counted as they are seen to begin, where no logs tell of them', async () => {
    let sessions = [session('d1', 'i1')];
    const first = open(createSessions, () => sessions);
    await first.collector.run();
    expect(first.read('jellyfin_transcode_total')).toEqual({ '': 0 });
    sessions = [session('d1', 'i1'), session('d2', 'i1', ['ContainerNotSupported', 'AudioCodecNotSupported'])];
    await first.collector.run();
    await first.collector.run();
    expect(first.read('jellyfin_transcode_total')).toEqual({ '': 1 });
    expect(first.read('jellyfin_transcode_reason_total')).toEqual({
      ContainerNotSupported: 1,
      AudioCodecNotSupported: 1,
    });
    expect(first.read('jellyfin_transcode_failures_source')).toEqual({ logfile: 0, api: 0, none: 1 });
    expect(first.read('jellyfin_transcode_failures_total')).toEqual({});
    const second = open(createSessions, () => sessions, first.context.kept);
    await second.collector.run();
    expect(second.read('jellyfin_transcode_total')).toEqual({ '': 1 });
    sessions = [session('d1', 'i2')];
    await second.collector.run();
    expect(second.read('jellyfin_transcode_total')).toEqual({ '': 2 });
  });

  test('are left to the logs where those are read', async () => {
    const context = testContext(
      answering(() => []),
      new ManualClock(),
      { collectors: ['sessions', 'transcode_logs'] },
    );
    const collector = createSessions(context);
    await collector.run();
    expect(values(collector.families(), 'jellyfin_transcode_total')).toEqual({});
    expect(collector.catalogue.map(({ name }) => name)).not.toContain('jellyfin_transcode_total');
  });
});

describe('the sessions', () => {
  test('are not known any more three intervals after the last poll, or when the server is down', async () => {
    const { collector, read, context } = open(createSessions, () => []);
    await collector.run();
    (context.clock as ManualClock).advance(30_000);
    expect(read('jellyfin_sessions_total')).toEqual({ '': 0 });
    expect(read('jellyfin_transcode_active')).toEqual({ video: 0, audio: 0 });
    context.shared.up = false;
    expect(read('jellyfin_sessions_total')).toEqual({});
    context.shared.up = true;
    (context.clock as ManualClock).advance(1);
    expect(read('jellyfin_sessions_total')).toEqual({});
    expect(read('jellyfin_transcode_total')).toEqual({ '': 0 });
  });

  test('of nobody are left out', async () => {
    const { collector, read } = open(createSessions, () => [
      { Id: 's1', UserId: '00000000000000000000000000000000', Client: 'the key' },
      { Id: 's2', UserId: 'a1', Client: 'Web' },
    ]);
    await collector.run();
    expect(read('jellyfin_sessions_total')).toEqual({ '': 1 });
    expect(read('jellyfin_sessions_by_client')).toEqual({ Web: 1 });
  });

  test('are asked for less often when their answers are heavy, and as usual after one that is not', async () => {
    let heavy = true;
    const { collector } = open(createSessions, () => [
      { Id: 's', UserId: 'a1', Padding: 'x'.repeat(heavy ? 3_000_001 : 1) },
    ]);
    await collector.run();
    await collector.run();
    expect(collector.interval()).toBe(10_000);
    await collector.run();
    expect(collector.interval()).toBe(30_000);
    heavy = false;
    await collector.run();
    expect(collector.interval()).toBe(10_000);
  });
});

test('what was kept and cannot be read is left out', async () => {
  const odd = [
    null,
    7,
    'x',
    [],
    {},
    { id: 1e300, date: 1e300 },
    { jobs: -1, reasons: { a: 'b' }, active: [7] },
    { seconds: {} },
  ];
  for (const create of [createActivity, createPlayback, createSessions, createTasks]) {
    for (const value of odd) {
      const keys = [
        'mark',
        'row a',
        'end a',
        'primed',
        'scan',
        'transcodes',
        'play a',
        'time 1',
        'tracker',
        'polled',
        'name u',
      ];
      const { collector } = open(create, () => [], new Map(keys.map((key) => [key, value])));
      expect(() => collector.families()).not.toThrow();
      await collector.run().catch((error: unknown) => expect(error).toBeInstanceOf(ExporterError));
      for (const { samples } of collector.families()) {
        for (const sample of samples) expect(Number.isFinite(sample.value)).toBe(true);
      }
    }
  }
});
