/**
 * How many things have which labels, kept up to date by their events so that nobody has to count. A combination that
 * was seen once stays, as a known 0.
 */
export class Tally<T extends object> {
  readonly #entries = new Map<string, { readonly labels: T; count: number }>();

  /** Counts one more, and gives the place to {@link Place.leave} again. */
  enter(labels: T): Place {
    const key = JSON.stringify(labels);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { labels, count: 0 };
      this.#entries.set(key, entry);
    }
    return new Place(entry);
  }

  rows(): (T & { readonly count: number })[] {
    return Array.from(this.#entries.values(), ({ labels, count }) => ({ ...labels, count }));
  }
}

/** One thing that is counted in a tally, once. */
export class Place {
  #entry: { count: number } | undefined;

  constructor(entry: { count: number }) {
    entry.count++;
    this.#entry = entry;
  }

  leave(): void {
    if (this.#entry !== undefined) this.#entry.count--;
    this.#entry = undefined;
  }
}
