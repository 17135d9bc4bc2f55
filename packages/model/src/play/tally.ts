import { isAmount, isRecord } from './value.ts';

/** Sums by label values, which only grow. */
export interface TallyRow<F extends string> {
  readonly labels: readonly string[];
  readonly amounts: Readonly<Record<F, number>>;
  /** When something was last added, on the timeline of the source. */
  readonly changedAt: number;
}

/** Counters by label values: what credits add up to. Its rows are safe for JSON, so that they can be kept. */
export class Tally<F extends string> {
  readonly #fields: readonly F[];
  readonly #rows = new Map<string, TallyRow<F>>();
  readonly #changed = new Set<string>();

  /**
   * @param rows what an earlier tally of the same fields held. Of rows with the same labels the greater amounts count,
   * since a sum never goes back. They are no changes.
   */
  constructor(fields: readonly F[], rows: Iterable<TallyRow<F>> = []) {
    this.#fields = [...fields];
    for (const { labels, amounts, changedAt } of rows) {
      const key = keyOf(labels);
      const there = this.#rows.get(key);
      const merged = this.#amounts((field) => Math.max(there?.amounts[field] ?? 0, amounts[field] ?? 0));
      this.#rows.set(key, {
        labels: [...labels],
        amounts: merged,
        changedAt: Math.max(there?.changedAt ?? changedAt, changedAt),
      });
    }
  }

  /**
   * Reads a row that was kept as JSON. A field that is missing is 0, so that a field can be added later. `undefined` for
   * whatever is no row: amounts that are negative or not finite, labels that are not text or not `labelCount` in number.
   */
  static parseRow<F extends string>(
    value: unknown,
    fields: readonly F[],
    labelCount?: number,
  ): TallyRow<F> | undefined {
    if (!isRecord(value) || !Array.isArray(value.labels) || !isRecord(value.amounts)) return undefined;
    const { changedAt, amounts } = value;
    const labels: unknown[] = value.labels;
    if (typeof changedAt !== 'number' || !Number.isFinite(changedAt)) return undefined;
    if (!labels.every((label) => typeof label === 'string')) return undefined;
    if (labelCount !== undefined && labels.length !== labelCount) return undefined;
    const read: [F, number][] = [];
    for (const field of fields) {
      const amount = Object.hasOwn(amounts, field) ? amounts[field] : 0;
      if (!isAmount(amount)) return undefined;
      read.push([field, amount]);
    }
    return { labels: [...labels], amounts: Object.fromEntries(read) as Record<F, number>, changedAt };
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Rows in the order in which they were first added to. A row that did not change is the same object. */
  rows(): Iterable<TallyRow<F>> {
    return this.#rows.values();
  }

  /** The row of these labels. */
  row(labels: readonly string[]): TallyRow<F> | undefined {
    return this.#rows.get(keyOf(labels));
  }

  /**
   * Adds to a row, which is made of zeros where it is not there.
   *
   * @throws RangeError for an amount that is negative or not finite, or a field that the tally does not have. Nothing is
   * added then.
   */
  add(labels: readonly string[], amounts: Partial<Readonly<Record<F, number>>>, at: number): void {
    let grows = false;
    for (const [field, amount] of Object.entries(amounts)) {
      if (!this.#fields.includes(field as F)) throw new RangeError(`A tally has no field ${JSON.stringify(field)}`);
      if (!isAmount(amount)) throw new RangeError(`A tally cannot add ${String(amount)}`);
      grows ||= amount > 0;
    }
    const key = keyOf(labels);
    const there = this.#rows.get(key);
    if (there !== undefined && !grows) return;
    this.#set(key, there?.labels ?? [...labels], at, (field) => {
      const amount = Object.hasOwn(amounts, field) ? (amounts[field] ?? 0) : 0;
      return (there?.amounts[field] ?? 0) + amount;
    });
  }

  /** Adds all of one row to another and removes it: how finished sessions are folded. */
  move(from: readonly string[], to: readonly string[], at: number): void {
    const [fromKey, toKey] = [keyOf(from), keyOf(to)];
    const row = this.#rows.get(fromKey);
    if (row === undefined || fromKey === toKey) return;
    this.add(to, row.amounts, at);
    this.#rows.delete(fromKey);
    this.#changed.add(fromKey);
  }

  /** What changed since this was last called, by a key that stands for the labels; `undefined` for what is gone. */
  takeChanges(): ReadonlyMap<string, TallyRow<F> | undefined> {
    const changes = new Map([...this.#changed].map((key) => [key, this.#rows.get(key)] as const));
    this.#changed.clear();
    return changes;
  }

  #set(key: string, labels: readonly string[], changedAt: number, amount: (field: F) => number): void {
    this.#rows.set(key, { labels, amounts: this.#amounts(amount), changedAt });
    this.#changed.add(key);
  }

  #amounts(amount: (field: F) => number): Record<F, number> {
    // A sum that overflows stays where numbers end: Infinity would be no JSON.
    const entries = this.#fields.map((field) => [field, Math.min(amount(field), Number.MAX_VALUE)]);
    return Object.fromEntries(entries) as Record<F, number>;
  }
}

function keyOf(labels: readonly string[]): string {
  return JSON.stringify(labels);
}
