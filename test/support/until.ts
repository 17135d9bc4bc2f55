import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** Milliseconds; generous, because it bounds only a wait for a real process. */
  readonly within?: number;
  /** Said when the wait is over, with what was seen last. */
  readonly what: string;
}

/**
 * Asks again and again until the answer is no longer `undefined`. An `ask` that throws counts as `undefined`.
 *
 * @throws Error with what was seen last, when `within` (20 s) is over
 */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined, options: UntilOptions): Promise<T> {
  const end = Date.now() + (options.within ?? 20_000);
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
