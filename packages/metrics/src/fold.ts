import type { Bucket, HistogramValue, Sample, SampleValue } from './family.ts';
import { OTHER } from './hygiene.ts';
import type { Metric } from './metric.ts';

/**
 * Folds the series beyond a family's budget into one. What is folded changes from scrape to scrape, and a counter must
 * not go back for that: it grows by what each folded series grew since the fold before. A series that joins later adds
 * nothing but its growth from then on, and one that leaves takes nothing away, so the fold is a lower bound of the truth.
 */
export class OverflowFold {
  readonly #metric: Metric;
  #last: ReadonlyMap<string, readonly number[]> | undefined;
  #bounds: readonly number[] = [];
  #totals: number[] = [];

  constructor(metric: Metric) {
    this.#metric = metric;
  }

  /** The one series for all of these, or nothing where no fold of the values is true. */
  fold(samples: readonly Sample[]): Sample | undefined {
    const value = this.#value(samples);
    return value === undefined ? undefined : { labels: this.#metric.labelNames.map(() => OTHER), value };
  }

  #value(samples: readonly Sample[]): SampleValue | undefined {
    const { overflow, type } = this.#metric;
    if (overflow === 'drop') return undefined;
    if (type === 'counter') return this.#grow(samples.map(({ labels, value }) => [labels, [value as number]]))[0];
    if (type === 'histogram') return this.#growHistogram(samples);
    const numbers = samples.map(({ value }) => value).filter((value) => typeof value === 'number');
    if (numbers.length === 0) return undefined;
    return numbers.reduce((a, b) =>
      overflow === 'sum' ? a + b : overflow === 'min' ? Math.min(a, b) : Math.max(a, b),
    );
  }

  /** Only histograms with the bounds of the first one ever folded can be added up. */
  #growHistogram(samples: readonly Sample[]): HistogramValue | undefined {
    const values = samples.map(({ labels, value }) => [labels, value as HistogramValue] as const);
    if (this.#last === undefined) this.#bounds = values[0]?.[1].buckets.map(({ upperBound }) => upperBound) ?? [];
    const bounds = this.#bounds;
    const fitting = values.filter(
      ([, { buckets }]) =>
        buckets.length === bounds.length && buckets.every(({ upperBound }, i) => upperBound === bounds[i]),
    );
    const totals = this.#grow(
      fitting.map(([labels, { count, sum, buckets }]) => [
        labels,
        [count, sum, ...buckets.map((bucket) => bucket.count)],
      ]),
    );
    const [count = 0, sum = 0, ...counts] = totals;
    return { count, sum, buckets: bounds.map((upperBound, i): Bucket => ({ upperBound, count: counts[i] ?? 0 })) };
  }

  /** Adds what each series grew to the totals. The first number of a series tells whether it began again. */
  #grow(series: readonly (readonly [labels: readonly string[], numbers: readonly number[]])[]): readonly number[] {
    const first = this.#last === undefined;
    const seen = new Map<string, readonly number[]>();
    for (const [labels, numbers] of series) {
      const key = JSON.stringify(labels);
      seen.set(key, numbers);
      const before = this.#last?.get(key);
      if (before === undefined && !first) continue;
      const restarted = before === undefined || (numbers[0] as number) < (before[0] as number);
      for (const [i, number] of numbers.entries()) {
        const grown = restarted ? number : number - (before[i] as number);
        if (Number.isFinite(grown)) this.#totals[i] = (this.#totals[i] ?? 0) + grown;
      }
    }
    this.#last = seen;
    return this.#totals;
  }
}
