import { MetricsError } from '../errors.ts';
import type { Collector, Family } from '../family.ts';
import type { Metric } from '../metric.ts';
import type { Series } from '../series.ts';
import { InstrumentSeries, type Labels } from './series.ts';

/** Holds values that go up and down. Nothing is exported before it was set: unknown is not 0. */
export class Gauge<L extends string = never> implements Collector {
  readonly name: string;
  readonly catalogue: readonly [Metric<L>];
  readonly #series: InstrumentSeries<L>;

  /** @throws MetricsError `MX_VALUE` when the metric is no gauge, info or stateset. */
  constructor(metric: Metric<L>) {
    if (metric.type !== 'gauge' && metric.type !== 'info' && metric.type !== 'stateset') {
      throw new MetricsError('MX_VALUE', `${metric.name} is a ${metric.type}`);
    }
    this.name = metric.name;
    this.catalogue = [metric];
    this.#series = new InstrumentSeries(metric);
  }

  /** Sets the value: `set(3)`, or with labels `set({ room: 'a' }, 3)`. */
  set(...args: [value: number] | [labels: Labels<L>, value: number]): void {
    if (args.length === 1) this.#series.get(undefined).set(args[0]);
    else this.#series.get(args[0]).set(args[1]);
  }

  /** Adds to the value: `inc()`, `inc(3)`, `inc({ room: 'a' })`, `inc({ room: 'a' }, -1)`. */
  inc(...args: [by?: number] | [labels: Labels<L>, by?: number]): void {
    if (typeof args[0] === 'object') this.#series.get(args[0]).inc(args[1]);
    else this.#series.get(undefined).inc(args[0]);
  }

  /** Takes from the value, as {@link inc} adds. */
  dec(...args: [by?: number] | [labels: Labels<L>, by?: number]): void {
    if (typeof args[0] === 'object') this.inc(args[0], -(args[1] ?? 1));
    else this.inc(-(args[0] ?? 1));
  }

  /** The handle of one series, which is exported from now on. */
  series(labels?: Labels<L>): Series {
    return this.#series.get(labels);
  }

  remove(labels: Labels<L>): void {
    this.#series.remove(labels);
  }

  /** Takes all series out. */
  clear(): void {
    this.#series.clear();
  }

  collect(): Family[] {
    return [this.#series.family()];
  }
}
