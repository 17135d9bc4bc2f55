import { ManualClock } from '@media-exporter/metrics/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Timeline } from './timeline.ts';

test('tasks run at their times, in their order, and cancelled ones never', () => {
  const delays = fc.array(fc.record({ delay: fc.nat(50), cancelled: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(delays, (wanted) => {
      const clock = new ManualClock();
      const timeline = new Timeline(clock);
      const ran: (readonly [at: number, index: number])[] = [];
      for (const [index, { delay, cancelled }] of wanted.entries()) {
        const cancel = timeline.after(delay, () => ran.push([clock.now(), index]));
        if (cancelled) cancel();
      }
      clock.advance(50);
      const expected = [...wanted.entries()]
        .filter(([, { cancelled }]) => !cancelled)
        .map(([index, { delay }]) => [delay, index] as const)
        .sort(([a, first], [b, second]) => a - b || first - second);
      expect(ran).toEqual(expected);
      expect(clock.pending).toBe(0);
    }),
  );
});

test('however many wait, the clock has one task', () => {
  const clock = new ManualClock();
  const timeline = new Timeline(clock);
  for (let delay = 100; delay > 0; delay -= 1) timeline.after(delay, () => {});
  expect(clock.pending).toBe(1);
  timeline.clear();
  expect(clock.pending).toBe(0);
});
