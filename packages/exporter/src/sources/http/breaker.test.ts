import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { Breaker, jitteredBackoff, PausedError } from './breaker.ts';

const fails = (): Promise<never> => Promise.reject(new Error('down'));
const works = async (): Promise<string> => 'up';
const counts = (): boolean => true;

function make(random = 1): {
  clock: ManualClock;
  breaker: Breaker;
  run: (work: () => Promise<unknown>) => Promise<unknown>;
} {
  const clock = new ManualClock();
  const breaker = new Breaker({ clock, random: () => random, failures: 2, initialDelay: 1_000, maxDelay: 3_000 });
  return {
    ...{ clock, breaker },
    run: (work) =>
      breaker.run(work, counts).catch((error: Error) => (error instanceof PausedError ? 'paused' : 'down')),
  };
}

test('some failures in a row bring a pause, and one success between them does not let them add up', async () => {
  const { run } = make();
  expect([await run(fails), await run(works), await run(fails), await run(works)]).toEqual([
    'down',
    'up',
    'down',
    'up',
  ]);
  expect([await run(fails), await run(fails), await run(works)]).toEqual(['down', 'down', 'paused']);
});

test('pauses grow up to the longest, and a success forgets them', async () => {
  const { clock, run } = make();
  const pause = async (): Promise<number> => {
    for (let waited = 0; ; waited += 100) {
      if ((await run(fails)) === 'down') return waited;
      clock.advance(100);
    }
  };
  await run(fails);
  await run(fails);
  expect([await pause(), await pause(), await pause(), await pause()]).toEqual([1_000, 2_000, 3_000, 3_000]);
  clock.advance(3_000);
  expect(await run(works)).toBe('up');
  await run(fails);
  await run(fails);
  expect(await pause()).toBe(1_000);
});

test('a pause is over for one that is told that it works, and pauses begin anew', async () => {
  const { clock, breaker, run } = make();
  expect([await run(fails), await run(fails), await run(works)]).toEqual(['down', 'down', 'paused']);
  clock.advance(1_000);
  await run(fails);
  breaker.close();
  expect([await run(fails), await run(fails), await run(works)]).toEqual(['down', 'down', 'paused']);
  clock.advance(1_000);
  expect(await run(works)).toBe('up');
});

test('after a pause one try goes first, and the others wait for what it finds', async () => {
  const { clock, run } = make();
  await run(fails);
  await run(fails);
  clock.advance(1_000);
  const trial = Promise.withResolvers<string>();
  const first = run(() => trial.promise);
  expect(await run(works)).toBe('paused');
  trial.resolve('up');
  expect(await first).toBe('up');
  expect(await run(works)).toBe('up');
});

test('what began before a pause and fails in it does not make it longer', async () => {
  const { clock, run } = make();
  const late = Promise.withResolvers<string>();
  const slow = run(() => late.promise);
  await run(fails);
  await run(fails);
  late.reject(new Error('down'));
  expect(await slow).toBe('down');
  clock.advance(1_000);
  expect(await run(works)).toBe('up');
});

test('half of each delay is left to chance', () => {
  const delays = (random: number): number[] => {
    const first = jitteredBackoff({ initialDelay: 100, maxDelay: 1_000 }, () => random).next();
    return [first.duration, first.next(undefined).duration];
  };
  expect([delays(0), delays(0.5), delays(1)]).toEqual([
    [50, 100],
    [75, 150],
    [100, 200],
  ]);
});
