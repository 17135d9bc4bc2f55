export { fromPromClient } from './bridge/from-prom-client.ts';
export type { PromClientRegistry } from './bridge/prom-client.ts';
export { toPromClient } from './bridge/to-prom-client.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  contentType,
  type Escaping,
  type Format,
  OPENMETRICS_1_0_0,
  PROTOBUF,
  TEXT_0_0_4,
  TEXT_1_0_0,
} from './encode/format.ts';
export { encode, renderText } from './encode/index.ts';
export { BufferPool } from './encode/output.ts';
export { METRICS_ERRORS, MetricsError, type MetricsErrorCode } from './errors.ts';
export {
  type Bucket,
  type BucketSpan,
  type Collector,
  type Exemplar,
  type Family,
  family,
  type HistogramValue,
  labelValues,
  type NativeBuckets,
  type Row,
  type Sample,
  type SampleValue,
  type SummaryValue,
  sample,
} from './family.ts';
export { negotiate, wantsGzip } from './http/negotiate.ts';
export { type SendOptions, sendExposition } from './http/send.ts';
export { writePieces } from './http/stream.ts';
export { cleanLabelValue, LABEL_VALUE_BYTES, OTHER } from './hygiene.ts';
export { Counter, type CounterSeries } from './instruments/counter.ts';
export { Gauge } from './instruments/gauge.ts';
export { DEFAULT_BUCKETS, Histogram, type HistogramOptions } from './instruments/histogram.ts';
export { NativeHistogram, type NativeOptions } from './instruments/native.ts';
export type { Labels } from './instruments/series.ts';
export {
  defineMetric,
  LEGACY_LABEL_NAME,
  LEGACY_METRIC_NAME,
  type Metric,
  type MetricOptions,
  type MetricType,
  type Overflow,
  type Privacy,
} from './metric.ts';
export {
  type CollectorReport,
  type RegisterOptions,
  Registry,
  type RegistryOptions,
  SERIES_BUDGET,
  SERIES_DROPPED,
  SERIES_DUPLICATED,
  type Snapshot,
} from './registry.ts';
export { Series, SeriesSet, type SeriesSetOptions } from './series.ts';
export { GatheredFamily, type NamedSample, namedSamples } from './snapshot.ts';
