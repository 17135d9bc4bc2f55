import type { Exemplar, Family, SampleValue } from '../family.ts';
import type { MetricType } from '../metric.ts';
import { asGathered } from '../snapshot.ts';

/** A family as a reader of an exposition sees it: labels by name, nothing of how it was made. */
export interface PlainFamily {
  /** The full name, `_total` and `_info` included, whatever the format takes off in its headers. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit?: string;
  readonly samples: readonly PlainSample[];
}

export interface PlainSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: SampleValue;
  readonly exemplar?: Exemplar;
}

/** One of our families as a reader with perfect sight would see it. */
export function plain(family: Family): PlainFamily {
  const { metric, parts } = asGathered(family);
  const samples: PlainSample[] = [];
  for (const { labelNames, constants, samples: given } of parts) {
    for (const { labels, value, exemplar } of given) {
      const values = [...constants, ...labels];
      const named = Object.fromEntries(labelNames.map((name, i) => [name, values[i] ?? '']));
      samples.push({ labels: named, value, ...(exemplar === undefined ? {} : { exemplar }) });
    }
  }
  const { name, type, help, unit } = metric;
  return { name, type, help, ...(unit === undefined ? {} : { unit }), samples };
}
