import { causeTroubles, evening } from '@media-exporter/simulators/plex';
import { afterEach, expect, test } from 'vitest';
import { DrivenProcess } from '../support/driven/process.ts';
import { closeAll, dropIn, Exposition, folder, open, simulate } from './bench.ts';

afterEach(closeAll);

/** Seconds between two looks at the sessions. */
const POLL = 10;
const HOUR = 3600;

const COUNTERS = [
  'plays_total',
  'play_seconds_total',
  'media_plays_total',
  'media_play_seconds_total',
  'transmit_bytes_total',
  'estimated_transmit_bytes_total',
];

test('an evening of 40 sessions with all kinds of trouble ends with the truth', async () => {
  const bench = await open();
  const { plex } = bench;
  const { durationMs } = evening(plex, { sessions: 40 });
  causeTroubles(plex);
  await bench.advance(durationMs / 1000 + 2 * HOUR);
  const { truth } = plex;
  const got = await bench.exposition();

  const plays = truth.total({ kind: 'play' });
  expect(plays.plays).toBeGreaterThan(50);
  expect(got.sum('plays_total')).toBe(plays.plays);
  expect(got.sum('media_plays_total')).toBe(plays.plays);
  for (const [key, { plays }] of truth.by('mediaType', 'delivery')) {
    const [media_type = '', delivery = ''] = key.split(',');
    expect.soft(got.value('media_plays_total', { media_type, delivery }), key).toBeGreaterThanOrEqual(plays - 1);
  }

  const { seconds, bytes } = truth.total();
  const tolerance = POLL * truth.records.length;
  expect(Math.abs(got.sum('play_seconds_total') - seconds)).toBeLessThan(tolerance);
  expect(Math.abs(got.sum('media_play_seconds_total') - seconds)).toBeLessThan(tolerance);
  const { lan, wan } = truth.transmittedBytes;
  expect(got.sum('transmit_bytes_total')).toBe(lan + wan);
  expect(got.value('media_transmitted_bytes_total', { scope: 'lan' })).toBe(lan);
  expect(got.value('media_transmitted_bytes_total', { scope: 'wan' })).toBe(wan);
  expect(Math.abs(got.sum('estimated_transmit_bytes_total') / bytes - 1)).toBeLessThan(0.05);
}, 300_000);

test('an exporter that is killed in mid-evening and started again continues its counters', async () => {
  const { plex, clock } = await simulate();
  const { args, env } = dropIn(plex, folder());
  const { steps } = evening(plex, { sessions: 40, restart: false });
  const begin = clock.now();
  let exporter = await DrivenProcess.start(args, env, clock.date());
  const advance = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1000);
      await plex.notifications.settled();
      await exporter.advance(1000, () => plex.faults.held);
    }
  };
  const seen = async (): Promise<Exposition> => new Exposition(await exporter.scrape());
  try {
    for (let kill = 0; kill < 3; kill += 1) {
      await advance(12 * 60 + 7);
      const before = await seen();
      await advance(1);
      await exporter.kill();
      // Twenty seconds without an exporter.
      clock.advance(20_000);
      exporter = await DrivenProcess.start(args, env, clock.date());
      await advance(1);
      const after = await seen();
      expect(before.sum('play_seconds_total')).toBeGreaterThan(0);
      for (const name of COUNTERS) expect(after.sum(name), name).toBeGreaterThanOrEqual(before.sum(name));
    }
    // Until nobody has done anything for a while: what has just begun is not known yet.
    const recently = (): boolean => steps.some(({ at }) => Math.abs(clock.now() - begin - at - 30_000) <= 30_000);
    do await advance(10);
    while (recently());
    const got = await seen();
    const { truth } = plex;
    const { plays } = truth.total({ kind: 'play' });
    expect(plays).toBeGreaterThan(10);
    expect(got.sum('plays_total')).toBe(plays);
    expect(got.sum('media_plays_total')).toBe(plays);
    expect(Math.abs(got.sum('play_seconds_total') - truth.total().seconds)).toBeLessThan(POLL * truth.records.length);
  } finally {
    await exporter.kill();
  }
}, 300_000);
