import { afterEach, describe, expect, test } from 'vitest';
import {
  causeTroubles,
  evening,
  type JellyfinVersion,
  type TruthTotals,
} from '../../../../simulators/src/jellyfin/index.ts';
import { openSimulated } from './testing/simulated.testing.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(version: JellyfinVersion) {
  const opened = await openSimulated({ version });
  closers.push(opened.close);
  return opened;
}

const sum = (numbers: Readonly<Record<string, number>>): number => Object.values(numbers).reduce((a, b) => a + b, 0);

interface Evening {
  readonly version: JellyfinVersion;
  readonly seed: number;
  readonly restart?: boolean;
  readonly troubles?: boolean;
}

/** Follows an evening of two hours, from before its begin until after its end. */
async function follow({ version, seed, restart = false, troubles = false }: Evening) {
  const { server, turn, read } = await open(version);
  await turn(3);
  if (troubles) causeTroubles(server);
  const { durationMs } = evening(server, { seed, restart });
  await turn(durationMs / 1_000 + 120);
  return { totals: server.truth.totals, read };
}

/** By the truth of the server, users have watched for so long. */
function expectWatched(watched: Readonly<Record<string, number>>, { watchSeconds, coWatchSeconds }: TruthTotals): void {
  for (const [user, seconds] of Object.entries(watchSeconds)) {
    const ratio = (watched[user] ?? 0) / (seconds + (coWatchSeconds[user] ?? 0));
    expect(ratio, user).toBeGreaterThan(0.97);
    expect(ratio, user).toBeLessThan(1.08);
  }
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
    expectWatched(read('jellyfin_user_watch_time_seconds'), totals);
  });
});

describe('a restart of the server that no request falls into', () => {
  const PHASES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const cases = (['10.11', '12.0'] as const).flatMap((version) => PHASES.map((phase) => [version, phase] as const));

  test.each(cases)(
    'counts no play twice and loses no time: %s, players that begin in second %i',
    async (version, phase) => {
      const { server, answers, turn, read } = await open(version);
      await turn(20 + phase);
      const film = server.play({ user: 'marta', device: 'A', item: server.item('Movies', 3) });
      const transcode = server.play({
        user: 'jonas',
        device: 'B',
        item: server.item('Movies', 0),
        transcode: { speed: 2 },
      });
      const paused = server.play({ device: 'C', item: server.item('Shows', 1) });
      await turn(25);
      paused.pause({ silent: true });
      await turn(15);
      const polls = server.requests.count('/Sessions');
      while (server.requests.count('/Sessions') === polls) await turn(1);
      server.restart({ kind: 'in-place', loadingMs: 2_000 });
      await turn(85);
      paused.resume();
      await turn(20);
      for (const play of [film, transcode, paused]) play.stop();
      await turn(120);
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      const { totals } = server.truth;
      expect(sum(read('jellyfin_playback_total'))).toBe(totals.starts);
      expect(sum(read('jellyfin_playback_started_total'))).toBe(totals.starts);
      expectWatched(read('jellyfin_user_watch_time_seconds'), totals);
    },
  );
});
