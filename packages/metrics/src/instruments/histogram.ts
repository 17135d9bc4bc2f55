import { MetricsError } from '../errors.ts';
import type { Bucket, Collector, Exemplar, Family, HistogramValue, Sample } from '../family.ts';
import type { Metric } from '../metric.ts';
import { NativeHistogram, type NativeOptions } from './native.ts';
import { LabelMap, type Labels } from './series.ts';

/** Bounds for latencies of a request, in seconds. */
export const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface HistogramOptions {
  /** Classic upper bounds, ascending, without +Inf. Defaults to {@link DEFAULT_BUCKETS}; empty for native only. */
  readonly buckets?: readonly number[];
  /** Native (sparse, exponential) buckets beside the classic ones; `true` for the defaults. */
  readonly native?: NativeOptions | boolean;
}

/** Counts observations in classic buckets, native buckets or both. */
export class Histogram<L extends string = never> implements Collector {
  readonly name: string;
  readonly catalogue: readonly [Metric<L>];
  readonly #map: LabelMap<L, HistogramSeries>;

  /** @throws MetricsError `MX_VALUE` when the metric is no histogram, `MX_BUCKETS` for bad bounds. */
  constructor(metric: Metric<L>, options: HistogramOptions = {}) {
    if (metric.type !== 'histogram') throw new MetricsError('MX_VALUE', `${metric.name} is a ${metric.type}`);
    const bounds = options.buckets ?? DEFAULT_BUCKETS;
    const ascending = bounds.every(
      (bound, i) => Number.isFinite(bound) && (i === 0 || bound > (bounds[i - 1] as number)),
    );
    if (!ascending) throw new MetricsError('MX_BUCKETS', `${metric.name}: ${bounds.join(', ')}`);
    const native = options.native === true ? {} : options.native === false ? undefined : options.native;
    this.name = metric.name;
    this.catalogue = [metric];
    this.#map = new LabelMap(metric, (labels) => new HistogramSeries(labels, bounds, native));
    if (metric.labelNames.length === 0) this.#map.get(undefined);
  }

  /** Counts one observation: `observe(0.2)`, or with labels `observe({ job: 'scan' }, 0.2)`. NaN is not counted. */
  observe(
    ...args: [value: number, exemplar?: Exemplar] | [labels: Labels<L>, value: number, exemplar?: Exemplar]
  ): void {
    if (typeof args[0] === 'object') this.#map.get(args[0]).observe(args[1] as number, args[2]);
    else this.#map.get(undefined).observe(args[0], args[1] as Exemplar | undefined);
  }

  remove(labels: Labels<L>): void {
    this.#map.take(labels);
  }

  collect(): Family[] {
    const samples = Array.from(this.#map.values(), (series) => series.sample());
    return [{ metric: this.catalogue[0], samples }];
  }
}

class HistogramSeries {
  readonly #labels: readonly string[];
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  readonly #exemplars: (Exemplar | undefined)[] = [];
  readonly #native: NativeHistogram | undefined;
  #count = 0;
  #sum = 0;

  constructor(labels: readonly string[], bounds: readonly number[], native: NativeOptions | undefined) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
    this.#native = native === undefined ? undefined : new NativeHistogram(native);
  }

  observe(value: number, exemplar: Exemplar | undefined): void {
    if (Number.isNaN(value)) return;
    this.#count++;
    this.#sum += value;
    let index = this.#bounds.findIndex((bound) => value <= bound);
    if (index < 0) index = this.#bounds.length;
    else this.#counts[index] = (this.#counts[index] as number) + 1;
    if (exemplar !== undefined) this.#exemplars[index] = exemplar;
    this.#native?.observe(value);
  }

  sample(): Sample {
    let cumulative = 0;
    const buckets = this.#bounds.map((upperBound, i): Bucket => {
      cumulative += this.#counts[i] as number;
      const exemplar = this.#exemplars[i];
      return exemplar === undefined ? { upperBound, count: cumulative } : { upperBound, count: cumulative, exemplar };
    });
    const native = this.#native?.buckets();
    const value: HistogramValue = {
      count: this.#count,
      sum: this.#sum,
      buckets,
      ...(native === undefined ? {} : { native }),
    };
    // The exemplar of the +Inf bucket stands with the sample.
    const exemplar = this.#exemplars[this.#bounds.length];
    return { labels: this.#labels, value, ...(exemplar === undefined ? {} : { exemplar }) };
  }
}
