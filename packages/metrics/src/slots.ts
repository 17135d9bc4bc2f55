const EMPTY = 0;
const DELETED = -1;

/** An open-addressing table from hash to slot number: four bytes an entry, nothing for the collector to trace. */
export class SlotTable {
  readonly #hashOf: (slot: number) => number;
  #entries: Int32Array;
  #filled = 0;
  #live = 0;

  /**
   * @param hashOf gives the hash under which a slot was added.
   * @param expected how many slots to make room for at once.
   */
  constructor(hashOf: (slot: number) => number, expected = 0) {
    this.#hashOf = hashOf;
    this.#entries = new Int32Array(sizeFor(expected));
  }

  /** The slot with this hash that `matches` accepts, or -1. */
  find(hash: number, matches: (slot: number) => boolean): number {
    const mask = this.#entries.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = this.#entries[at] as number;
      if (entry === EMPTY) return -1;
      if (entry !== DELETED && this.#hashOf(entry - 1) === hash && matches(entry - 1)) return entry - 1;
    }
  }

  /** Adds a slot unless `twins` finds it equal to one with the same hash: then gives that one, else -1. */
  addUnlessTwin(hash: number, slot: number, twins: (slot: number, other: number) => boolean): number {
    const entries = this.#entries;
    const mask = entries.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = entries[at] as number;
      if (entry === EMPTY) break;
      if (entry !== DELETED && this.#hashOf(entry - 1) === hash && twins(slot, entry - 1)) return entry - 1;
    }
    this.add(hash, slot);
    return -1;
  }

  add(hash: number, slot: number): void {
    if (2 * (this.#filled + 1) > this.#entries.length) this.#rebuild();
    this.#place(hash, slot);
    this.#filled++;
    this.#live++;
  }

  delete(hash: number, slot: number): void {
    const mask = this.#entries.length - 1;
    for (let at = hash & mask; this.#entries[at] !== EMPTY; at = (at + 1) & mask) {
      if (this.#entries[at] !== slot + 1) continue;
      this.#entries[at] = DELETED;
      this.#live--;
      return;
    }
  }

  #place(hash: number, slot: number): void {
    const mask = this.#entries.length - 1;
    let at = hash & mask;
    while (this.#entries[at] !== EMPTY) at = (at + 1) & mask;
    this.#entries[at] = slot + 1;
  }

  #rebuild(): void {
    const old = this.#entries;
    this.#entries = new Int32Array(sizeFor(2 * this.#live));
    for (const entry of old) if (entry > 0) this.#place(this.#hashOf(entry - 1), entry - 1);
    this.#filled = this.#live;
  }
}

/** A power of two that is at most half full with so many. */
function sizeFor(slots: number): number {
  let size = 16;
  while (size < 2 * (slots + 1)) size *= 2;
  return size;
}
