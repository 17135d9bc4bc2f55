/**
 * What `prom-client` 15 and `@prometheus-io/client` have in common, as far as the bridges need it. Neither is a
 * dependency: the host passes its own registry in.
 */
export interface PromClientRegistry {
  readonly contentType?: string;
  getMetricsAsJSON(): Promise<unknown>;
  registerMetric(metric: never): void;
  removeSingleMetric(name: string): void;
}

/** A metric as their registries read it. */
export interface PromClientData {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator?: string;
  readonly values: readonly PromClientValue[];
}

export interface PromClientValue {
  /** Not there on some samples without labels. */
  readonly labels?: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** The sample's own name where it is not the metric's: `x_bucket`, `x_sum`, `x_count`. */
  readonly metricName?: string;
  readonly exemplar?: PromClientExemplar | null;
}

export interface PromClientExemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly timestamp: number;
}

export const OPENMETRICS_TYPE = 'application/openmetrics-text';
