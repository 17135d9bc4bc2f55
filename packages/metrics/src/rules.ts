import type { OverflowFold } from './fold.ts';
import type { Metric } from './metric.ts';
import type { SeriesSet } from './series.ts';

/** What the registry wants of its families, and where it keeps count. */
export interface GatherRules {
  readonly labelValueLimit: number;
  readonly throwOnDuplicate: boolean;
  /** The fold of a family: it remembers what a folded counter showed before. */
  fold(metric: Metric): OverflowFold;
  /** Told of each set of handles, to count its take-overs. */
  seen(set: SeriesSet): void;
  dropped(family: string, series: number): void;
  duplicated(family: string, series: number): void;
}
