import { finite } from './shapes.ts';

/** Makes growth of a counter of whole things that begins again when what it belongs to does. */
export class Growing {
  #last = 0;

  /** How much it grew since it was last seen. A smaller value is a new beginning. */
  take(value: unknown): number {
    const now = Math.floor(finite(value) ?? -1);
    if (now < 0) return 0;
    const grown = now >= this.#last ? now - this.#last : now;
    this.#last = now;
    return grown;
  }
}
