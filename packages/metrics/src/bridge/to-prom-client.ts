import { textType } from '../encode/dialect.ts';
import type { Collector, Exemplar, HistogramValue, Sample, SummaryValue } from '../family.ts';
import type { Metric } from '../metric.ts';
import { formatNumber } from '../number.ts';
import { Registry } from '../registry.ts';
import type { GatheredFamily } from '../snapshot.ts';
import type { PromClientData, PromClientRegistry, PromClientValue } from './prom-client.ts';

/**
 * Registers a collector in a `prom-client` 15 or `@prometheus-io/client` registry, one metric for each entry of its
 * catalogue, filled by one collection for each of their scrapes. The returned function takes them out again.
 *
 * Their registries know no info, stateset or native buckets: these become gauges and classic buckets.
 */
export function toPromClient(collector: Collector, registry: PromClientRegistry): () => void {
  const gatherer = new Registry();
  gatherer.register(collector);
  const metrics = collector.catalogue.map((metric) => new BridgedMetric(metric, gatherer));
  for (const metric of metrics) registry.registerMetric(metric as never);
  return () => {
    for (const metric of metrics) registry.removeSingleMetric(metric.registeredAs);
  };
}

/** Quacks as a metric of theirs. */
class BridgedMetric {
  /** Not read-only: in OpenMetrics mode their registry takes `_total` off the name, and expects to find that here. */
  name: string;
  readonly registeredAs: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator = 'sum';
  readonly labelNames: readonly string[];
  readonly #metric: Metric;
  readonly #gatherer: Registry;

  constructor(metric: Metric, gatherer: Registry) {
    this.name = metric.name;
    this.registeredAs = metric.name;
    this.help = metric.help;
    this.type = textType(metric.type);
    this.labelNames = metric.labelNames;
    this.#metric = metric;
    this.#gatherer = gatherer;
  }

  async get(): Promise<PromClientData> {
    const { families, collectors } = await this.#gatherer.gather();
    const failed = collectors.find((report) => report.outcome !== 'success');
    if (failed !== undefined) throw failed.error;
    const found = families.find((family) => family.metric.name === this.#metric.name);
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: found === undefined ? [] : [...valuesOf(found)] };
  }

  /** Nothing to do: a collector makes its values anew. */
  reset(): void {}
}

function* valuesOf({ metric, parts }: GatheredFamily): Generator<PromClientValue> {
  for (const part of parts) {
    for (const sample of part.samples) {
      const labels = Object.fromEntries(part.labelNames.map((name, i) => [name, sample.labels[i] ?? '']));
      if (metric.type === 'histogram') yield* histogramValues(metric.name, labels, sample);
      else if (metric.type === 'summary') yield* summaryValues(metric.name, labels, sample.value as SummaryValue);
      else yield { labels, value: sample.value as number, ...exemplarOf(sample.exemplar) };
    }
  }
}

function* histogramValues(name: string, labels: Record<string, string>, sample: Sample): Generator<PromClientValue> {
  const { buckets, count, sum } = sample.value as HistogramValue;
  const bucket = (le: number, value: number, exemplar: Exemplar | undefined): PromClientValue => ({
    labels: { le: formatNumber(le), ...labels },
    value,
    metricName: `${name}_bucket`,
    ...exemplarOf(exemplar),
  });
  for (const { upperBound, count: below, exemplar } of buckets) yield bucket(upperBound, below, exemplar);
  yield bucket(Number.POSITIVE_INFINITY, count, sample.exemplar);
  yield { labels, value: sum, metricName: `${name}_sum` };
  yield { labels, value: count, metricName: `${name}_count` };
}

function* summaryValues(name: string, labels: Record<string, string>, value: SummaryValue): Generator<PromClientValue> {
  for (const [quantile, at] of value.quantiles) yield { labels: { quantile: String(quantile), ...labels }, value: at };
  yield { labels, value: value.sum, metricName: `${name}_sum` };
  yield { labels, value: value.count, metricName: `${name}_count` };
}

function exemplarOf(exemplar: Exemplar | undefined): Pick<PromClientValue, 'exemplar'> {
  if (exemplar === undefined) return {};
  const { labels, value, timestamp = 0 } = exemplar;
  return { exemplar: { labelSet: labels, value, timestamp } };
}
