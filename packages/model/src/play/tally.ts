/** Sums by label values, which only grow. */
export interface TallyRow<F extends string> {
  readonly labels: readonly string[];
  readonly amounts: Readonly<Record<F, number>>;
  /** When something was last added, on the timeline of the source. */
  readonly changedAt: number;
}

/** Counters by label values: what credits add up to. Its rows are safe for JSON, so that they can be kept. */
export class Tally<F extends string> {
  /** @param rows what an earlier tally of the same fields held. */
  constructor(fields: readonly F[], rows: Iterable<TallyRow<F>> = []) {
    throw new Error(`not built yet ${fields} ${rows}`);
  }

  get size(): number {
    return 0;
  }

  /** Rows in the order in which they were first added to. A row that did not change is the same object. */
  rows(): Iterable<TallyRow<F>> {
    return [];
  }

  /** Adds to a row, which is made of zeros where it is not there. Amounts that are not finite or negative throw. */
  add(_labels: readonly string[], _amounts: Partial<Readonly<Record<F, number>>>, _at: number): void {}

  /** Adds all of one row to another and removes it: how finished sessions are folded. */
  move(_from: readonly string[], _to: readonly string[], _at: number): void {}

  /** What changed since this was last called, by a key that stands for the labels; `undefined` for what is gone. */
  takeChanges(): ReadonlyMap<string, TallyRow<F> | undefined> {
    return new Map();
  }
}
