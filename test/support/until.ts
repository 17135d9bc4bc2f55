import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Milliseconds that a test waits for something real, a process or a socket, before it says what hangs. Nothing is measured
 * by it, so it is far longer than anything takes on a busy machine, and a little shorter than a test may run.
 */
export const PATIENCE = 100_000;

export interface UntilOptions {
  /** Said when the wait is over, with what was seen last. */
  readonly what: string;
}

/**
 * Asks again and again until the answer is no longer `undefined`. An `ask` that throws counts as `undefined`.
 *
 * @throws Error with what was seen last, when the {@link PATIENCE} is over
 */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined, options: UntilOptions): Promise<T> {
  const end = Date.now() + PATIENCE;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${options.what} did not happen in time`, { cause: last });
    await sleep(50);
  }
}

/**
 * Turns the event loop until the condition holds, so that sockets, files and promises do what they have begun. For tests
 * whose clock stands still.
 *
 * @throws Error when the {@link PATIENCE} is over
 */
export async function turnUntil(condition: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`It never held: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
