import { fitsOpenMetrics, openMetricsIdentity, takenNames, unitOf } from '../encode/dialect.ts';
import { escapeLabelName, escapeMetricName } from '../encode/escaping.ts';
import type { Escaping, Format } from '../encode/format.ts';
import type { Bucket, Exemplar, HistogramValue, SampleValue } from '../family.ts';
import type { MetricType } from '../metric.ts';
import type { PlainFamily, PlainSample } from './plain.ts';

/**
 * What a format can carry: the family that a reader gets back when this one was encoded in it.
 *
 * - Every format replaces lone surrogates by U+FFFD, and escapes names that its reader could not take.
 * - Text knows no info, stateset, unit, exemplar or native buckets.
 * - OpenMetrics knows no native buckets. It drops exemplars of more than 128 characters, keeps a unit only where the
 *   name ends in it, takes a counter without `_total` as unknown and an info without `_info` as a gauge.
 * - Protobuf knows no info and stateset, and keeps exemplars of counters and histograms only.
 *
 * @param all all families that are encoded together.
 */
export function carry(family: PlainFamily, format: Format, all: readonly PlainFamily[]): PlainFamily {
  const carried = CARRY[format.syntax](family, all, format.escaping);
  const { unit, ...rest } = carried;
  return {
    ...rest,
    name: escapeMetricName(family.name, format.escaping),
    help: family.help.toWellFormed(),
    ...(unit === undefined ? {} : { unit }),
    samples: carried.samples.map((sample) => ({ ...sample, labels: carryLabels(sample.labels, format) })),
  };
}

type Carried = Omit<PlainFamily, 'unit'> & { readonly unit?: string | undefined };

type Carrier = (family: PlainFamily, all: readonly PlainFamily[], escaping: Escaping) => Carried;

const CARRY: Readonly<Record<Format['syntax'], Carrier>> = {
  text: (family) => ({
    ...family,
    unit: undefined,
    type: withoutSets(family.type),
    samples: family.samples.map(({ labels, value }) => ({ labels, value: mapHistogram(value, { native: false }) })),
  }),
  openmetrics(family, all, escaping) {
    const labelNames = Object.keys(family.samples[0]?.labels ?? {});
    const identity = openMetricsIdentity({ ...family, labelNames }, takenNames(all, escaping), escaping);
    const onSample = identity.type === 'counter' || identity.type === 'histogram';
    return {
      ...family,
      unit: unitOf({ unit: family.unit }, identity.name),
      type: identity.type,
      samples: family.samples.map((sample) => carrySample(sample, { native: false, keeps: fitsOpenMetrics }, onSample)),
    };
  },
  protobuf: (family) => ({
    ...family,
    type: withoutSets(family.type),
    samples: family.samples.map((sample) =>
      carrySample(
        sample,
        { native: true, keeps: () => true },
        family.type === 'counter' || family.type === 'histogram',
      ),
    ),
  }),
};

interface Kept {
  readonly native: boolean;
  readonly keeps?: (exemplar: Exemplar) => boolean;
}

function carrySample({ labels, value, exemplar }: PlainSample, kept: Kept, onSample: boolean): PlainSample {
  const keeps = exemplar !== undefined && onSample && (kept.keeps?.(exemplar) ?? false);
  return { labels, value: mapHistogram(value, kept), ...(keeps ? { exemplar } : {}) };
}

function mapHistogram(value: SampleValue, kept: Kept): SampleValue {
  if (typeof value === 'number' || !('buckets' in value)) return value;
  const { native, ...classic }: HistogramValue = value;
  const buckets = classic.buckets.map(({ upperBound, count, exemplar }): Bucket => {
    const keeps = exemplar !== undefined && (kept.keeps?.(exemplar) ?? false);
    return { upperBound, count, ...(keeps ? { exemplar } : {}) };
  });
  return { ...classic, buckets, ...(kept.native && native !== undefined ? { native } : {}) };
}

function withoutSets(type: MetricType): MetricType {
  return type === 'info' || type === 'stateset' ? 'gauge' : type;
}

function carryLabels(labels: Readonly<Record<string, string>>, { escaping }: Format): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [escapeLabelName(name, escaping), value.toWellFormed()]),
  );
}
