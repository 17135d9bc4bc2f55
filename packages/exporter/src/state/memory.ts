import type { StateScope, StateStore } from './store.ts';

/** Keeps the state as long as the process lives: for the demo, a single collection, and tests. */
export class MemoryStore implements StateStore {
  readonly #scopes = new Map<string, Map<string, unknown>>();

  scope(name: string): StateScope {
    const kept = this.#scopes.get(name) ?? new Map<string, unknown>();
    this.#scopes.set(name, kept);
    return {
      load: async () => new Map(kept),
      put(key, value) {
        if (value === undefined) kept.delete(key);
        // As it is now: what is kept must not change with what the source goes on with.
        else kept.set(key, structuredClone(value));
      },
    };
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
