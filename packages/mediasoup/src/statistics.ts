import type { Statistics } from './state.ts';

/** Numbers of several streams, to be summed up. */
export class Sampled {
  /** Of fixed width, because they can be sorted in place: this is done for thousands of streams at a stretch. */
  #values = new Float64Array(64);
  #size = 0;

  add(value: number | undefined): void {
    if (value === undefined) return;
    if (this.#size === this.#values.length) {
      const wider = new Float64Array(2 * this.#size);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#size++] = value;
  }

  /** Undefined without values: the mean of nothing is not 0. */
  statistics(): Statistics | undefined {
    const sorted = this.#values.subarray(0, this.#size).sort();
    const [min] = sorted;
    const max = sorted.at(-1);
    if (min === undefined || max === undefined) return undefined;
    let sum = 0;
    for (const value of sorted) sum += value;
    return { sum, mean: sum / sorted.length, min, max, p25: percentile(sorted, 0.25) };
  }
}

/** By nearest rank; where the rank falls between two values, their mean. `sorted` is not empty. */
export function percentile(sorted: Float64Array, share: number): number {
  const rank = sorted.length * share;
  const above = sorted[Math.min(sorted.length - 1, Math.floor(rank))] as number;
  if (rank > 0 && Number.isInteger(rank)) return ((sorted[rank - 1] as number) + above) / 2;
  return above;
}
