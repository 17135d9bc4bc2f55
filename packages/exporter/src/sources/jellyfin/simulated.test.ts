import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, describe, expect, test } from 'vitest';
import {
  causeTroubles,
  evening,
  type JellyfinVersion,
  SimulatedJellyfin,
} from '../../../../simulators/src/jellyfin/index.ts';
import { Secret } from '../../config/secrets.ts';
import { createLogger } from '../../log.ts';
import { MemoryStore } from '../../state/memory.ts';
import { JellyfinSource } from './index.ts';
import { JELLYFIN_DEFAULTS } from './settings.ts';
import { Calm } from './testing/calm.testing.ts';
import { values } from './testing/context.testing.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const sum = (numbers: Readonly<Record<string, number>>): number => Object.values(numbers).reduce((a, b) => a + b, 0);

interface Evening {
  readonly version: JellyfinVersion;
  readonly seed: number;
  readonly restart?: boolean;
  readonly troubles?: boolean;
}

/** Follows an evening of two hours, from before its begin until after its end. */
async function follow({ version, seed, restart = false, troubles = false }: Evening) {
  const clock = new ManualClock(Date.UTC(2026, 10, 21, 18));
  const server = new SimulatedJellyfin({ clock, version });
  const calm = new Calm(
    () => server.requests.count(),
    () => server.requests.held(),
  );
  await server.listen();
  const source = await JellyfinSource.create(
    {
      ...JELLYFIN_DEFAULTS,
      name: 'attic',
      url: server.url,
      collectors: ['sessions', 'playback', 'activity', 'transcode_logs'],
    },
    new Secret(server.token),
    { users: 'clear', titles: 'clear', addresses: 'clear', key: new Secret('the key of the tests') },
    {
      clock,
      random: () => 0.5,
      log: createLogger({ level: 'error', format: 'logfmt', write: () => {}, date: () => 0 }),
      state: new MemoryStore().scope('jellyfin/attic'),
      onRequest: calm.report,
      onReconnect: () => {},
    },
  );
  closers.push(
    () => server.close(),
    () => source.stop(),
    () => calm.close(),
  );
  await source.start();
  await calm.settled();
  clock.advance(3_000);
  await calm.settled();
  if (troubles) causeTroubles(server);
  const { durationMs } = evening(server, { seed, restart });
  for (let left = durationMs + 120_000; left > 0; left -= 1_000) {
    clock.advance(1_000);
    await calm.settled();
  }
  const { families } = source.snapshot();
  return { totals: server.truth.totals, read: (name: string) => values(families, name) };
}

describe('a simulated evening', () => {
  const cases: readonly (readonly [string, Evening])[] = [
    ['at a 10.11', { version: '10.11', seed: 1 }],
    ['at a 12.0', { version: '12.0', seed: 4 }],
    ['at a 10.8', { version: '10.8', seed: 5 }],
    ['with a restart of the server', { version: '12.0', seed: 3, restart: true }],
    ['with troubles of all kinds', { version: '12.0', seed: 2, troubles: true }],
  ];

  test.each(cases)('%s ends with the truth', async (_, options) => {
    const { totals, read } = await follow(options);
    expect(sum(read('jellyfin_playback_total'))).toBe(totals.starts);
    expect(sum(read('jellyfin_playback_started_total'))).toBe(totals.starts);
    expect(read('jellyfin_transcode_total')).toEqual({ '': totals.ffmpegJobs });
    expect(read('jellyfin_transcode_failures_total')).toEqual({ '': totals.ffmpegFailures });
    const watched = read('jellyfin_user_watch_time_seconds');
    for (const [user, seconds] of Object.entries(totals.watchSeconds)) {
      const ratio = (watched[user] ?? 0) / (seconds + (totals.coWatchSeconds[user] ?? 0));
      expect(ratio, user).toBeGreaterThan(0.97);
      expect(ratio, user).toBeLessThan(1.08);
    }
  });
});
