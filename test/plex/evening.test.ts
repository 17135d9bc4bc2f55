import { evening } from '@media-exporter/simulators/plex';
import { afterEach, expect, test } from 'vitest';
import { DrivenProcess } from '../support/driven/process.ts';
import { type Bench, closeAll, dropIn, Exposition, folder, open, simulate } from './bench.ts';

afterEach(closeAll);

/** Seconds between two looks at the sessions. */
const POLL = 10;
const HOUR = 3600;

/** Faults that come and go while people watch: when they begin, how long they last, both in minutes. */
function trouble({ plex }: Pick<Bench, 'plex'>): void {
  const { faults, socketFaults: socket } = plex;
  const during = (minute: number, minutes: number, begin: () => { end(): void }): void => {
    plex.after(minute * 60_000, () => {
      const fault = begin();
      plex.after(minutes * 60_000, () => fault.end());
    });
  };
  during(8, 1, () => faults.switchOn({ kind: 'status', status: 503 }));
  during(16, 1, () => faults.switchOn({ kind: 'html' }, { endpoint: '/status/sessions' }));
  during(22, 2, () => faults.switchOn({ kind: 'truncated' }));
  during(31, 1, () => faults.switchOn({ kind: 'reset' }));
  during(38, 3, () => socket.switchOn({ kind: 'lost', state: 'stopped' }));
  during(45, 2, () => faults.switchOn({ kind: 'wrong-types' }, { endpoint: '/statistics/bandwidth' }));
  during(52, 3, () => faults.switchOn({ kind: 'shuffled' }, { endpoint: '/statistics/bandwidth' }));
  during(59, 2, () => socket.switchOn({ kind: 'half-open' }));
  during(66, 2, () => socket.switchOn({ kind: 'duplicated' }));
  during(72, 2, () => socket.switchOn({ kind: 'reordered' }));
  during(78, 2, () => socket.switchOn({ kind: 'garbage' }));
  during(100, 1, () => faults.switchOn({ kind: 'status', status: 401 }));
  during(108, 1, () => faults.switchOn({ kind: 'slow' }, { endpoint: '/status/sessions' }));
  during(116, 1, () =>
    faults.switchOn({ kind: 'oversized', mebibytes: 80 }, { endpoint: '/status/sessions', requests: 1 }),
  );
  during(124, 2, () => socket.switchOn({ kind: 'refuse', status: 503 }));
}

test('an evening of 40 sessions with all kinds of trouble ends with the truth', async () => {
  const bench = await open();
  const { plex } = bench;
  const { durationMs } = evening(plex, { sessions: 40 });
  trouble(bench);
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
  const state = folder();
  const { args, env } = dropIn(plex, state);
  const { durationMs } = evening(plex, { sessions: 20, restart: false });
  let exporter = await DrivenProcess.start(args, env, clock.date());
  const advance = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1000);
      await exporter.advance(1000, () => plex.faults.held);
    }
  };
  try {
    const counters = ['plays_total', 'play_seconds_total', 'media_plays_total', 'media_play_seconds_total'];
    const bytes = ['transmit_bytes_total', 'estimated_transmit_bytes_total'];
    for (let kill = 0; kill < 3; kill += 1) {
      await advance(40 * 60 + 7);
      const before = new Exposition(await exporter.scrape());
      // What has been put within the last second may be lost, and has not been shown then: it is put when it is counted.
      await advance(1);
      await exporter.kill();
      // Twenty seconds without an exporter.
      clock.advance(20_000);
      exporter = await DrivenProcess.start(args, env, clock.date());
      await advance(1);
      const after = new Exposition(await exporter.scrape());
      expect(before.sum('play_seconds_total')).toBeGreaterThan(0);
      for (const name of [...counters, ...bytes]) {
        expect(after.sum(name), name).toBeGreaterThanOrEqual(before.sum(name));
      }
    }
    await advance(durationMs / 1000);
    const got = new Exposition(await exporter.scrape());
    const { truth } = plex;
    expect(got.sum('plays_total')).toBe(truth.total({ kind: 'play' }).plays);
    expect(got.sum('media_plays_total')).toBe(truth.total({ kind: 'play' }).plays);
    expect(Math.abs(got.sum('play_seconds_total') - truth.total().seconds)).toBeLessThan(POLL * truth.records.length);
    expect(got.sum('transmit_bytes_total')).toBe(truth.transmittedBytes.lan + truth.transmittedBytes.wan);
  } finally {
    await exporter.kill();
  }
}, 300_000);
