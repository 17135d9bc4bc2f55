import { MetricsError } from './errors.ts';

/** The types of the OpenMetrics data model that exporters need. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'info' | 'stateset' | 'unknown';

/** How sensitive the values of a label are. A `secret` label is never written to the wire. */
export type Privacy = 'public' | 'personal' | 'secret';

/**
 * What becomes of the series beyond a family's budget: `sum`, `min` and `max` fold their values into the one
 * `__other__` series, `drop` leaves them out because no fold of them is true. Either way they are counted.
 */
export type Overflow = 'sum' | 'min' | 'max' | 'drop';

export interface MetricOptions<L extends string> {
  /** The full name on the wire, `_total` and `_info` included. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** The base unit, as the name spells it: `seconds`, `bytes`, `ratio`. */
  readonly unit?: string;
  /** Label names with their privacy class, in their order on the wire. */
  readonly labels?: Readonly<Record<L, Privacy>>;
  readonly stability?: 'stable' | 'experimental' | 'deprecated';
  /** The upstream call that pays for it, for documentation. */
  readonly cost?: string;
  /** Defaults to `sum` for counters, gauges and histograms, and to `drop` for the rest. */
  readonly overflow?: Overflow;
}

/** A catalogue entry: a metric, declared once. Documentation, dashboards and tests are derived from it. */
export interface Metric<L extends string = string> {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string | undefined;
  /** In their order on the wire; the label values of a sample stand in the same order. */
  readonly labelNames: readonly L[];
  readonly privacy: Readonly<Record<L, Privacy>>;
  readonly stability: 'stable' | 'experimental' | 'deprecated';
  readonly cost: string | undefined;
  readonly overflow: Overflow;
}

/** Names that every format and every PromQL version can write without quotes. */
export const LEGACY_METRIC_NAME: RegExp = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
export const LEGACY_LABEL_NAME: RegExp = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The labels that a type's own samples have. */
export const RESERVED_LABELS: Readonly<Partial<Record<MetricType, string>>> = { histogram: 'le', summary: 'quantile' };

/** Whether a label may have this name. Names that begin with `__` belong to Prometheus. */
export function isLabelName(name: string): boolean {
  return name !== '' && !name.startsWith('__') && name.isWellFormed();
}

/**
 * Declares a metric.
 *
 * @throws MetricsError `MX_METRIC_NAME` or `MX_LABEL_NAME` for a name that no format could carry.
 */
export function defineMetric<const L extends string = never>(options: MetricOptions<L>): Metric<L> {
  const { name, type } = options;
  if (name === '' || !name.isWellFormed()) throw new MetricsError('MX_METRIC_NAME', JSON.stringify(name));
  const privacy = options.labels ?? ({} as Record<L, Privacy>);
  const labelNames = Object.keys(privacy) as L[];
  for (const label of labelNames) {
    if (!isLabelName(label) || label === RESERVED_LABELS[type]) {
      throw new MetricsError('MX_LABEL_NAME', `${name}: ${JSON.stringify(label)}`);
    }
  }
  const additive = type === 'counter' || type === 'gauge' || type === 'histogram';
  return Object.freeze({
    name,
    type,
    help: options.help,
    unit: options.unit,
    labelNames: Object.freeze(labelNames),
    privacy: Object.freeze({ ...privacy }),
    stability: options.stability ?? 'stable',
    cost: options.cost,
    overflow: options.overflow ?? (additive ? 'sum' : 'drop'),
  });
}
