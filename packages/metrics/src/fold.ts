import type { Bucket, HistogramValue, Sample, SampleValue } from './family.ts';
import { OTHER } from './hygiene.ts';
import type { Metric } from './metric.ts';

/**
 * Folds the series beyond a family's budget into one. A folded counter must not go back when the set of folded series
 * changes, so it grows by what the sum grows and stands still when the sum falls: a lower bound of the truth.
 */
export class OverflowFold {
  readonly #metric: Metric;
  #total = 0;
  #previous = 0;

  constructor(metric: Metric) {
    this.#metric = metric;
  }

  /** The one series for all of these, or nothing where no fold of the values is true. */
  fold(samples: readonly Sample[]): Sample | undefined {
    const value = this.#combine(samples.map((sample) => sample.value));
    return value === undefined ? undefined : { labels: this.#metric.labelNames.map(() => OTHER), value };
  }

  #combine(values: readonly SampleValue[]): SampleValue | undefined {
    const { overflow, type } = this.#metric;
    if (overflow === 'drop') return undefined;
    if (type === 'histogram') return addHistograms(values as HistogramValue[]);
    const numbers = values.filter((value): value is number => typeof value === 'number' && !Number.isNaN(value));
    if (numbers.length === 0) return undefined;
    if (overflow === 'min') return numbers.reduce((a, b) => Math.min(a, b));
    if (overflow === 'max') return numbers.reduce((a, b) => Math.max(a, b));
    const sum = numbers.reduce((a, b) => a + b, 0);
    if (type !== 'counter') return sum;
    this.#total += Math.max(0, sum - this.#previous);
    this.#previous = sum;
    return this.#total;
  }
}

/** The sum of histograms with the same bounds; otherwise only what they have in common, count and sum, is true. */
function addHistograms(values: readonly HistogramValue[]): HistogramValue | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  const sameBounds = values.every(
    ({ buckets }) =>
      buckets.length === first.buckets.length &&
      buckets.every((bucket, i) => bucket.upperBound === first.buckets[i]?.upperBound),
  );
  const buckets: Bucket[] = sameBounds
    ? first.buckets.map(({ upperBound }, i) => ({
        upperBound,
        count: values.reduce((sum, value) => sum + (value.buckets[i] as Bucket).count, 0),
      }))
    : [];
  return {
    count: values.reduce((sum, value) => sum + value.count, 0),
    sum: values.reduce((sum, value) => sum + value.sum, 0),
    buckets,
  };
}
