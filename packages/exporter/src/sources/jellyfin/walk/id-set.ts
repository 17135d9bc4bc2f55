/** Bytes of an id that are kept: a million of them are alike by chance about once in 500 walks. */
const BYTES = 6;

/**
 * Remembers which ids were seen, in a tenth of the room that their text takes. Ids are hashes themselves: their first
 * digits tell them apart.
 */
export class IdSet {
  readonly #seen = new Set<number>();
  /** Those that came since {@link takeNew}. */
  #added: number[] = [];

  get size(): number {
    return this.#seen.size;
  }

  /** Whether the id is new; one that is no hash always is. */
  add(id: string): boolean {
    const hash = /^[0-9a-f]{12}/i.exec(id)?.[0];
    if (hash === undefined) return true;
    const value = Number.parseInt(hash, 16);
    if (this.#seen.has(value)) return false;
    this.#seen.add(value);
    this.#added.push(value);
    return true;
  }

  /** What came since the last time, in a short text for the state store. */
  takeNew(): string {
    const bytes = Buffer.alloc(this.#added.length * BYTES);
    for (const [index, value] of this.#added.entries()) bytes.writeUIntBE(value, index * BYTES, BYTES);
    this.#added = [];
    return bytes.toString('base64');
  }

  /** Adds what {@link takeNew} gave; anything else adds nothing. */
  restore(saved: unknown): void {
    if (typeof saved !== 'string') return;
    const bytes = Buffer.from(saved, 'base64');
    for (let at = 0; at + BYTES <= bytes.length; at += BYTES) this.#seen.add(bytes.readUIntBE(at, BYTES));
  }
}
