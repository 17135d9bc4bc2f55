import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryStore } from '../../../state/memory.ts';
import type { StateScope } from '../../../state/store.ts';
import { PLAY_LABELS } from '../labels.ts';
import type { Bandwidth, BandwidthRow } from '../parse/statistics.ts';
import type { observeSession, PlayAttributes } from '../sessions/join.ts';
import { PlexCounters } from './counters.ts';
import { KEYS, recall } from './recall.ts';

const START = Date.UTC(2026, 0, 1);
const LABELS = Object.keys(PLAY_LABELS).length;

/** The label values of the native counters, of which these tests tell two apart. */
const labels = (...values: string[]): string[] => [
  ...values,
  ...Array.from({ length: LABELS - values.length }, () => ''),
];

const open = async (scope: StateScope, now = START): Promise<PlexCounters> =>
  new PlexCounters(scope, recall(await scope.load(), LABELS, 'clear'), now);

/** A scope whose values went through JSON, as those on disk do. */
function disk(): StateScope & { kept(): Promise<ReadonlyMap<string, unknown>> } {
  const scope = new MemoryStore().scope('plex/home');
  return {
    put: (key, value) => scope.put(key, value === undefined ? undefined : JSON.parse(JSON.stringify(value))),
    load: () => scope.load(),
    kept: () => scope.load(),
  };
}

/** An answer with these rows, which names no accounts besides. */
const bandwidth = (...rows: readonly BandwidthRow[]): Bandwidth => ({ rows, accounts: new Map() });

type Session = ReturnType<typeof observeSession>;

function session(key: string, more: Partial<Session> = {}): Session {
  const attributes: PlayAttributes = { labels: labels('film', key), mediaType: 'movie', delivery: 'direct_play' };
  return { key, item: `item of ${key}`, party: 'me', playing: true, bitrateBitsPerSecond: 8000, attributes, ...more };
}

function watch(counters: PlexCounters, from: number, to: number, sessions: readonly Session[]): void {
  for (let at = from; at <= to; at += 10_000) counters.observe({ at, complete: true, sessions });
}

test('plays, seconds and bytes are counted under their labels and in the shared vocabulary', async () => {
  const counters = await open(disk());
  watch(counters, START, START + 60_000, [session('1'), session('2', { countsAsPlay: false })]);
  const totals = counters.totals();
  expect(totals.plays).toEqual([
    { labels: labels('film', '1'), plays: 1, seconds: 60 },
    { labels: labels('film', '2'), plays: 0, seconds: 60 },
  ]);
  expect(totals.unified).toEqual([{ mediaType: 'movie', delivery: 'direct_play', plays: 1, seconds: 120 }]);
  expect(totals.estimatedBytes).toBe(120_000);
  expect(totals).not.toHaveProperty('transmitted');
});

test('sums are not known before the first look at the sessions, unless an earlier run had one', async () => {
  const scope = disk();
  const counters = await open(scope);
  expect(counters.totals()).toEqual({ plays: [] });
  counters.count('errorEvents', 1);
  expect(counters.totals()).toEqual({ plays: [], errorEvents: 1 });
  const none = { plays: [], unified: [], estimatedBytes: 0, bufferingEvents: 0, errorEvents: 1 };
  counters.observe({ at: START, complete: true, sessions: [] });
  expect(counters.totals()).toEqual(none);
  expect((await open(scope)).totals()).toEqual(none);
});

test('fault 2: the estimated bytes do not fall when the bitrate does', async () => {
  const counters = await open(disk());
  watch(counters, START, START + 60_000, [session('1')]);
  watch(counters, START + 70_000, START + 120_000, [session('1', { bitrateBitsPerSecond: 800 })]);
  expect(counters.totals().estimatedBytes).toBe(70_000 + 5_000);
});

test('fault 3: other labels in mid-play begin at zero, and the sum is what was played', async () => {
  const counters = await open(disk());
  const other: PlayAttributes = { labels: labels('film', 'transcoded'), mediaType: 'movie', delivery: 'transcode' };
  watch(counters, START, START + 60_000, [session('1')]);
  watch(counters, START + 70_000, START + 120_000, [session('1', { attributes: other })]);
  expect(counters.totals().plays).toEqual([
    { labels: labels('film', '1'), plays: 1, seconds: 70 },
    { labels: labels('film', 'transcoded'), plays: 0, seconds: 50 },
  ]);
});

test('all goes on after a kill, and nothing is counted again', async () => {
  const scope = disk();
  const before = await open(scope);
  watch(before, START, START + 60_000, [session('1'), session('5')]);
  before.count('bufferingEvents', 2);
  const row = { at: START / 1000 + 10, account: '1', device: '', lan: true, bytes: 5 };
  before.countBandwidth(bandwidth(row), (id) => `account ${id}`, START + 60_000);
  const after = await open(scope, START + 70_000);
  expect(after.totals()).toEqual(before.totals());
  after.countBandwidth(bandwidth(row, { ...row, bytes: 8 }), (id) => `account ${id}`, START + 70_000);
  watch(after, START + 70_000, START + 90_000, [session('1'), session('5')]);
  expect(after.totals()).toMatchObject({
    plays: [
      { plays: 1, seconds: 90 },
      { plays: 1, seconds: 90 },
    ],
    transmitted: [{ scope: 'lan', account: 'account 1', bytes: 8 }],
    bufferingEvents: 2,
  });
});

test('a server that was restarted while the exporter was down has the same plays under other keys', async () => {
  const scope = disk();
  watch(await open(scope), START, START + 60_000, [session('7')]);
  const after = await open(scope, START + 90_000);
  watch(after, START + 90_000, START + 120_000, [session('1', { item: 'item of 7' })]);
  expect(after.totals().unified).toMatchObject([{ plays: 1 }]);
});

test('a row that was counted before the bandwidth was skipped is not counted again', async () => {
  const counters = await open(disk());
  const now = START / 1000 + 1000;
  const rows = Array.from({ length: 40 }, (_, second) => {
    return { at: now - 39 + second, account: '1', device: '', lan: true, bytes: 1 };
  });
  counters.countBandwidth(bandwidth(...rows), (id) => id, now * 1000);
  counters.skipBandwidth((now + 30) * 1000);
  counters.countBandwidth(bandwidth(...rows), (id) => id, (now + 30) * 1000);
  expect(counters.totals().transmitted).toEqual([{ scope: 'lan', account: '1', bytes: 40 }]);
});

test('accounts that no answer names any more are folded when there are very many, and no byte is lost', async () => {
  const scope = disk();
  const counters = await open(scope);
  const start = START / 1000;
  for (let second = 1; second <= 400; second += 1) {
    const row = { at: start + second, account: `guest ${second}`, device: '', lan: false, bytes: second };
    const accounts = new Map([['guest 1', 'the owner']]);
    counters.countBandwidth({ rows: [row], accounts }, (name) => name, (start + second) * 1000);
  }
  const { transmitted = [] } = counters.totals();
  expect(transmitted).toHaveLength(256);
  expect(transmitted.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(200 * 401);
  const names = transmitted.map(({ account }) => account);
  expect(names).toContain('the owner');
  expect(names).toContain('guest 400');
  expect(names).toContain('__other__');
  expect(names).not.toContain('guest 2');
  expect((await open(scope)).totals()).toEqual(counters.totals());
});

test('a fold is kept too', async () => {
  const scope = disk();
  const counters = await open(scope);
  watch(counters, START, START + 60_000, [session('1')]);
  watch(counters, START + 70_000, START + 7_200_000, []);
  counters.fold(START + 7_200_000, { foldAfterMs: 3_600_000, budget: 100 });
  expect((await open(scope)).totals()).toEqual(counters.totals());
});

test('what was kept and cannot be read is left out, and never throws', async () => {
  const keys = [
    KEYS.tracker,
    KEYS.sums,
    KEYS.bandwidth,
    KEYS.keys,
    `${KEYS.play}1`,
    `${KEYS.plays}["a"]`,
    `${KEYS.sent}x`,
  ];
  const good = disk();
  const counters = await open(good);
  watch(counters, START, START + 60_000, [session('1')]);
  const kept = [...(await good.kept())];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), fc.nat(), (garbage, at) => {
      const [key = '', whole] = kept[at % kept.length] ?? [];
      const entries = new Map<string, unknown>([...Object.entries(garbage), [key, whole]]);
      const scope = new MemoryStore().scope('plex/home');
      const restored = new PlexCounters(scope, recall(entries, LABELS, 'clear'), START);
      watch(restored, START + 70_000, START + 90_000, [session('1')]);
      for (const { plays, seconds } of restored.totals().plays) {
        expect(Number.isFinite(plays) && Number.isFinite(seconds) && plays >= 0 && seconds >= 0).toBe(true);
      }
    }),
  );
});

test('a name of a server that cannot be read is left out', () => {
  const serverOf = (kept: unknown) => recall(new Map([[KEYS.server, kept]]), LABELS, 'clear').server;
  expect(serverOf({ name: 'Home', id: 'abc' })).toEqual({ name: 'Home', id: 'abc' });
  for (const kept of [undefined, null, 'Home', { name: 'Home' }, { name: 1, id: 'abc' }]) {
    expect(serverOf(kept)).toBeUndefined();
  }
});

test('rows of another version, with other labels, are left out', async () => {
  const scope = disk();
  watch(await open(scope), START, START + 60_000, [session('1')]);
  expect(recall(await scope.load(), LABELS + 1, 'clear').plays).toEqual([]);
  expect(recall(await scope.load(), LABELS + 1, 'clear').tracker.plays.size).toBe(0);
});
