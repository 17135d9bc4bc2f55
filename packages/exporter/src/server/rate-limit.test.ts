import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { TokenBucket } from './rate-limit.ts';

test('a burst may come at once, and then one request each interval', () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ interval: 2, burst: 3 }, clock);
  const taken = (): number => [1, 2, 3, 4, 5].filter(() => bucket.take()).length;
  expect(taken()).toBe(3);
  clock.advance(1_999);
  expect(taken()).toBe(0);
  clock.advance(1);
  expect(taken()).toBe(1);
  clock.advance(3_600_000);
  expect(taken()).toBe(3);
});
