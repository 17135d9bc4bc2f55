import { type Family, type HistogramValue, namedSamples, type SummaryValue } from '@media-exporter/metrics';
import type { QueryResult } from '../support/prometheus.ts';

/** Stored series by their identity; the value is a number, or `COUNT/SUM` for a native histogram. */
export type Stored = Record<string, number | string>;

/** What Prometheus adds to each target by itself. */
const ADDED = /^(?:up|scrape_.*)$/;

/** The answer to a query for everything of one job, without what Prometheus adds. */
export function storedSeries(results: readonly QueryResult[]): Stored {
  const stored: Stored = {};
  for (const { metric, value, histogram } of results) {
    const { __name__: name = '', job: _job, instance: _instance, ...labels } = metric;
    if (ADDED.test(name)) continue;
    stored[identity(name, labels)] = histogram ? `${histogram[1].count}/${histogram[1].sum}` : parseValue(value?.[1]);
  }
  return stored;
}

/** What should be stored of families under their own names, told from the data model and not from an encoder. */
export function expectedSeries(families: readonly Family[], { native }: { readonly native: boolean }): Stored {
  const expected: Stored = {};
  for (const family of families) {
    const { name, type } = family.metric;
    for (const { labels, value } of namedSamples(family)) {
      const put = (suffix: string, number: number, more: Record<string, string> = {}): void => {
        expected[identity(name + suffix, { ...labels, ...more })] = number;
      };
      if (typeof value === 'number') {
        put('', value);
      } else if (type === 'summary') {
        const { quantiles, count, sum } = value as SummaryValue;
        for (const [quantile, number] of quantiles) put('', number, { quantile: String(quantile) });
        put('_count', count);
        put('_sum', sum);
      } else {
        const { buckets, count, sum, native: sparse } = value as HistogramValue;
        for (const bucket of buckets) put('_bucket', bucket.count, { le: floatText(bucket.upperBound) });
        if (native && sparse !== undefined) expected[identity(name, labels)] = `${count}/${sum}`;
        put('_bucket', count, { le: '+Inf' });
        put('_count', count);
        put('_sum', sum);
      }
    }
  }
  return expected;
}

/** Go writes infinities with a sign and without their last letters. */
function parseValue(text = ''): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

/** Prometheus 3 writes every bound as Go writes a float, whatever the format was. */
function floatText(bound: number): string {
  if (!Number.isInteger(bound)) return String(bound);
  return Math.abs(bound) < 1e6 ? `${bound}.0` : bound.toExponential().replace(/(?<=e[+-])(?=\d$)/, '0');
}

/** A label with an empty value is no label. */
function identity(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).filter(([, value]) => value !== '');
  return `${name} ${JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}
