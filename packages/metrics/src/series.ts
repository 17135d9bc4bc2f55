import type { Metric } from './metric.ts';

/** (implementation follows) */
export class SeriesSet {
  readonly metric: Metric;
  constructor(metric: Metric) { this.metric = metric; }
}
