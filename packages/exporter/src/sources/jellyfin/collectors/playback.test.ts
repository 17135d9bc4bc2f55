import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import type { ActivityEntry } from '../state.ts';
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
  first.context.shared.tellActivity([start]);
  const second = open(new Map(first.context.kept));
  second.poll(30);
  expect(second.plays()).toBe(1);
  second.poll(40);
  expect(second.plays()).toBe(1);
});
