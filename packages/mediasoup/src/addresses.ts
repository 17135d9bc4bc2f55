import type { Clock } from '@media-exporter/metrics';

export interface NameCacheOptions {
  readonly clock: Clock;
  /** The names of an address; rejects when it has none. */
  readonly reverse: (ip: string) => Promise<readonly string[]>;
  /** Milliseconds that a resolver may take. */
  readonly deadline?: number;
  /** Milliseconds that an answer holds, also the answer that there is no name. */
  readonly lifetime?: number;
  readonly capacity?: number;
  /** Requests to the resolver at a time. */
  readonly concurrency?: number;
}

interface Entry {
  name: string | undefined;
  /** When to ask again; undefined while the answer is on its way. */
  until: number | undefined;
  readonly waiting: Set<() => void>;
}

/**
 * Names for addresses, asked for once and in the background: whoever asks gets what is known now, and is told when
 * there is more to know.
 */
export class NameCache {
  readonly #options: Required<NameCacheOptions>;
  readonly #entries = new Map<string, Entry>();
  readonly #queue: string[] = [];
  #asking = 0;

  constructor(options: NameCacheOptions) {
    this.#options = { deadline: 2_000, lifetime: 3_600_000, capacity: 10_000, concurrency: 4, ...options };
  }

  readonly lookUp = (ip: string, changed: () => void): string | undefined => {
    if (ip === '') return undefined;
    const { clock, capacity } = this.#options;
    let entry = this.#entries.get(ip);
    if (entry === undefined || (entry.until !== undefined && entry.until <= clock.now())) {
      entry = { name: entry?.name, until: undefined, waiting: new Set() };
      this.#entries.delete(ip);
      this.#entries.set(ip, entry);
      const [oldest] = this.#entries.keys();
      if (this.#entries.size > capacity && oldest !== undefined) this.#entries.delete(oldest);
      this.#queue.push(ip);
      this.#askNext();
    }
    if (entry.until === undefined) entry.waiting.add(changed);
    return entry.name;
  };

  #askNext(): void {
    if (this.#asking >= this.#options.concurrency) return;
    const ip = this.#queue.shift();
    if (ip === undefined) return;
    this.#asking++;
    let cancel = (): void => {};
    const deadline = new Promise<undefined>((resolve) => {
      cancel = this.#options.clock.after(this.#options.deadline, () => resolve(undefined));
    });
    const answer = new Promise<readonly string[]>((resolve) => resolve(this.#options.reverse(ip)))
      .then(([name]) => name)
      .catch(() => undefined);
    void Promise.race([answer, deadline]).then((name) => {
      cancel();
      this.#asking--;
      this.#settle(ip, name);
      this.#askNext();
    });
  }

  #settle(ip: string, name: string | undefined): void {
    const entry = this.#entries.get(ip);
    if (entry === undefined) return;
    const isNew = name !== undefined && name !== entry.name;
    if (name !== undefined) entry.name = name;
    entry.until = this.#options.clock.now() + this.#options.lifetime;
    const waiting = [...entry.waiting];
    entry.waiting.clear();
    if (isNew) for (const changed of waiting) changed();
  }
}
