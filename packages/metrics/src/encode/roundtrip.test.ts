import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bucket, BucketSpan, Exemplar, Family, HistogramValue, Sample, SampleValue } from '../family.ts';
import { cleanLabelValue } from '../hygiene.ts';
import { defineMetric, type MetricType, type Privacy } from '../metric.ts';
import { carry } from '../testing/carry.ts';
import { parseProtobuf } from '../testing/parse-protobuf.ts';
import { parseOpenMetrics, parseText } from '../testing/parse-text.ts';
import { type PlainFamily, plain } from '../testing/plain.ts';
import { type Escaping, type Format, OPENMETRICS_1_0_0, PROTOBUF, TEXT_0_0_4, TEXT_1_0_0 } from './format.ts';
import { encode, renderText } from './index.ts';

const legacyName = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
const unicodeName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((name) => !name.includes('\n'));
const labelValue = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constant('\ud800x"\\'),
  )
  .map((value) => cleanLabelValue(value));
const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ min: -1e10, max: 1e10 }).map((value) => Math.round(value * 1000) / 1000),
);
const count = fc.nat(1e9);

const exemplar: fc.Arbitrary<Exemplar> = fc.record(
  {
    labels: fc.dictionary(fc.constantFrom('trace_id', 'span_id'), fc.string({ maxLength: 80 })),
    value: fc.double({ noNaN: true }),
    timestamp: fc.integer({ min: 0, max: 4e9 }),
  },
  { requiredKeys: ['labels', 'value'] },
);

const spans: fc.Arbitrary<BucketSpan[]> = fc.array(
  fc.record({ offset: fc.integer({ min: 1, max: 50 }), counts: fc.array(count, { minLength: 1, maxLength: 4 }) }),
  { maxLength: 3 },
);

const histogram: fc.Arbitrary<HistogramValue> = fc
  .tuple(
    fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 }),
    fc.array(fc.tuple(count, fc.option(exemplar)), { minLength: 6, maxLength: 6 }),
    fc.double({ noNaN: true }),
    fc.option(
      fc.record({
        schema: fc.integer({ min: -4, max: 8 }),
        zeroThreshold: fc.double({ min: 1e-9, max: 1, noNaN: true }),
        zeroCount: count,
        positive: spans,
        negative: spans,
      }),
    ),
  )
  .map(([bounds, steps, sum, native]) => {
    let below = 0;
    const distinct = [...new Set(bounds.map((bound) => (Object.is(bound, -0) ? 0 : bound)))].sort((a, b) => a - b);
    const buckets = distinct.map((upperBound, i): Bucket => {
      const [step, exemplar] = steps[i] as [number, Exemplar | null];
      below += step;
      return exemplar === null ? { upperBound, count: below } : { upperBound, count: below, exemplar };
    });
    return { count: below + (steps[5]?.[0] ?? 0), sum, buckets, ...(native === null ? {} : { native }) };
  });

const summary: fc.Arbitrary<SampleValue> = fc.record({
  count,
  sum: anyNumber,
  quantiles: fc.array(fc.tuple(fc.constantFrom(0.5, 0.9, 1), anyNumber), { maxLength: 1 }),
});

const SUFFIX: Partial<Record<MetricType, string>> = { counter: '_total', info: '_info' };

function sampleValue(type: MetricType): fc.Arbitrary<SampleValue> {
  if (type === 'histogram') return histogram;
  if (type === 'summary') return summary;
  if (type === 'info') return fc.constant(1);
  if (type === 'stateset') return fc.constantFrom(0, 1);
  return type === 'counter' ? fc.double({ min: 0, noNaN: true }) : anyNumber;
}

/** A family of any type under any name, legacy or not, with its samples told apart by their first label. */
function anyFamily(name: fc.Arbitrary<string>, index: number): fc.Arbitrary<Family> {
  return fc
    .constantFrom<MetricType>('counter', 'gauge', 'histogram', 'summary', 'info', 'stateset', 'unknown')
    .chain((type) =>
      fc.record({
        type: fc.constant(type),
        stem: name,
        suffixed: fc.boolean(),
        help: fc.string({ unit: 'binary', maxLength: 30 }),
        unit: fc.option(fc.constantFrom('seconds', 'bytes')),
        labels: fc.uniqueArray(name, { maxLength: 3 }),
        ownLabel: fc.boolean(),
        rows: fc.array(
          fc.record({
            values: fc.array(labelValue, { minLength: 3, maxLength: 3 }),
            value: sampleValue(type),
            exemplar: fc.option(exemplar),
          }),
          // What is in no sample, the name of the state's label, a reader cannot know.
          { minLength: type === 'stateset' ? 1 : 0, maxLength: 4 },
        ),
      }),
    )
    .map(({ type, stem, suffixed, help, unit, labels, ownLabel, rows }) => {
      const full = `f${index}:${stem}${suffixed && unit !== null ? `_${unit}` : ''}${suffixed ? (SUFFIX[type] ?? '') : ''}`;
      const own = ownLabel ? [full] : [];
      const names = ['row', ...labels.map((label, i) => `l${i}${label}`), ...own];
      const metric = defineMetric({
        name: full,
        type,
        help,
        ...(unit === null ? {} : { unit }),
        labels: Object.fromEntries(names.map((label): [string, Privacy] => [label, 'public'])),
      });
      const samples = rows.map(({ values, value, exemplar }, row): Sample => {
        const texts = [String(row), ...values.slice(0, labels.length), ...own];
        return { labels: texts, value, ...(exemplar === null ? {} : { exemplar }) };
      });
      return { metric, samples };
    });
}

function families(name: fc.Arbitrary<string>): fc.Arbitrary<Family[]> {
  return fc.tuple(anyFamily(name, 0), anyFamily(name, 1), anyFamily(name, 2));
}

function decode(given: Iterable<Family>, format: Format): PlainFamily[] {
  if (format.syntax === 'protobuf') return parseProtobuf(Buffer.concat([...encode(given, format)]));
  const text = renderText(given, format);
  return format.syntax === 'openmetrics' ? parseOpenMetrics(text) : parseText(text);
}

function expected(given: readonly Family[], format: Format): PlainFamily[] {
  const all = given.map(plain);
  const carried = all.map((family) => carry(family, format, all));
  // A family without samples leaves no trace in protobuf.
  return format.syntax === 'protobuf' ? carried.filter((family) => family.samples.length > 0) : carried;
}

const FORMATS: readonly Format[] = [
  TEXT_0_0_4,
  TEXT_1_0_0,
  OPENMETRICS_1_0_0,
  { ...OPENMETRICS_1_0_0, version: '0.0.1', escaping: 'underscores' },
  PROTOBUF,
];

describe('encode, then parse', () => {
  for (const format of FORMATS) {
    const title = `${format.syntax} ${format.version}`.trim();
    it(`gives back in ${title} what the format can carry`, () => {
      fc.assert(
        fc.property(families(legacyName), (given) => {
          expect(decode(given, format)).toEqual(expected(given, format));
        }),
        { numRuns: 300 },
      );
    });

    it(`gives back any UTF-8 name in ${title} as far as its escaping allows`, () => {
      const escapings: Escaping[] = format.escaping === 'underscores' ? ['values'] : ['allow-utf-8', 'values'];
      fc.assert(
        fc.property(families(unicodeName), fc.constantFrom(...escapings), (given, escaping) => {
          const escaped = { ...format, escaping };
          expect(decode(given, escaped)).toEqual(expected(given, escaped));
        }),
        { numRuns: 200 },
      );
    });
  }
});
