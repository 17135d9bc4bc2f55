/** A request that came in. */
export interface RequestRecord {
  /** On the monotonic clock, milliseconds. */
  readonly at: number;
  readonly method: string;
  /** The path as the documentation writes it, without the base path: `/System/Info`. */
  readonly endpoint: string;
  /** Without a key that stood in it. */
  readonly query: string;
  /** Where the key stood, and in which form. */
  readonly token: TokenForm;
}

export type TokenForm = 'header' | 'query' | 'legacy' | 'none';

/** How many records are kept. The counts go on. */
const KEPT = 20_000;

/** The requests of the server's clients: how kind are they? */
export class RequestLog {
  readonly #counts = new Map<string, number>();
  readonly #held = new Map<string, number>();
  readonly #mostHeld = new Map<string, number>();
  #records: RequestRecord[] = [];
  /** TCP connections that were opened. */
  connections = 0;

  /** Oldest first; of very many the last. */
  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  /** Requests by endpoint. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Requests for an endpoint; all of them without one. */
  count(endpoint?: string): number {
    if (endpoint !== undefined) return this.#counts.get(endpoint) ?? 0;
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Requests for an endpoint that wait for their answer; all of them without one. */
  held(endpoint?: string): number {
    if (endpoint !== undefined) return this.#held.get(endpoint) ?? 0;
    return [...this.#held.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many waited at most at the same time. */
  mostHeld(endpoint: string): number {
    return this.#mostHeld.get(endpoint) ?? 0;
  }

  /** @internal */
  add(record: RequestRecord): void {
    this.#counts.set(record.endpoint, this.count(record.endpoint) + 1);
    this.#records.push(record);
    if (this.#records.length > 2 * KEPT) this.#records = this.#records.slice(-KEPT);
  }

  /** @internal A request waits from now on, until the returned function is called. */
  hold(endpoint: string): () => void {
    this.#held.set(endpoint, this.held(endpoint) + 1);
    this.#mostHeld.set(endpoint, Math.max(this.mostHeld(endpoint), this.held(endpoint)));
    let ended = false;
    return () => {
      if (!ended) this.#held.set(endpoint, this.held(endpoint) - 1);
      ended = true;
    };
  }

  /** Forgets all but what waits, for a new measurement. */
  clear(): void {
    this.#counts.clear();
    this.#mostHeld.clear();
    this.#records = [];
    this.connections = 0;
  }
}
