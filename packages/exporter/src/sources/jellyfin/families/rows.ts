import type { Metric, Sample } from '@media-exporter/metrics';

/**
 * Adds up values by label values: what privacy makes alike, and what is alike by itself, is one series with the sum.
 */
export class LabelSums {
  readonly #sums = new Map<string, { readonly labels: readonly string[]; sum: number }>();

  add(labels: readonly string[], value = 1): this {
    const key = JSON.stringify(labels);
    const row = this.#sums.get(key);
    if (row === undefined) this.#sums.set(key, { labels, sum: value });
    else row.sum += value;
    return this;
  }

  family(metric: Metric): { metric: Metric; samples: Sample[] } {
    return { metric, samples: Array.from(this.#sums.values(), ({ labels, sum }) => ({ labels, value: sum })) };
  }
}

/** One series for each of `values`: 1 for what it is, 0 for the others. A value that is not among them is added. */
export function oneHot(values: readonly string[], is: string, before: readonly string[] = []): Sample[] {
  const all = values.includes(is) ? values : [...values, is];
  return all.map((value) => ({ labels: [...before, value], value: value === is ? 1 : 0 }));
}
