import { MetricsError } from './errors.ts';
import type { Metric } from './metric.ts';

/** A trace or another event that stands for one observation. OpenMetrics and protobuf carry it, the text formats do not. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly timestamp?: number;
}

/** One classic bucket. `count` is cumulative: all observations ≤ `upperBound`. */
export interface Bucket {
  readonly upperBound: number;
  readonly count: number;
  readonly exemplar?: Exemplar;
}

/** A run of consecutive native buckets: `offset` from the end of the run before (the first: from bucket 0). */
export interface BucketSpan {
  readonly offset: number;
  readonly counts: readonly number[];
}

/**
 * The sparse buckets of a native histogram. Bucket `i` of `positive` holds the observations in
 * (base^(i-1), base^i] with base = 2^(2^-schema); `negative` mirrors it. Only protobuf carries them.
 */
export interface NativeBuckets {
  /** -4 (coarse) to 8 (fine). */
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: readonly BucketSpan[];
  readonly negative: readonly BucketSpan[];
}

export interface HistogramValue {
  readonly count: number;
  readonly sum: number;
  /** Ascending, without +Inf: that bucket is `count`. */
  readonly buckets: readonly Bucket[];
  readonly native?: NativeBuckets;
}

export interface SummaryValue {
  readonly count: number;
  readonly sum: number;
  /** Quantile (0 to 1) and its value. */
  readonly quantiles: readonly (readonly [quantile: number, value: number])[];
}

export type SampleValue = number | HistogramValue | SummaryValue;

/** One series at one moment. The label values stand in the order of `metric.labelNames`. */
export interface Sample {
  readonly labels: readonly string[];
  readonly value: SampleValue;
  readonly exemplar?: Exemplar;
}

/**
 * A metric and its series. `samples` is iterated once for each scrape and must not change while it is, but for a
 * `SeriesSet`, whose rendered lines are copied instead.
 */
export interface Family {
  readonly metric: Metric;
  readonly samples: Iterable<Sample>;
}

/** A collector makes new families at each collection, so that what is gone is gone from the next scrape. */
export interface Collector {
  /** Names the collector in reports and errors. */
  readonly name: string;
  /** All that it can give, for documentation and lint. Families outside it are served too. */
  readonly catalogue: readonly Metric[];
  /** May throw or reject: the rest of the scrape is not touched. `signal` aborts when nobody waits any longer. */
  collect(signal: AbortSignal): Iterable<Family> | Promise<Iterable<Family>>;
}

/**
 * A sample with its labels by name.
 *
 * @throws MetricsError `MX_LABEL_SET` when the names are not exactly those of the metric.
 */
export function sample<L extends string>(
  metric: Metric<L>,
  labels: Readonly<Record<L, string>>,
  value: SampleValue,
): Sample {
  return { labels: labelValues(metric, labels), value };
}

/** One row of {@link family}: the labels by name and the value; a row whose value is unknown is left out. */
export type Row<L extends string> = readonly [labels: Readonly<Record<L, string>>, value: SampleValue | undefined];

/**
 * The family of a metric, from a single value or from rows. What is `undefined` is unknown, and absent from the
 * family: unknown is not 0.
 */
export function family<L extends string>(metric: Metric<L>, rows: Iterable<Row<L>> | SampleValue | undefined): Family {
  const samples: Sample[] = [];
  if (rows === undefined) return { metric, samples };
  if (typeof rows === 'number' || !(Symbol.iterator in rows)) {
    samples.push(sample(metric, {} as Record<L, string>, rows));
    return { metric, samples };
  }
  for (const [labels, value] of rows) {
    if (value !== undefined) samples.push(sample(metric, labels, value));
  }
  return { metric, samples };
}

/** Label values in the order of the metric. Throws `MX_LABEL_SET` when the names are not exactly those declared. */
export function labelValues<L extends string>(metric: Metric<L>, labels: Readonly<Record<L, string>>): string[] {
  const values: string[] = [];
  for (const name of metric.labelNames) {
    const value = labels[name];
    if (typeof value !== 'string') throw new MetricsError('MX_LABEL_SET', `${metric.name} lacks "${name}"`);
    values.push(value);
  }
  if (Object.keys(labels).length !== values.length) {
    const unknown = Object.keys(labels).filter((name) => !(metric.labelNames as readonly string[]).includes(name));
    throw new MetricsError('MX_LABEL_SET', `${metric.name} has no label ${unknown.map((u) => `"${u}"`).join(', ')}`);
  }
  return values;
}
