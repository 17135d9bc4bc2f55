import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { describeIf } from '../../../../../test/support/tools.ts';
import { create as createActivity } from './collectors/activity.ts';
import { create as createPlayback } from './collectors/playback.ts';
import { create as createSessions } from './collectors/sessions.ts';
import { testContext, values } from './testing/context.ts';
import { MISSING, playTape, RECORDED } from './testing/tape.ts';

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
    // The one remux is told from the transcodes that the clients claim.
    expect(plays.transcode).toBe((totals.byClaimed.Transcode ?? 0) - 2);
    const watched = values(playback.families(), 'jellyfin_user_watch_time_seconds');
    for (const [user, seconds] of Object.entries(totals.watchSeconds)) {
      const ratio = (watched[user] ?? 0) / (seconds + (totals.coWatchSeconds[user] ?? 0));
      expect(ratio, user).toBeGreaterThan(0.97);
      expect(ratio, user).toBeLessThan(1.08);
    }
  });
});
