import { MetricsError } from '../errors.ts';
import type { Collector, Family } from '../family.ts';
import type { Metric } from '../metric.ts';
import type { Series } from '../series.ts';
import { InstrumentSeries, type Labels } from './series.ts';

/** One series of a counter: it can only grow. */
export class CounterSeries {
  readonly #name: string;
  readonly #series: Series;

  /** @internal */
  constructor(name: string, series: Series) {
    this.#name = name;
    this.#series = series;
  }

  get value(): number {
    return this.#series.value;
  }

  /** Counts `by` events. @throws MetricsError `MX_VALUE` for a step that is negative or not finite. */
  inc(by = 1): void {
    this.#series.inc(checkStep(this.#name, by));
  }
}

function checkStep(name: string, step: number): number {
  if (step >= 0 && Number.isFinite(step)) return step;
  throw new MetricsError('MX_VALUE', `${name}: a counter cannot grow by ${step}`);
}

/** Counts events. One without labels is exported as 0 from the start; a labelled series once it was counted or asked for. */
export class Counter<L extends string = never> implements Collector {
  readonly name: string;
  readonly catalogue: readonly [Metric<L>];
  readonly #series: InstrumentSeries<L>;

  /** @throws MetricsError `MX_VALUE` when the metric is no counter. */
  constructor(metric: Metric<L>) {
    if (metric.type !== 'counter') throw new MetricsError('MX_VALUE', `${metric.name} is a ${metric.type}`);
    this.name = metric.name;
    this.catalogue = [metric];
    this.#series = new InstrumentSeries(metric);
  }

  /**
   * Counts `by` events: `inc()`, `inc(3)`, or with labels `inc({ outcome: 'ok' })`, `inc({ outcome: 'ok' }, 3)`.
   *
   * @throws MetricsError `MX_VALUE` for a step that is negative or not finite.
   */
  inc(...args: [by?: number] | [labels: Labels<L>, by?: number]): void {
    const [labels, by] = typeof args[0] === 'object' ? [args[0], args[1]] : [undefined, args[0]];
    this.#series.get(labels).inc(checkStep(this.name, by ?? 1));
  }

  /** The handle of one series, which is exported from now on. */
  series(labels?: Labels<L>): CounterSeries {
    return new CounterSeries(this.name, this.#series.get(labels));
  }

  /** Takes one series out, as when what it counted is gone for good. */
  remove(labels: Labels<L>): void {
    this.#series.remove(labels);
  }

  collect(): Family[] {
    return [this.#series.family()];
  }
}
