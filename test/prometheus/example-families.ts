import { type Family, type Metric, type SampleValue, sample } from '@media-exporter/metrics';

const HISTOGRAM: SampleValue = { count: 3, sum: 1.5, buckets: [{ upperBound: 1, count: 2 }] };
const SUMMARY: SampleValue = { count: 3, sum: 1.5, quantiles: [[0.5, 0.5]] };

/** A family with one made-up series, to look at how a catalogue entry goes over the wire. */
export function exampleFamily(metric: Metric): Family {
  const labels = Object.fromEntries(metric.labelNames.map((name) => [name, `some ${name}`]));
  const value = metric.type === 'histogram' ? HISTOGRAM : metric.type === 'summary' ? SUMMARY : 1;
  return { metric, samples: [sample(metric, labels, value)] };
}
