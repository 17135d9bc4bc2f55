import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import type { ActivityEntry, JellyfinSession } from '../state.ts';
import { answering, T0 } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { create } from './playback.ts';

test('a start that no poll has seen is counted once, though the exporter is killed before it is judged', () => {
  const open = (kept?: Map<string, unknown>) => {
    const context = testContext(
      answering(() => []),
      new ManualClock(),
    );
    const collector = create(context);
    if (kept !== undefined) collector.restore?.(kept);
    const poll = (second: number): void =>
      context.shared.tellSessions({ at: T0 + second * 1000, sessions: [], afterOutage: false });
    return { context, poll, plays: () => values(collector.families(), 'jellyfin_playback_total').unknown };
  };
  const start: ActivityEntry = {
    ...{ id: 1, type: 'VideoPlayback', severity: 'Information' },
    ...{ date: T0 + 9_000, userId: 'u1', itemId: 'i1' },
  };
  const first = open();
  first.poll(0);
  first.poll(10);
  first.context.shared.tellActivity([start], T0 + 10_000);
  const second = open(new Map(first.context.kept));
  second.poll(30);
  expect(second.plays()).toBe(1);
  second.poll(40);
  expect(second.plays()).toBe(1);
});

test('nothing is kept again while nobody plays', () => {
  const context = testContext(
    answering(() => []),
    new ManualClock(),
  );
  const put: string[] = [];
  const saved: typeof context.saved = {
    put(key, value) {
      put.push(key);
      context.saved.put(key, value);
    },
  };
  create({ ...context, saved });
  const poll = (second: number, sessions: readonly JellyfinSession[] = []): void => {
    context.shared.tellSessions({ at: T0 + second * 1000, sessions, afterOutage: false });
    if (second % 60 === 0) context.shared.tellActivity([], T0 + second * 1000);
  };
  poll(0);
  put.length = 0;
  for (let second = 10; second <= 600; second += 10) poll(second);
  expect(put).toEqual([]);
  poll(610, [playing(610)]);
  expect(new Set(put)).toContain('polled');
  for (let second = 620; second <= 1_300; second += 10) poll(second);
  expect(context.kept.get('polled')).toEqual({ epoch: 0 });
  put.length = 0;
  for (let second = 1_310; second <= 1_900; second += 10) poll(second);
  expect(put).toEqual([]);
});

test('a play that is found after a restart, before which nobody played, has no time from before', () => {
  const open = (kept: Map<string, unknown>) => {
    const context = testContext(
      answering(() => []),
      new ManualClock(),
    );
    const collector = create(context);
    collector.restore?.(kept);
    return { context, seconds: () => values(collector.families(), 'jellyfin_watch_seconds_total') };
  };
  const first = open(new Map());
  for (let second = 0; second <= 3_600; second += 10) {
    first.context.shared.tellSessions({ at: T0 + second * 1000, sessions: [], afterOutage: false });
  }
  const second = open(new Map(first.context.kept));
  const session = { ...playing(3_615), positionTicks: 1_000 * TICKS };
  second.context.shared.tellSessions({ at: T0 + 3_615_000, sessions: [session], afterOutage: false });
  expect(Object.values(second.seconds()).reduce((sum, value) => sum + value, 0)).toBe(0);
});

const TICKS = 10_000_000;

/** A session that has begun to play a second before. */
function playing(second: number): JellyfinSession {
  const at = T0 + second * 1000;
  return {
    ...{ id: 's1', userId: 'u1', user: 'alice', client: 'web', clientVersion: '', device: 'd', deviceId: 'd1' },
    ...{ lastCheckIn: at, lastActivity: at, paused: false, positionTicks: TICKS, method: 'directplay' },
    ...{ additionalUsers: [], item: { id: 'i1', type: 'Movie', mediaType: 'movie', title: 't', streams: [] } },
  } as unknown as JellyfinSession;
}
