import type { HistogramState } from './state.ts';

/** mediasoup's scores are whole numbers from 0 to 10. */
export const SCORE_BOUNDS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** Seconds: from one rack to a satellite. */
export const ROUND_TRIP_BOUNDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2];
/** Seconds: a jitter buffer rarely holds more than 0.2. */
export const JITTER_BOUNDS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5];
/** Shares: below 0.02 nobody hears it, above 0.1 everybody does. */
export const LOSS_BOUNDS: readonly number[] = [0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/** Observations since observing began, as a histogram that can be sent as JSON. */
export class Distribution {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #count = 0;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#count++;
    this.#sum += value;
    // From the top, so that the counts stay cumulative.
    for (let i = this.#bounds.length - 1; i >= 0 && value <= (this.#bounds[i] as number); i--) {
      this.#counts[i] = (this.#counts[i] as number) + 1;
    }
  }

  state(): HistogramState {
    return { bounds: this.#bounds, counts: [...this.#counts], count: this.#count, sum: this.#sum };
  }
}
