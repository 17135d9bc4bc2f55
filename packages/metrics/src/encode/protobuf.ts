import type { BucketSpan, Exemplar, HistogramValue, NativeBuckets, Sample, SummaryValue } from '../family.ts';
import type { Metric, MetricType } from '../metric.ts';
import type { GatheredFamily, Part } from '../snapshot.ts';
import { escapeLabelName, escapeMetricName } from './escaping.ts';
import type { Escaping } from './format.ts';
import { type BufferPool, Output } from './output.ts';
import { ProtoWriter, varintBytes } from './proto-writer.ts';

/** Field numbers of io.prometheus.client (client_model, metrics.proto). */
const TYPE: Readonly<Record<MetricType, number>> = {
  counter: 0,
  gauge: 1,
  summary: 2,
  unknown: 3,
  histogram: 4,
  info: 1,
  stateset: 1,
};

/** A family with more than that goes out as several messages, so that memory does not grow with it. */
const MESSAGE_BYTES = 64 * 1024;

/** Encodes families as length-delimited MetricFamily messages. */
export function* encodeProtobuf(
  families: Iterable<GatheredFamily>,
  escaping: Escaping,
  pool: BufferPool,
): Generator<Uint8Array, void, undefined> {
  const output = new Output(pool);
  const message = new ProtoWriter();
  for (const { metric, parts } of families) {
    writeHeader(message, metric, escaping);
    const header = message.at;
    for (const part of parts) {
      const names = part.labelNames.map((name) => escapeLabelName(name, escaping));
      for (const sample of part.samples) {
        message.message(4, () => writeMetric(message, metric.type, names, part, sample));
        if (message.at < MESSAGE_BYTES) continue;
        yield* flush(output, message);
        message.rewind(header);
      }
    }
    if (message.at > header) yield* flush(output, message);
    message.rewind();
  }
  yield output.cut(0);
}

function* flush(output: Output, message: ProtoWriter): Generator<Uint8Array> {
  const bound = message.at + varintBytes(message.at);
  if (!output.fits(bound)) yield output.cut(bound);
  let rest = message.at;
  for (; rest >= 0x80; rest >>>= 7) output.bytes[output.at++] = (rest & 0x7f) | 0x80;
  output.bytes[output.at++] = rest;
  output.bytes.set(message.bytes.subarray(0, message.at), output.at);
  output.at += message.at;
}

function writeHeader(message: ProtoWriter, { name, help, type, unit }: Metric, escaping: Escaping): void {
  message.string(1, escapeMetricName(name, escaping));
  message.string(2, help);
  message.uint(3, TYPE[type]);
  if (unit !== undefined) message.string(5, unit);
}

function writeMetric(
  message: ProtoWriter,
  type: MetricType,
  names: readonly string[],
  part: Part,
  { labels, value, exemplar }: Sample,
): void {
  const { constants } = part;
  for (let i = 0; i < names.length; i++) {
    const text = i < constants.length ? constants[i] : labels[i - constants.length];
    message.message(1, () => writeLabel(message, names[i] as string, text as string));
  }
  if (type === 'histogram') message.message(7, () => writeHistogram(message, value as HistogramValue, exemplar));
  else if (type === 'summary') message.message(4, () => writeSummary(message, value as SummaryValue));
  else if (type === 'counter') {
    message.message(3, () => {
      message.double(1, value as number);
      if (exemplar !== undefined) writeExemplar(message, 2, exemplar);
    });
  } else message.message(type === 'unknown' ? 5 : 2, () => message.double(1, value as number));
}

function writeLabel(message: ProtoWriter, name: string, value: string): void {
  message.string(1, name);
  message.string(2, value);
}

function writeSummary(message: ProtoWriter, { count, sum, quantiles }: SummaryValue): void {
  message.uint(1, count);
  message.double(2, sum);
  for (const [quantile, value] of quantiles) {
    message.message(3, () => {
      message.double(1, quantile);
      message.double(2, value);
    });
  }
}

function writeHistogram(
  message: ProtoWriter,
  { count, sum, buckets, native }: HistogramValue,
  exemplar: Exemplar | undefined,
): void {
  message.uint(1, count);
  message.double(2, sum);
  for (const bucket of buckets) {
    message.message(3, () => {
      message.uint(1, bucket.count);
      message.double(2, bucket.upperBound);
      if (bucket.exemplar !== undefined) writeExemplar(message, 3, bucket.exemplar);
    });
  }
  if (exemplar !== undefined) {
    message.message(3, () => {
      message.uint(1, count);
      message.double(2, Number.POSITIVE_INFINITY);
      writeExemplar(message, 3, exemplar);
    });
  }
  if (native !== undefined) writeNative(message, native);
}

function writeNative(message: ProtoWriter, native: NativeBuckets): void {
  message.sint(5, native.schema);
  message.double(6, native.zeroThreshold);
  message.uint(7, native.zeroCount);
  writeSpans(message, 9, 10, native.negative);
  writeSpans(message, 12, 13, native.positive);
  // Without a threshold and a bucket, only an empty span tells a native histogram from a classic one.
  if (native.zeroThreshold === 0 && native.positive.length + native.negative.length === 0) {
    writeSpans(message, 12, 13, [{ offset: 0, counts: [] }]);
  }
}

/** Counts are written as differences, the first from 0. */
function writeSpans(message: ProtoWriter, spanField: number, deltaField: number, spans: readonly BucketSpan[]): void {
  for (const { offset, counts } of spans) {
    message.message(spanField, () => {
      message.sint(1, offset);
      message.uint(2, counts.length);
    });
  }
  let previous = 0;
  for (const { counts } of spans) {
    for (const count of counts) {
      message.sint(deltaField, count - previous);
      previous = count;
    }
  }
}

function writeExemplar(message: ProtoWriter, field: number, { labels, value, timestamp }: Exemplar): void {
  message.message(field, () => {
    for (const [name, text] of Object.entries(labels)) message.message(1, () => writeLabel(message, name, text));
    message.double(2, value);
    if (timestamp === undefined || !(timestamp >= 0 && timestamp < Number.MAX_SAFE_INTEGER)) return;
    message.message(3, () => {
      const seconds = Math.floor(timestamp);
      message.uint(1, seconds);
      message.uint(2, Math.round((timestamp - seconds) * 1e9));
    });
  });
}
