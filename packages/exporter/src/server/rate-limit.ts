import type { Clock } from '@media-exporter/metrics';
import type { RateLimit } from '../config/web-file/read.ts';

/** A token bucket: `burst` requests at once, and then one each `interval` seconds. */
export class TokenBucket {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  #tokens: number;
  #filled: number;

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#filled = clock.now();
  }

  /** Whether one more request may come now; if so, it is counted. */
  take(): boolean {
    const { interval, burst } = this.#limit;
    const now = this.#clock.now();
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#filled) / (interval * 1000));
    this.#filled = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
