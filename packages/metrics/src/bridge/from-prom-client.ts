import type { Bucket, Collector, Exemplar, Family, Sample, SampleValue } from '../family.ts';
import { defineMetric, type Metric, type MetricType, type Privacy } from '../metric.ts';
import {
  OPENMETRICS_TYPE,
  type PromClientData,
  type PromClientExemplar,
  type PromClientRegistry,
  type PromClientValue,
} from './prom-client.ts';

/** Serves the metrics of a `prom-client` 15 or `@prometheus-io/client` registry: register the result in ours. */
export function fromPromClient(registry: PromClientRegistry, name = 'prom-client'): Collector {
  return {
    name,
    catalogue: [],
    async collect() {
      const openMetrics = registry.contentType?.startsWith(OPENMETRICS_TYPE) ?? false;
      const metrics = (await registry.getMetricsAsJSON()) as readonly PromClientData[];
      return metrics.flatMap((metric) => familiesOf(metric, openMetrics));
    },
  };
}

const TYPES: readonly string[] = ['counter', 'gauge', 'histogram', 'summary'] satisfies MetricType[];

/** Their series may differ in label names, ours may not: one family for each set of names, put together when gathered. */
function familiesOf(data: PromClientData, openMetrics: boolean): Family[] {
  const type = TYPES.includes(data.type) ? (data.type as MetricType) : 'unknown';
  // In OpenMetrics mode their counters lose the suffix and get it back when they are printed.
  const restore = openMetrics && type === 'counter' && !data.name.endsWith('_total');
  const name = restore ? `${data.name}_total` : data.name;
  const bound = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
  const families = new Map<string, { metric: Metric; series: Map<string, PromClientValue[]> }>();
  for (const value of data.values) {
    const names = Object.keys(value.labels ?? {}).filter((label) => label !== bound);
    const key = names.join('\n');
    let family = families.get(key);
    if (family === undefined) {
      const labels: Record<string, Privacy> = Object.fromEntries(names.map((label) => [label, 'public']));
      family = { metric: defineMetric({ name, type, help: data.help, labels }), series: new Map() };
      families.set(key, family);
    }
    const series = JSON.stringify(names.map((label) => String(value.labels?.[label])));
    const values = family.series.get(series);
    if (values === undefined) family.series.set(series, [value]);
    else values.push(value);
  }
  return Array.from(families.values(), ({ metric, series }) => ({
    metric,
    samples: Array.from(series, ([key, values]) => sampleOf(metric, JSON.parse(key) as string[], values)),
  }));
}

function sampleOf(metric: Metric, labels: readonly string[], values: readonly PromClientValue[]): Sample {
  const [first] = values as [PromClientValue, ...PromClientValue[]];
  if (metric.type !== 'histogram' && metric.type !== 'summary') {
    return withExemplar({ labels, value: first.value }, first.exemplar);
  }
  const named = (suffix: string): number => values.find((v) => v.metricName === `${metric.name}${suffix}`)?.value ?? 0;
  const base = { count: named('_count'), sum: named('_sum') };
  if (metric.type === 'summary') {
    const quantiles = values
      .filter((v) => v.labels?.quantile !== undefined)
      .map((v) => [Number(v.labels?.quantile), v.value] as const);
    return { labels, value: { ...base, quantiles } };
  }
  const buckets: Bucket[] = [];
  let infinite: PromClientExemplar | null | undefined;
  for (const { labels: own = {}, value, exemplar } of values) {
    if (own.le === undefined) continue;
    if (own.le === '+Inf') infinite = exemplar;
    else buckets.push({ upperBound: Number(own.le), count: value, ...exemplarOf(exemplar) });
  }
  const value: SampleValue = { ...base, buckets: buckets.sort((a, b) => a.upperBound - b.upperBound) };
  return withExemplar({ labels, value }, infinite);
}

function withExemplar(sample: Sample, exemplar: PromClientExemplar | null | undefined): Sample {
  return { ...sample, ...exemplarOf(exemplar) };
}

function exemplarOf(exemplar: PromClientExemplar | null | undefined): { exemplar?: Exemplar } {
  if (exemplar === null || exemplar === undefined || Object.keys(exemplar.labelSet ?? {}).length === 0) return {};
  return { exemplar: { labels: exemplar.labelSet, value: exemplar.value, timestamp: exemplar.timestamp } };
}
