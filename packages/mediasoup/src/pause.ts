import type { Clock } from '@media-exporter/metrics';

/** The longest that work which can be divided goes on at a stretch, in milliseconds. */
const SLICE_MS = 2;

/** Makes a function to be awaited between pieces of work: it lets the event loop turn when they have taken too long. */
export function makePause(clock: Clock): () => Promise<void> {
  let began = clock.now();
  return async () => {
    if (clock.now() - began < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    began = clock.now();
  };
}
