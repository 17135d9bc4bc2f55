import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { renderText } from '@media-exporter/metrics';
import { lint, ManualClock, parseText } from '@media-exporter/metrics/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { readContracts } from '../../../../../test/support/contract.ts';
import { describeIf } from '../../../../../test/support/tools.ts';
import { Secret } from '../../config/secrets.ts';
import { COLLECTOR_NAMES } from '../../config/sources/jellyfin.ts';
import { createLogger } from '../../log.ts';
import { MemoryStore } from '../../state/memory.ts';
import type { Privacy } from '../privacy.ts';
import { JellyfinSource } from './index.ts';
import { JELLYFIN_DEFAULTS, type JellyfinSettings } from './settings.ts';
import { Calm } from './testing/calm.testing.ts';
import { values } from './testing/context.testing.ts';
import { MISSING, RECORDED } from './testing/tape.testing.ts';

const never = (): AbortSignal => new AbortController().signal;
const CLEAR: Privacy = { users: 'clear', titles: 'clear', addresses: 'clear', key: new Secret('the key of the tests') };
const FAST: JellyfinSettings['collectors'] = [
  'system',
  'sessions',
  'playback',
  'activity',
  'users',
  'tasks',
  'storage',
];

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Options {
  readonly settings?: Partial<JellyfinSettings>;
  readonly privacy?: Privacy;
  readonly clock?: ManualClock;
  readonly store?: MemoryStore;
  readonly secret?: string;
  /** Lets so many seconds pass, instead of waiting for the first round; wants the number of requests that were got. */
  readonly seconds?: number;
  readonly got?: () => number;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function open(url: string, options: Options = {}) {
  const { privacy = CLEAR, clock = new ManualClock(), store = new MemoryStore(), secret = 'tape-key' } = options;
  const lines: string[] = [];
  const calm = new Calm(options.got ?? (() => 0));
  closers.push(() => calm.close());
  const settings = { ...JELLYFIN_DEFAULTS, name: 'attic', url, collectors: FAST, ...options.settings };
  const source = await JellyfinSource.create(settings, new Secret(secret), privacy, {
    clock,
    random: () => 0.5,
    log: createLogger({ level: 'info', format: 'logfmt', write: (line) => lines.push(line), date: () => 0 }),
    state: store.scope('jellyfin/attic'),
    onRequest: calm.report,
    onReconnect: () => {},
  });
  closers.push(() => source.stop());
  await source.start();
  if (options.seconds === undefined) await source.refresh(never());
  for (let second = 0; second < (options.seconds ?? 0); second += 1) {
    await calm.settled();
    clock.advance(1_000);
  }
  const read = (name: string) => values(source.snapshot().families, name);
  return { source, clock, lines, read, settled: () => calm.settled() };
}

/** A server that counts what it is asked. */
async function counted(answer: RequestListener): Promise<{ url: string; counts: Record<string, number> }> {
  const counts: Record<string, number> = {};
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '');
    counts[path] = (counts[path] ?? 0) + 1;
    answer(request, response);
  });
  return { url: await listen(server), counts };
}

/** The names of the seed that break today's conventions; they stay. */
const SEED = new Set([
  'jellyfin_library_items_total',
  'jellyfin_sessions_total',
  'jellyfin_users_total',
  'jellyfin_user_watch_time_seconds',
]);

describeIf(MISSING, 'a recorded server', () => {
  async function openTape(line: string, startSeconds: number, options: Options = {}) {
    const { openTape: read, serve } = await import(join(RECORDED, 'replay.mjs'));
    const clock = options.clock ?? new ManualClock(Date.UTC(2026, 5, 1));
    const tape = read(join(RECORDED, 'recorded', line, 'evening-a.tape.ndjson.gz'));
    const played = serve(tape, { clock: () => clock.date(), start: startSeconds });
    const { server, counts } = played as { server: Server; counts: { requests: number } };
    return open(await listen(server), { ...options, clock, got: () => counts.requests });
  }

  test.each(['10.11', '12.0'])('of %s is told of by the fast collectors', async (line) => {
    const { source, read } = await openTape(line, 150);
    const { up, families, unified, collectors } = source.snapshot();
    expect(up).toBe(true);
    expect(collectors.map(({ name, success }) => [name, success])).toEqual(
      Array.from(source.catalogues.keys(), (name) => [name, true]),
    );
    expect(read('jellyfin_up')).toEqual({ '': 1 });
    expect(read('jellyfin_sessions_total')['']).toBeGreaterThan(7);
    expect(Object.keys(read('jellyfin_sessions_active')).length).toBeGreaterThan(4);
    expect(read('jellyfin_users_total')).toEqual({ '': 4 });
    expect(read('jellyfin_transcode_active').video).toBeGreaterThan(0);
    expect(read('jellyfin_remux_active')).toEqual({ '': 1 });
    expect(read('jellyfin_transcode_hw_acceleration')).toMatchObject({ none: 1, vaapi: 0 });
    expect(Object.keys(read('jellyfin_api_response_seconds')).sort()).toEqual([
      'activity',
      'encoding',
      'health',
      'plugins',
      'sessions',
      'storage',
      'system_info',
      'tasks',
      'users',
    ]);
    const text = renderText(families);
    expect(() => parseText(text)).not.toThrow();
    const catalogue = [...source.catalogues.values()].flat();
    for (const { metric } of families) expect(catalogue, metric.name).toContain(metric);
    expect(renderText(unified)).toContain('media_server_up{server="attic",platform="jellyfin"} 1\n');
    for (const { metric } of unified) expect(source.unifiedCatalogue, metric.name).toContain(metric);
    expect(lint(catalogue).filter(({ metric }) => !SEED.has(metric))).toEqual([]);
  });

  test.each(['10.11', '12.0'])('of %s has all that the seed names, with every collector on', async (line) => {
    // The play counts of every user were not recorded.
    const collectors = COLLECTOR_NAMES.filter((name) => name !== 'play_counts');
    const { source, read } = await openTape(line, 150, { seconds: 120, settings: { collectors } });
    const { families, collectors: statuses } = source.snapshot();
    expect(statuses.map(({ name, success }) => [name, success])).toEqual(
      Array.from(source.catalogues.keys(), (name) => [name, true]),
    );
    const there = new Map(families.map(({ metric }) => [metric.name, metric]));
    const jellyfin = readContracts().find(({ system }) => system === 'jellyfin');
    const missing = [];
    for (const { name, type, labels, values: known = {} } of jellyfin?.metrics ?? []) {
      const metric = there.get(name);
      if (metric === undefined) missing.push(name);
      else
        expect([name, metric.type, labels.filter((label) => !metric.labelNames.includes(label))]).toEqual([
          name,
          type,
          [],
        ]);
      for (const value of Object.values(known).flat()) expect(Object.keys(read(name)), name).toContain(value);
    }
    // Of the process, the drop-in has the bare names.
    expect(missing).toEqual(['process_cpu_seconds_total', 'process_resident_memory_bytes', 'jellyfin_item_play_count']);
    const catalogue = [...source.catalogues.values()].flat();
    expect(lint(catalogue).filter(({ metric }) => !SEED.has(metric))).toEqual([]);
    for (const { metric } of families) expect(catalogue, metric.name).toContain(metric);
  });

  test('is told of in the words that all servers share', async () => {
    const { source } = await openTape('12.0', 140, { settings: { session_series: true } });
    const text = renderText(source.snapshot().unified);
    expect(text).toMatch(/media_sessions\{.*media_type="episode",state="playing",delivery="transcode"\} 1\n/);
    expect(text).toMatch(/media_session_info\{.*user="marta".*\} 1\n/);
    expect(text).toMatch(/media_users\{.*state="active"\} 3\n/);
    expect(text).toMatch(/media_plays_total\{.*media_type="movie",delivery="direct_play"\} [1-9]/);
    // Of what is encoded only a ceiling is known.
    expect(text).not.toMatch(/media_bandwidth_bits_per_second\{.*scope="lan"/);
  });

  test('shows its people as the policy wants, and its counters all the same', async () => {
    const privacy: Privacy = { ...CLEAR, users: 'drop', titles: 'drop' };
    const { source, read } = await openTape('12.0', 150, { privacy, settings: { session_series: true } });
    const { families, unified } = source.snapshot();
    const text = renderText([...families, ...unified]);
    for (const name of ['marta', 'jonas', 'Living', 'Copper Harbor', 'Signal Hill']) expect(text).not.toContain(name);
    expect(Object.keys(read('jellyfin_user_watch_time_seconds'))).toEqual(['']);
  });

  test('is asked with its key alone, which nobody is told', async () => {
    const { source, lines } = await openTape('12.0', 0, { secret: 'hunter 2' });
    expect(source.snapshot().up).toBe(false);
    expect(values(source.snapshot().families, 'jellyfin_up_reason')).toMatchObject({ unauthorized: 1, ok: 0 });
    expect(lines.join('') + renderText(source.snapshot().families)).not.toContain('hunter');
    expect(lines.length).toBe(1);
  });
});

describe('a server that is away', () => {
  test('is looked at, and asked nothing else', async () => {
    const { url, counts } = await counted((_, response) => response.writeHead(503, { 'retry-after': '005' }).end());
    const { source, clock, read, settled } = await open(url);
    for (let step = 0; step < 12; step++) {
      clock.advance(5_000);
      await source.refresh(never());
      await settled();
    }
    expect(Object.keys(counts)).toEqual(['/health']);
    expect(read('jellyfin_up')).toEqual({ '': 0 });
    expect(read('jellyfin_up_reason')).toMatchObject({ setup_server: 1 });
    expect(read('jellyfin_sessions_total')).toEqual({});
    expect(renderText(source.snapshot().unified)).toContain('media_server_up{server="attic",platform="jellyfin"} 0\n');
  });
});

test('a server that hangs from the start is down after five seconds, wherever it is told', async () => {
  const { url } = await counted(() => {});
  const { source, clock, read } = await open(url, { seconds: 0 });
  const refreshed = source.refresh(never());
  clock.advance(5_000);
  await refreshed;
  const { up, unified } = source.snapshot();
  expect(up).toBe(false);
  expect(read('jellyfin_up')).toEqual({ '': 0 });
  expect(read('jellyfin_up_reason')).toMatchObject({ unreachable: 1, ok: 0 });
  expect(read('jellyfin_api_response_seconds')).toEqual({ health: 5 });
  expect(renderText(unified)).toContain('media_server_up{server="attic",platform="jellyfin"} 0\n');
});

describe('a server that answers oddly', () => {
  const INFO = { Version: '12.0.0', ProductName: 'Jellyfin Server', Id: 'f00', ServerName: 'Attic' };
  const answers: Readonly<Record<string, string>> = {
    '/health': 'Healthy',
    '/System/Info': JSON.stringify(INFO),
    '/Sessions': '[{"Id": 7}, {"Id": "s", "UserId": "u1", "NowPlayingItem": {"Id": "i"}, "PlayState": null}, null, []]',
    '/ScheduledTasks': '<html>',
    '/Users': '{"not": "a list"}',
    '/System/Info/Storage': 'null',
    '/System/ActivityLog/Entries': '{"Items": [{"Id": "x"}, 3]}',
    '/Plugins': '[{"Name": "A"}, {"Name": "A"}]',
  };

  test('costs only what it answered oddly, and its words are not repeated', async () => {
    const { url, counts } = await counted((request, response) => {
      const body = answers[(request.url ?? '').replace(/\?.*/, '')];
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    const got = (): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
    // What fails is told when the server was looked at again.
    const { source, read, lines } = await open(url, { seconds: 15, got });
    const { collectors } = source.snapshot();
    const failed = collectors.filter(({ success }) => !success);
    expect(failed.map(({ name }) => name)).toEqual(['tasks', 'users', 'storage']);
    for (const { problem } of failed) expect(problem?.detail).not.toMatch(/html>|not"|null/);
    expect(read('jellyfin_sessions_total')).toEqual({ '': 1 });
    expect(read('jellyfin_plugin_info')).toEqual({ 'A,,': 2 });
    expect(lines).toHaveLength(4);
    const warned = lines.flatMap((line) => /level=warn .*\bcollector=(\w+)/.exec(line)?.[1] ?? []);
    expect(warned.sort()).toEqual(['storage', 'tasks', 'users']);
    for (const line of lines) expect(line).not.toMatch(/html>|not"|null/);
  });
});

test('the sessions of a server that sends them compressed are read', async () => {
  const { gzipSync } = await import('node:zlib');
  const { url } = await counted((request, response) => {
    const path = request.url ?? '';
    if (path === '/jellyfin/health') response.end('Healthy');
    else if (path === '/jellyfin/System/Info') {
      const info = JSON.stringify({ Version: '10.8.13', ProductName: 'Jellyfin Server' });
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(info));
    } else if (path === '/jellyfin/Sessions') {
      const sessions = JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ Id: `s${i}`, UserId: `u${i}` })));
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(sessions));
    } else response.writeHead(404).end();
  });
  const { read } = await open(`${url}/jellyfin/`, { settings: { collectors: ['sessions'] } });
  expect(read('jellyfin_sessions_total')).toEqual({ '': 500 });
});

test('counters go on after a restart of the exporter', async () => {
  const session = (item: string) => ({
    Id: 's1',
    UserId: 'u1',
    UserName: 'ann',
    DeviceId: 'd1',
    LastPlaybackCheckIn: new Date(Date.UTC(2026, 0, 1)).toISOString(),
    NowPlayingItem: { Id: item, Type: 'Movie' },
    PlayState: { PlayMethod: 'DirectPlay', PositionTicks: 5 },
  });
  let item = 'i1';
  const { url } = await counted((request, response) => {
    const path = request.url ?? '';
    if (path === '/health') response.end('Healthy');
    else if (path === '/System/Info') response.end('{"Version":"12.0.0","ProductName":"Jellyfin Server"}');
    else if (path === '/Sessions') response.end(JSON.stringify([session(item)]));
    else response.writeHead(404).end();
  });
  const store = new MemoryStore();
  const first = await open(url, { store });
  expect(first.read('jellyfin_playback_total')).toMatchObject({ directplay: 1 });
  await first.source.stop();
  const second = await open(url, { store });
  expect(second.read('jellyfin_playback_total')).toMatchObject({ directplay: 1 });
  await second.source.stop();
  item = 'i2';
  const third = await open(url, { store });
  expect(third.read('jellyfin_playback_total')).toMatchObject({ directplay: 2 });
});
