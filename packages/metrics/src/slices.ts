import type { Clock } from './clock.ts';

/** The longest that this package works before it lets the event loop turn, in milliseconds. */
export const SLICE_MS: number = 4;
/** Work is handed over a little early, because a piece of work that has begun is finished first. */
const HAND_OVER_MS = 1.5;

/** How many samples are looked at between two looks at the clock. */
export const BATCH = 512;

/** Counts how long the current slice has run; ask after each small piece of work. */
export class Slicer {
  readonly #clock: Clock;
  #began: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.now();
  }

  get spent(): boolean {
    return this.#clock.now() - this.#began >= HAND_OVER_MS;
  }

  /** Lets everything else run, then begins a new slice. */
  async rest(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#began = this.#clock.now();
  }
}
