import { MetricsError } from '../errors.ts';
import type { Bucket, BucketSpan, Exemplar, HistogramValue, NativeBuckets, SampleValue } from '../family.ts';
import type { MetricType } from '../metric.ts';
import type { PlainFamily, PlainSample } from './plain.ts';

/** The fields of a message by number, in the order of the wire. */
type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

const TYPES: readonly MetricType[] = ['counter', 'gauge', 'summary', 'unknown', 'histogram'];
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses delimited `io.prometheus.client.MetricFamily` messages; those of one family that follow each other are put
 * together.
 *
 * @throws MetricsError `MX_PARSE` with the offset in bytes.
 */
export function parseProtobuf(bytes: Uint8Array): PlainFamily[] {
  const families: { -readonly [K in keyof PlainFamily]: PlainFamily[K] }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { value: length, at: start } = varint(bytes, at);
    if (start + length > bytes.length) fail('a message is cut off', at);
    const family = parseFamily(fieldsOf(bytes.subarray(start, start + length)));
    const last = families.at(-1);
    if (last?.name === family.name) last.samples = [...last.samples, ...family.samples];
    else if (families.some(({ name }) => name === family.name)) fail(`family ${family.name} is not in one piece`, at);
    else families.push(family);
    at = start + length;
  }
  return families;
}

function parseFamily(fields: Fields): PlainFamily {
  const type = TYPES[number(fields, 3)];
  if (type === undefined) fail('unknown type', 0);
  const unit = fields.has(5) ? text(fields, 5) : undefined;
  return {
    name: text(fields, 1),
    help: text(fields, 2),
    type,
    ...(unit === undefined ? {} : { unit }),
    samples: messages(fields, 4).map((metric) => parseMetric(metric, type)),
  };
}

/** The field of a metric that holds its value, by type. */
const VALUE_FIELD: Readonly<Partial<Record<MetricType, number>>> = {
  counter: 3,
  gauge: 2,
  summary: 4,
  unknown: 5,
  histogram: 7,
};

function parseMetric(metric: Fields, type: MetricType): PlainSample {
  const [body] = messages(metric, VALUE_FIELD[type] as number);
  if (body === undefined) fail(`a ${type} without its value`, 0);
  const { value, exemplar } = parseValue(body, type);
  return { labels: parseLabels(metric), value, ...(exemplar === undefined ? {} : { exemplar }) };
}

function parseValue(body: Fields, type: MetricType): { value: SampleValue; exemplar?: Exemplar | undefined } {
  if (type === 'histogram') return parseHistogram(body);
  if (type === 'summary') {
    const quantiles = messages(body, 3).map((quantile) => [double(quantile, 1), double(quantile, 2)] as const);
    return { value: { count: number(body, 1), sum: double(body, 2), quantiles } };
  }
  const [exemplar] = type === 'counter' ? messages(body, 2) : [];
  return { value: double(body, 1), exemplar: exemplar === undefined ? undefined : parseExemplar(exemplar) };
}

function parseHistogram(body: Fields): { value: HistogramValue; exemplar?: Exemplar | undefined } {
  let infinite: Exemplar | undefined;
  const buckets: Bucket[] = [];
  for (const bucket of messages(body, 3)) {
    const [first] = messages(bucket, 3);
    const exemplar = first === undefined ? undefined : parseExemplar(first);
    const upperBound = double(bucket, 2);
    if (upperBound === Number.POSITIVE_INFINITY) infinite = exemplar;
    else buckets.push({ upperBound, count: number(bucket, 1), ...(exemplar === undefined ? {} : { exemplar }) });
  }
  const native = parseNative(body);
  const value = { count: number(body, 1), sum: double(body, 2), buckets, ...(native === undefined ? {} : { native }) };
  return { value, exemplar: infinite };
}

function parseNative(body: Fields): NativeBuckets | undefined {
  const spans = [...messages(body, 9), ...messages(body, 12)];
  if (spans.length === 0 && !(body.has(6) && double(body, 6) > 0)) return undefined;
  return {
    schema: zigzag(number(body, 5)),
    zeroThreshold: double(body, 6),
    zeroCount: number(body, 7),
    positive: parseSpans(body, 12, 13),
    negative: parseSpans(body, 9, 10),
  };
}

function parseSpans(body: Fields, spanField: number, deltaField: number): BucketSpan[] {
  const deltas = (body.get(deltaField) ?? []).map((value) => zigzag(value as number));
  let count = 0;
  let next = 0;
  const spans = messages(body, spanField).map((span) => {
    const counts: number[] = [];
    for (let left = number(span, 2); left > 0; left--) {
      count += deltas[next++] ?? fail('more buckets than counts', 0);
      counts.push(count);
    }
    return { offset: zigzag(number(span, 1)), counts };
  });
  return spans.filter((span) => span.counts.length > 0);
}

function parseExemplar(exemplar: Fields): Exemplar {
  const base = { labels: parseLabels(exemplar), value: double(exemplar, 2) };
  const [time] = messages(exemplar, 3);
  return time === undefined ? base : { ...base, timestamp: number(time, 1) + number(time, 2) / 1e9 };
}

function parseLabels(fields: Fields): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const pair of messages(fields, 1)) {
    const name = text(pair, 1);
    if (Object.hasOwn(labels, name)) fail(`label ${name} twice`, 0);
    labels[name] = text(pair, 2);
  }
  return labels;
}

function fieldsOf(bytes: Uint8Array): Fields {
  const fields = new Map<number, (number | Uint8Array)[]>();
  for (let at = 0; at < bytes.length; ) {
    const tag = varint(bytes, at);
    at = tag.at;
    let value: number | Uint8Array;
    const wire = tag.value % 8;
    if (wire === 0) ({ value, at } = varint(bytes, at));
    else if (wire === 1) {
      value = new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0, true);
      at += 8;
    } else if (wire === 2) {
      const length = varint(bytes, at);
      at = length.at + length.value;
      if (at > bytes.length) fail('a field is cut off', at);
      value = bytes.subarray(length.at, at);
    } else fail(`wire type ${wire}`, at);
    const field = Math.floor(tag.value / 8);
    const values = fields.get(field);
    if (values === undefined) fields.set(field, [value]);
    else values.push(value);
  }
  return fields;
}

function varint(bytes: Uint8Array, from: number): { value: number; at: number } {
  let value = 0;
  let scale = 1;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, at: at + 1 };
    scale *= 0x80;
  }
  return fail('a number is cut off', from);
}

function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function messages(fields: Fields, field: number): Fields[] {
  return (fields.get(field) ?? []).map((value) => fieldsOf(value as Uint8Array));
}

function text(fields: Fields, field: number): string {
  const value = fields.get(field)?.[0];
  return value === undefined ? '' : decoder.decode(value as Uint8Array);
}

function number(fields: Fields, field: number): number {
  return (fields.get(field)?.[0] as number | undefined) ?? 0;
}

function double(fields: Fields, field: number): number {
  return number(fields, field);
}

function fail(problem: string, at: number): never {
  throw new MetricsError('MX_PARSE', `byte ${at}: ${problem}`);
}
