import { MetricsError } from '../errors.ts';
import type { Collector, Family } from '../family.ts';
import type { Metric } from '../metric.ts';
import type { Series } from '../series.ts';
import { InstrumentSeries, type Labels } from './series.ts';

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
   * @throws MetricsError `MX_VALUE` for a step that is negative or no number.
   */
  inc(...args: [by?: number] | [labels: Labels<L>, by?: number]): void {
    const [labels, by] = typeof args[0] === 'object' ? [args[0], args[1]] : [undefined, args[0]];
    const step = by ?? 1;
    if (!(step >= 0)) throw new MetricsError('MX_VALUE', `${this.name}: a counter cannot grow by ${step}`);
    this.#series.get(labels).inc(step);
  }

  /** The handle of one series, which is exported from now on. */
  series(labels?: Labels<L>): Series {
    return this.#series.get(labels);
  }

  /** Takes one series out, as when what it counted is gone for good. */
  remove(labels: Labels<L>): void {
    this.#series.remove(labels);
  }

  collect(): Family[] {
    return [this.#series.family()];
  }
}
