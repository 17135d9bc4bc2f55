import type { Clock } from '@media-exporter/metrics';

/** How much later than it was written an answer may be read without its `Date` being held against the clock, ms. */
const LATENCY = 1_000;

/**
 * What the server's clock says, so that its dates can be compared with now: the own monotonic clock, set by the header
 * `Date` of its answers, which has whole seconds. It is set anew only when a header contradicts it, so that times between
 * two polls are as exact as the own clock is.
 */
export class ServerClock {
  readonly #clock: Clock;
  #offset: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.date() - clock.now();
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#clock.now() + this.#offset;
  }

  /** Takes the header of an answer that has just been read. */
  tell(date: number | undefined): void {
    if (date === undefined) return;
    const lead = this.now() - date;
    if (lead < -LATENCY || lead > 1_000 + LATENCY) this.#offset += 500 - lead;
  }
}
