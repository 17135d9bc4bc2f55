import type { Clock } from '@media-exporter/metrics';
import { ExponentialBackoff, type IBackoff, type IExponentialBackoffOptions } from 'cockatiel';

export interface BreakerOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** After how many failures in a row the work is left alone. */
  readonly failures: number;
  /** How long, in ms: the first time and at most. Half of it is left to chance. */
  readonly initialDelay: number;
  readonly maxDelay: number;
}

/** The work was not begun, because it failed too often before. */
export class PausedError extends Error {
  override readonly name = 'PausedError';
}

/**
 * A circuit breaker by a clock that is given: after some failures in a row it lets no work through for a while, then one
 * try at a time, with longer and longer pauses until one succeeds.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #delays: ExponentialBackoff<number>;
  #failures = 0;
  /** Where the pause ends, and what the next one will be; `undefined` while work is let through. */
  #open: { readonly until: number; readonly backoff: IBackoff<unknown> } | undefined;
  #trying = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#delays = jitteredBackoff(options, options.random);
  }

  /**
   * Does the work, unless it is left alone. `counts` says which errors are failures: the others tell that it works.
   *
   * @throws PausedError when the work was not begun, else what the work throws.
   */
  async run<T>(work: () => Promise<T>, counts: (error: unknown) => boolean): Promise<T> {
    const paused = this.#open;
    if (paused !== undefined) {
      if (this.#trying || this.#options.clock.now() < paused.until) throw new PausedError();
      this.#trying = true;
    }
    try {
      const result = await work();
      this.close();
      return result;
    } catch (error) {
      if (counts(error)) this.#fail(paused !== undefined);
      else this.close();
      throw error;
    } finally {
      if (paused !== undefined) this.#trying = false;
    }
  }

  /** Lets work through again: after a success, or told that it would have one. */
  close(): void {
    this.#failures = 0;
    this.#open = undefined;
  }

  /** What had begun before the pause and fails in it is no news. */
  #fail(trial: boolean): void {
    this.#failures += 1;
    if (this.#open === undefined ? this.#failures < this.#options.failures : !trial) return;
    const backoff = this.#open?.backoff.next(undefined) ?? this.#delays.next();
    this.#open = { until: this.#options.clock.now() + backoff.duration, backoff };
  }
}

/** Delays that double, of which the second half is left to chance, so that many clients do not come back at once. */
export function jitteredBackoff(
  delays: Pick<IExponentialBackoffOptions<number>, 'initialDelay' | 'maxDelay'>,
  random: () => number,
): ExponentialBackoff<number> {
  return new ExponentialBackoff<number>({
    ...delays,
    generator(attempt = 0, { initialDelay, maxDelay, exponent }) {
      const delay = Math.min(maxDelay, initialDelay * exponent ** attempt);
      return [(delay * (1 + random())) / 2, attempt + 1];
    },
  });
}
