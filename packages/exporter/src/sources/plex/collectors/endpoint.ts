import type { Clock } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';

export interface EndpointOptions<T> {
  readonly clock: Clock;
  readonly ask: () => Promise<T>;
  /** The least between two questions in ms; in between the last answer stands. Left out: always asked. */
  readonly every?: number;
  /** Whether any failure is as good as an endpoint that is not there. */
  readonly tolerant?: boolean;
}

/** After so many failures in a row the last answer is too old. */
const FAILURES = 2;

/** How long an endpoint that is not there is left alone, in ms: the first time, and at most. */
const SHORTEST_REST = 60_000;
const LONGEST_REST = 600_000;

/**
 * An endpoint that a server may not have: without Plex Pass, for an account that does not own the server, or in another
 * version. What it does not give is absent, and it is asked again after a minute, and then ever less often.
 */
export class OptionalEndpoint<T> {
  readonly #options: EndpointOptions<T>;
  #value: T | undefined;
  #rest = SHORTEST_REST;
  #failures = 0;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(options: EndpointOptions<T>) {
    this.#options = options;
  }

  /** The last answer; `undefined` before the first one, after failures, and where the endpoint is not there. */
  get value(): T | undefined {
    return this.#value;
  }

  /**
   * Asks if it is time to. Answers what is new, or nothing.
   *
   * @throws ExporterError of a failure that tells nothing about whether the endpoint is there.
   */
  async refresh(): Promise<T | undefined> {
    const { clock, ask, every = 0 } = this.#options;
    if (clock.now() < this.#nextAt) return undefined;
    try {
      const value = await ask();
      this.#nextAt = clock.now() + every;
      this.#rest = SHORTEST_REST;
      this.#failures = 0;
      this.#value = value;
      return value;
    } catch (error) {
      if (!this.#isAbsence(error)) {
        this.#failures += 1;
        if (this.#failures >= FAILURES) this.#value = undefined;
        throw error;
      }
      this.#nextAt = clock.now() + this.#rest;
      this.#rest = Math.min(2 * this.#rest, Math.max(every, LONGEST_REST));
      this.#value = undefined;
      return undefined;
    }
  }

  /** The next {@link OptionalEndpoint.refresh} asks, whatever was before. */
  reset(): void {
    this.#nextAt = Number.NEGATIVE_INFINITY;
    this.#rest = SHORTEST_REST;
  }

  #isAbsence(error: unknown): boolean {
    if (!(error instanceof ExporterError)) return false;
    // A 401 is about the token, whatever is asked for.
    return this.#options.tolerant === true || [400, 403, 404].includes(error.status ?? 0);
  }
}

/** Does one after another, whatever fails, and then throws what failed first. */
export async function allInTurn(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const work of works) await work().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
