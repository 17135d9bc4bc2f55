import type { Clock } from '@media-exporter/metrics';

/**
 * The time that plays are measured by, in milliseconds: the date at the start and what has passed since. So it goes on
 * across restarts, and does not jump when somebody sets the clock.
 */
export class Timeline {
  readonly #clock: Clock;
  readonly #origin: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#origin = clock.date() - clock.now();
  }

  now(): number {
    return this.of(this.#clock.now());
  }

  /** A moment of the clock's `now`. */
  of(moment: number): number {
    return this.#origin + moment;
  }
}
