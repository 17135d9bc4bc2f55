import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { makePause } from './pause.ts';

test('the event loop turns once the work has taken too long, and not before', async () => {
  const clock = new ManualClock();
  const pause = makePause(clock);
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  clock.advance(1.9);
  await pause();
  expect(turned).toBe(false);
  clock.advance(0.1);
  await pause();
  expect(turned).toBe(true);
});
