import { type Family, family, labelValues, type Metric, type Row } from '@media-exporter/metrics';

/** What folds the values of rows that have the same labels. */
export type Fold = (a: number, b: number) => number;

export const sum: Fold = (a, b) => a + b;

/**
 * The family of rows of which several may have the same labels. What is unknown in one of them is unknown in the whole:
 * a part of a sum is not the sum.
 */
export function foldedFamily<L extends string>(metric: Metric<L>, rows: Iterable<Row<L>>, fold: Fold = sum): Family {
  const folded = new Map<string, Row<L>>();
  for (const [labels, value] of rows) {
    const key = JSON.stringify(labelValues(metric, labels));
    const there = folded.get(key);
    folded.set(key, [labels, there === undefined ? value : foldValues(there[1], value, fold)]);
  }
  return family(metric, folded.values());
}

function foldValues(a: Row<never>[1], b: Row<never>[1], fold: Fold): number | undefined {
  return typeof a === 'number' && typeof b === 'number' ? fold(a, b) : undefined;
}
