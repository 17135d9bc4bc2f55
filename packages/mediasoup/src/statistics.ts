import type { Statistics } from './state.ts';

/** Numbers of several streams, to be summed up. */
export class Sampled {
  readonly #values: number[] = [];

  add(value: number | undefined): void {
    if (value !== undefined) this.#values.push(value);
  }

  /** Undefined without values: the mean of nothing is not 0. */
  statistics(): Statistics | undefined {
    const sorted = new Float64Array(this.#values).sort();
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
