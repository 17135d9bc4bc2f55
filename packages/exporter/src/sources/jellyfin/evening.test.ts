import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { describeIf } from '../../../../../test/support/tools.ts';
import { create as createActivity } from './collectors/activity.ts';
import { create as createPlayback } from './collectors/playback.ts';
import { create as createSessions } from './collectors/sessions.ts';
import { testContext, values } from './testing/context.testing.ts';
import { MISSING, playTape, RECORDED } from './testing/tape.testing.ts';

const PHASES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const CASES = ['10.11', '12.0'].flatMap((line) => PHASES.map((phase) => [line, phase] as const));
const START = Date.UTC(2026, 5, 1, 12);

interface Truth {
  readonly length_ms: number;
  readonly totals: {
    readonly starts: number;
    readonly byClaimed: Readonly<Record<string, number>>;
    readonly watchSeconds: Readonly<Record<string, number>>;
    readonly coWatchSeconds: Readonly<Record<string, number>>;
  };
  readonly intervals: readonly {
    readonly user: string;
    readonly deviceId: string;
    readonly itemId: string;
    readonly state: string;
    readonly from_ms: number;
    readonly to_ms: number;
  }[];
}

const TRUTHS = new Map<string, Truth>();

function truthOf(line: string): Truth {
  const known = TRUTHS.get(line);
  if (known !== undefined) return known;
  const zipped = readFileSync(join(RECORDED, 'recorded', line, 'evening-a.truth.json.gz'));
  const truth = JSON.parse(gunzipSync(zipped).toString('utf8')) as Truth;
  TRUTHS.set(line, truth);
  return truth;
}

/** Polls a tape each ten seconds from `phase` on, looks at it after each poll, and may be restarted in between. */
async function watchTape(
  file: string,
  options: {
    readonly phase: number;
    readonly seconds: number;
    readonly restartAt?: number;
    readonly look?: (ms: number, sources: ReturnType<typeof begin>) => void;
  },
) {
  const clock = new ManualClock(START);
  const http = await playTape(file, () => clock.date());
  let sources = begin(http, clock);
  await sources.activity.run();
  clock.advance(options.phase * 1000);
  for (let second = options.phase; second <= options.seconds; second += 10) {
    if (options.restartAt !== undefined && second >= options.restartAt && second < options.restartAt + 10) {
      sources = begin(http, clock, sources.kept);
    }
    await sources.sessions.run().catch(() => {});
    if (second % 60 < 10) await sources.activity.run().catch(() => {});
    options.look?.(second * 1000, sources);
    clock.advance(10_000);
  }
  return sources;
}

type Kept = ReadonlyMap<'sessions' | 'playback' | 'activity', ReadonlyMap<string, unknown>>;

function begin(http: Parameters<typeof testContext>[0], clock: ManualClock, before?: Kept) {
  const contexts = { sessions: testContext(http, clock) };
  const { shared } = contexts.sessions;
  const playbackContext = testContext(http, clock, {}, shared);
  const activityContext = testContext(http, clock, {}, shared);
  const sessions = createSessions(contexts.sessions);
  const playback = createPlayback(playbackContext);
  const activity = createActivity(activityContext);
  const kept: Kept = new Map([
    ['sessions', contexts.sessions.kept],
    ['playback', playbackContext.kept],
    ['activity', activityContext.kept],
  ]);
  for (const collector of [sessions, playback, activity]) {
    const own = before?.get(collector.name as 'sessions');
    if (own === undefined) continue;
    for (const [key, value] of own) (kept.get(collector.name as 'sessions') as Map<string, unknown>).set(key, value);
    collector.restore?.(own);
  }
  return { sessions, playback, activity, kept };
}

const sum = (numbers: Readonly<Record<string, number>>): number => Object.values(numbers).reduce((a, b) => a + b, 0);

describeIf(MISSING, 'an evening at a real server, polled each ten seconds in every phase', () => {
  test.each(CASES)('%s from second %i: every play is counted once, and its time is right', async (line, phase) => {
    const { totals, length_ms } = truthOf(line);
    const { playback } = await watchTape(`${line}/evening-a.tape.ndjson.gz`, { phase, seconds: length_ms / 1000 + 60 });
    const plays = values(playback.families(), 'jellyfin_playback_total');
    expect(sum(plays)).toBe(totals.starts);
    // Of what the clients claim to be transcodes, one is a remux, and of one the server knows that it is none.
    expect(plays.transcode).toBe((totals.byClaimed.Transcode ?? 0) - 2);
    const watched = values(playback.families(), 'jellyfin_user_watch_time_seconds');
    for (const [user, seconds] of Object.entries(totals.watchSeconds)) {
      const ratio = (watched[user] ?? 0) / (seconds + (totals.coWatchSeconds[user] ?? 0));
      expect(ratio, user).toBeGreaterThan(0.97);
      expect(ratio, user).toBeLessThan(1.08);
    }
  });

  test.each(CASES)('%s from second %i: who has been silent for a minute is not active', async (line, phase) => {
    const { intervals, length_ms } = truthOf(line);
    const polls: number[] = [];
    await watchTape(`${line}/evening-a.tape.ndjson.gz`, {
      phase,
      seconds: length_ms / 1000,
      look(ms, { sessions }) {
        const { active = [] } = sessions.state().sessions ?? {};
        polls.push(active.length);
        for (const { session, item, state } of active) {
          const silence = state === 'paused' ? 300_000 : 60_000;
          const played = intervals.some(
            ({ deviceId, itemId, from_ms, to_ms }) =>
              deviceId === session.deviceId && itemId === item.id && from_ms < ms && ms < to_ms + silence,
          );
          expect(played, `${session.client} at ${ms} ms`).toBe(true);
        }
      },
    });
    expect(Math.max(...polls)).toBeGreaterThan(4);
  });

  test.each(CASES)('%s from second %i: nothing is earned while a player is paused', async (line, phase) => {
    const { length_ms } = truthOf(line);
    const earned = new Map<number, Record<string, number>>();
    await watchTape(`${line}/evening-a.tape.ndjson.gz`, {
      phase,
      seconds: length_ms / 1000,
      look(ms, { playback }) {
        earned.set(ms, values(playback.families(), 'jellyfin_watch_seconds_total'));
      },
    });
    // By the script: in these times the only film that the user plays in this way is paused. The first poll in them may
    // still confirm what was played before.
    for (const [label, from, to] of [
      ['marta,movie,directplay', 70_000, 105_000],
      ['admin,movie,directplay', 320_000, 420_000],
    ] as const) {
      const inside = [...earned].filter(([ms]) => ms > from + 3_000 && ms < to).map(([, seconds]) => seconds[label]);
      expect(inside.length).toBeGreaterThan(1);
      expect(new Set(inside).size, label).toBe(1);
    }
  });

  test.each(CASES)('%s from second %i: a restart of the exporter changes no count', async (line, phase) => {
    const { totals, length_ms } = truthOf(line);
    const seconds = length_ms / 1000 + 60;
    const { playback } = await watchTape(`${line}/evening-a.tape.ndjson.gz`, { phase, seconds, restartAt: 200 });
    expect(sum(values(playback.families(), 'jellyfin_playback_total'))).toBe(totals.starts);
    const watched = values(playback.families(), 'jellyfin_user_watch_time_seconds');
    for (const [user, truth] of Object.entries(totals.watchSeconds)) {
      const ratio = (watched[user] ?? 0) / (truth + (totals.coWatchSeconds[user] ?? 0));
      expect(ratio, user).toBeGreaterThan(0.97);
      expect(ratio, user).toBeLessThan(1.08);
    }
  });

  test.each(CASES)('%s from second %i: a restart of the server counts no play twice', async (line, phase) => {
    const earned: Record<string, number>[] = [];
    const { playback } = await watchTape(`${line}/restart.tape.ndjson.gz`, {
      phase,
      seconds: 110,
      look(_, { playback }) {
        earned.push(values(playback.families(), 'jellyfin_user_watch_time_seconds'));
      },
    });
    const plays = values(playback.families(), 'jellyfin_playback_total');
    expect(plays).toEqual({ directplay: 1, directstream: 0, transcode: 1, unknown: 0 });
    // By the script: both play on while the server is away.
    const { marta = 0, jonas = 0 } = earned.at(-1) ?? {};
    expect(Math.abs(marta / 85.3 - 1)).toBeLessThan(0.1);
    expect(Math.abs(jonas / 81.4 - 1)).toBeLessThan(0.1);
    for (const [index, seconds] of earned.entries()) {
      for (const [user, before] of Object.entries(earned[index - 1] ?? {})) {
        expect(seconds[user]).toBeGreaterThanOrEqual(before);
      }
    }
  });
});
