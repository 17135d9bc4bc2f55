import { type Family, labelValues } from '../family.ts';
import { cleanLabelValue } from '../hygiene.ts';
import type { Metric } from '../metric.ts';
import { type Series, SeriesSet } from '../series.ts';

export type Labels<L extends string> = Readonly<Record<L, string>>;

/** Finds a value by the values of its labels. */
export class LabelMap<L extends string, T> {
  readonly #metric: Metric<L>;
  readonly #create: (values: readonly string[]) => T;
  readonly #entries = new Map<string, T>();

  constructor(metric: Metric<L>, create: (values: readonly string[]) => T) {
    this.#metric = metric;
    this.#create = create;
  }

  get(labels: Labels<L> | undefined): T {
    const values = this.#clean(labels ?? ({} as Labels<L>));
    const key = keyOf(values);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = this.#create(values);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  /** Labels as they will be exported, so that what is one series there is one here. */
  #clean(labels: Labels<L>): string[] {
    const { labelNames, privacy } = this.#metric;
    return labelValues(this.#metric, labels).map((value, i) =>
      privacy[labelNames[i] as L] === 'secret' ? '' : cleanLabelValue(value),
    );
  }

  /** Takes an entry out and returns it. */
  take(labels: Labels<L>): T | undefined {
    const key = keyOf(this.#clean(labels));
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    return entry;
  }

  values(): Iterable<T> {
    return this.#entries.values();
  }

  clear(): void {
    this.#entries.clear();
  }
}

function keyOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] as string) : JSON.stringify(values);
}

/** The series of a counter or a gauge. */
export class InstrumentSeries<L extends string> {
  readonly metric: Metric<L>;
  readonly #set: SeriesSet;
  readonly #map: LabelMap<L, Series>;

  constructor(metric: Metric<L>) {
    this.metric = metric;
    this.#set = new SeriesSet(metric);
    this.#map = new LabelMap(metric, (values) => this.#set.addValues(values));
    if (metric.type === 'counter' && metric.labelNames.length === 0) this.get(undefined);
  }

  get(labels: Labels<L> | undefined): Series {
    const series = this.#map.get(labels);
    if (series.alive) return series;
    // Its holder removed it; what is counted from now on is a new series.
    this.#map.take(labels ?? ({} as Labels<L>));
    return this.#map.get(labels);
  }

  remove(labels: Labels<L>): void {
    this.#map.take(labels)?.remove();
  }

  clear(): void {
    for (const series of this.#map.values()) series.remove();
    this.#map.clear();
  }

  family(): Family {
    return { metric: this.metric, samples: this.#set };
  }
}
