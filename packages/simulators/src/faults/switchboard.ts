/** A fault that was switched on. */
export interface FaultHandle {
  /** How many requests or messages it has hit. */
  readonly hits: number;
  readonly active: boolean;
  /** Switches it off. */
  end(): void;
}

interface Entry<F, T> {
  readonly fault: F;
  readonly concerns: (target: T) => boolean;
  left: number;
  hits: number;
}

/** Faults that are on. Of several that concern the same target, the one switched on last strikes. */
export class Switchboard<F, T> {
  readonly #entries = new Set<Entry<F, T>>();

  /** @param times how often it strikes; without an end unless told. */
  switchOn(fault: F, concerns: (target: T) => boolean, times: number = Number.POSITIVE_INFINITY): FaultHandle {
    const entry: Entry<F, T> = { fault, concerns, left: times, hits: 0 };
    const entries = this.#entries;
    entries.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      get active() {
        return entries.has(entry);
      },
      end: () => {
        entries.delete(entry);
      },
    };
  }

  /** The fault that strikes now, which is one time less to strike. */
  strike(target: T): F | undefined {
    const entry = [...this.#entries].findLast(({ concerns }) => concerns(target));
    if (entry === undefined) return undefined;
    entry.hits += 1;
    entry.left -= 1;
    if (entry.left <= 0) this.#entries.delete(entry);
    return entry.fault;
  }

  /** Faults that are on, in the order in which they were switched on. */
  get active(): readonly F[] {
    return [...this.#entries].map(({ fault }) => fault);
  }

  /** Switches all off. */
  clear(): void {
    this.#entries.clear();
  }
}
