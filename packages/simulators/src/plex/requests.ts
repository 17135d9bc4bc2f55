/** A request that came in. */
export interface RequestRecord {
  /** On the monotonic clock, milliseconds. */
  readonly at: number;
  readonly method: string;
  /** With `{id}` in the place of what varies. */
  readonly endpoint: string;
  readonly path: string;
  readonly query: string;
  /** Where the token stood. */
  readonly token: 'header' | 'query' | 'none';
}

/** How many records are kept. The counts go on. */
const KEPT = 20_000;

/** The requests of the server's clients: how kind are they? */
export class RequestLog {
  readonly #counts = new Map<string, number>();
  #records: RequestRecord[] = [];
  /** TCP connections that were opened. */
  connections = 0;
  /** Requests that wait for the end of their answer. */
  open = 0;

  /** Oldest first; of very many the last. */
  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  /** Requests for an endpoint, such as `/library/sections/{id}/all`; all of them without one. */
  count(endpoint?: string): number {
    if (endpoint !== undefined) return this.#counts.get(endpoint) ?? 0;
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Requests by endpoint. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** @internal */
  add(record: RequestRecord): void {
    this.#counts.set(record.endpoint, this.count(record.endpoint) + 1);
    this.#records.push(record);
    if (this.#records.length > 2 * KEPT) this.#records = this.#records.slice(-KEPT);
  }

  /** Forgets all, for a new measurement. */
  clear(): void {
    this.#counts.clear();
    this.#records = [];
    this.connections = 0;
  }
}
