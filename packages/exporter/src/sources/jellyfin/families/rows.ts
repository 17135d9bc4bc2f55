import { cleanLabelValue, type Metric, type Sample } from '@media-exporter/metrics';

/**
 * Adds up values by label values: what privacy makes alike, what is alike by itself, and what differs only in characters
 * that a label does not keep, is one series with the sum.
 */
export class LabelSums {
  readonly #sums = new Map<string, { readonly labels: readonly string[]; sum: number }>();

  add(labels: readonly string[], value = 1): this {
    const clean = labels.map((label) => cleanLabelValue(label));
    const key = JSON.stringify(clean);
    const row = this.#sums.get(key);
    if (row === undefined) this.#sums.set(key, { labels: clean, sum: value });
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
