import type { Family, Sample, SampleValue } from './family.ts';
import type { Metric } from './metric.ts';
import { SeriesSet } from './series.ts';

/** Some series of a family with what is common to them: clean, within budget and without repeats. */
export interface Part {
  /** The names of the constant labels, then those of the metric. */
  readonly labelNames: readonly string[];
  /** The values of the constant labels. */
  readonly constants: readonly string[];
  readonly samples: readonly Sample[] | SeriesSet;
  /** The hashes of the samples' label values, where they were computed on the way. */
  readonly hashes?: Uint32Array;
}

export function hasSamples({ samples }: Part): boolean {
  return (samples instanceof SeriesSet ? samples.size : samples.length) > 0;
}

/** A family as it goes to the encoders. `metric` is that of the collector which named it first. */
export class GatheredFamily implements Family {
  readonly metric: Metric;
  readonly parts: readonly Part[];

  constructor(metric: Metric, parts: readonly Part[]) {
    this.metric = metric;
    this.parts = parts;
  }

  /** All samples, their labels by the names in `labelNames` of their part. */
  get samples(): Iterable<Sample> {
    return this.#samples();
  }

  *#samples(): Generator<Sample> {
    for (const part of this.parts) {
      for (const sample of part.samples) {
        yield part.constants.length === 0 ? sample : { ...sample, labels: [...part.constants, ...sample.labels] };
      }
    }
  }
}

/** The family as the encoders want it; one that did not pass through a registry is taken as it is. */
export function asGathered(family: Family): GatheredFamily {
  if (family instanceof GatheredFamily) return family;
  const { metric } = family;
  const samples = family.samples instanceof SeriesSet ? family.samples : Array.from(family.samples);
  return new GatheredFamily(metric, [{ labelNames: metric.labelNames, constants: [], samples }]);
}

/** A sample with its labels by name, for tests, pages and bridges. */
export interface NamedSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: SampleValue;
}

/** All samples of a family with their labels by name. */
export function* namedSamples(family: Family): Generator<NamedSample> {
  for (const { labelNames, constants, samples } of asGathered(family).parts) {
    for (const { labels, value } of samples) {
      const values = [...constants, ...labels];
      yield { labels: Object.fromEntries(labelNames.map((name, i) => [name, values[i] ?? ''])), value };
    }
  }
}
