import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restoreTracker, trackerMeta } from './keep.ts';
import type { Observation, TrackerState } from './observation.ts';
import { EMPTY_TRACKER, TRACKER_DEFAULTS, track } from './track.ts';

const { gapMs, tailMs } = TRACKER_DEFAULTS;
/** Rounding of sums, in milliseconds. */
const EPSILON = 1e-6;

const RUNS = { numRuns: 250 };

describe('whatever observations hold', () => {
  const NUMBER = fc.oneof(fc.nat(200_000), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300));
  const SESSION = fc.record(
    {
      key: fc.constantFrom('1', '2', '__proto__'),
      item: fc.constantFrom('a', 'b'),
      party: fc.constantFrom('ann', 'bob'),
      playing: fc.boolean(),
      attributes: fc.constantFrom('x', 'y'),
      bitrateBitsPerSecond: NUMBER,
      positionSeconds: NUMBER,
      confirmedAt: NUMBER,
      startedAt: NUMBER,
      countsAsPlay: fc.boolean(),
    },
    { requiredKeys: ['key', 'item', 'party', 'playing', 'attributes'] },
  );
  const OBSERVATION: fc.Arbitrary<Observation<string>> = fc.record(
    {
      at: fc.nat(200_000),
      sessions: fc.array(SESSION, { maxLength: 3 }),
      complete: fc.boolean(),
      ended: fc.array(fc.constantFrom('1', '2', '3'), { maxLength: 2 }),
      epoch: fc.constantFrom('e', 'f'),
    },
    { requiredKeys: ['at', 'sessions', 'complete'] },
  );
  const OPTIONS = fc.record({
    settleMs: fc.constantFrom(0, 5000),
    resumeMs: fc.constantFrom(0, 30_000, 300_000),
    gapMs: fc.constant(gapMs),
    tailMs: fc.constant(tailMs),
    maxPlays: fc.constantFrom(2, 10_000),
  });

  test('no play counts twice, no moment of it is credited twice, and nothing is ever taken away', () => {
    const inOrder = fc.array(OBSERVATION, { maxLength: 20 }).map((all) => all.sort((a, b) => a.at - b.at));
    fc.assert(
      fc.property(inOrder, OPTIONS, (observations, options) => {
        let state: TrackerState<string> = EMPTY_TRACKER;
        const plays = new Map<string, { plays: number; seconds: number; from: number }>();
        for (const observation of observations) {
          const step = track(state, observation, options);
          for (const { play, plays: count, seconds, bytes } of step.credits) {
            expect(seconds >= 0 && Number.isFinite(seconds) && bytes >= 0 && Number.isFinite(bytes)).toBe(true);
            const sum = plays.get(play) ?? { plays: 0, seconds: 0, from: Number.NaN };
            plays.set(play, { ...sum, plays: sum.plays + count, seconds: sum.seconds + seconds });
          }
          for (const [id, { creditedTo, pending = [] }] of step.state.plays) {
            const before = state.plays.get(id);
            const sum = plays.get(id) ?? { plays: 0, seconds: 0, from: Number.NaN };
            const earned = 1000 * pending.reduce((all, { seconds }) => all + seconds, sum.seconds);
            const from = before === undefined ? creditedTo - earned : sum.from;
            plays.set(id, { ...sum, from });
            expect(creditedTo).toBeGreaterThanOrEqual(before?.creditedTo ?? creditedTo);
            expect(creditedTo).toBeLessThanOrEqual(step.state.at ?? Number.NaN);
            // All that it has earned fits between its beginning and the moment that it is credited to.
            expect(earned).toBeLessThanOrEqual(creditedTo - from + EPSILON);
          }
          state = step.state;
        }
        for (const sum of plays.values()) expect(sum.plays).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  test('a step taken after a restart is the step that would have been taken without one', () => {
    fc.assert(
      fc.property(fc.array(OBSERVATION, { maxLength: 12 }), OPTIONS, (observations, options) => {
        let straight: TrackerState<string> = EMPTY_TRACKER;
        for (const observation of observations) {
          const kept = JSON.parse(JSON.stringify([trackerMeta(straight), [...straight.plays.values()]])) as unknown[][];
          const restarted = restoreTracker(kept[0], kept[1] ?? [], (value) => value as string);
          const [a, b] = [track(straight, observation, options), track(restarted, observation, options)];
          expect(b.credits).toEqual(a.credits);
          straight = a.state;
        }
      }),
      RUNS,
    );
  });

  test('a thousand sessions take no more than a fixed number of steps each', () => {
    const counted = (sessions: number): number => {
      let reads = 0;
      const all = Array.from({ length: sessions }, (_, i) => ({
        ...{ item: 'i', party: `p${i}`, playing: true, attributes: 'x' },
        get key() {
          reads++;
          return `${i}`;
        },
      }));
      const { state } = track<string>(EMPTY_TRACKER, { at: 0, sessions: all, complete: true });
      track(state, { at: 1000, sessions: all, complete: true });
      return reads;
    };
    expect(counted(1000)).toBe(10 * counted(100));
  });
});
