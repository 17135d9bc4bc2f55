import type { Clock } from '@media-exporter/metrics';
import type { Round } from './round.ts';

export interface PollerOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly round: Round;
  /** Milliseconds from the end of a run to the next; asked after each run. */
  readonly interval: () => number;
  /** The least between two runs in ms, however much they are hurried. */
  readonly least: number;
  /** The longest wait after failures in ms. */
  readonly most: number;
}

/** Where in its interval a run comes: spread a little, so that pollers do not march in step. */
const SPREAD = 0.05;

/**
 * Runs a round again and again: on its interval, earlier when hurried, and after failures with waits that grow and are
 * left to chance. A run that somebody else began is joined.
 */
export class Poller {
  readonly #options: PollerOptions;
  readonly #stopping = new AbortController();
  #running = false;
  #failures = 0;
  #endedAt = Number.NEGATIVE_INFINITY;
  /** When the next run is due; during a run, the earliest that was asked for. */
  #due = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Runs at once, and goes on. Resolves when the first run has ended, however it went. */
  start(): Promise<void> {
    return this.#run();
  }

  /** Brings the next run forward to `delay` milliseconds from now, if it was to come later. */
  hurry(delay = 0): void {
    this.#plan(this.#options.clock.now() + delay);
  }

  /** No run begins after this. */
  stop(): void {
    this.#stopping.abort();
    this.#cancel?.();
  }

  #plan(due: number): void {
    const { clock, least } = this.#options;
    if (this.#stopping.signal.aborted) return;
    const earliest = Math.max(due, this.#endedAt + least);
    if (earliest >= this.#due) return;
    this.#due = earliest;
    if (this.#running) return;
    this.#cancel?.();
    this.#cancel = clock.after(Math.max(0, earliest - clock.now()), () => void this.#run());
  }

  async #run(): Promise<void> {
    const { clock, round } = this.#options;
    if (this.#stopping.signal.aborted || this.#running) return;
    this.#running = true;
    this.#due = Number.POSITIVE_INFINITY;
    // It rejects only because of the stop: a failure is in its status.
    await round.run(this.#stopping.signal).catch(() => {});
    this.#running = false;
    this.#endedAt = clock.now();
    this.#failures = round.status?.success === true ? 0 : this.#failures + 1;
    const hurried = this.#due;
    this.#due = Number.POSITIVE_INFINITY;
    this.#plan(Math.min(hurried, this.#endedAt + this.#wait()));
  }

  #wait(): number {
    const { random, interval, least, most } = this.#options;
    if (this.#failures === 0) return interval() * (1 - SPREAD + 2 * SPREAD * random());
    const longest = Math.min(most, interval() * 2 ** (this.#failures - 1));
    return least + random() * Math.max(0, longest - least);
  }
}
