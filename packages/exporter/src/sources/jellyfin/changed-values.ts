import type { StateScope } from '../../state/store.ts';

/** Puts into a store only what differs from what it has put there last: most polls change nothing. */
export class ChangedValues implements Pick<StateScope, 'put'> {
  readonly #saved: Pick<StateScope, 'put'>;
  /** By key, as JSON, of which there is none of `undefined`. */
  readonly #last = new Map<string, string | undefined>();

  constructor(saved: Pick<StateScope, 'put'>) {
    this.#saved = saved;
  }

  put(key: string, value: unknown): void {
    const json = JSON.stringify(value);
    if (this.#last.has(key) && this.#last.get(key) === json) return;
    this.#last.set(key, json);
    this.#saved.put(key, value);
  }
}
