import type { Clock } from '../clock.ts';

/** A clock that stands still until it is told to advance. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #epoch: number;
  readonly #tasks = new Set<{ readonly at: number; readonly run: () => void }>();

  /** @param epoch milliseconds since the epoch at which the clock starts. */
  constructor(epoch: number = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return this.#epoch + this.#now;
  }

  after(delay: number, run: () => void): () => void {
    const task = { at: this.#now + delay, run };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  /** How many tasks wait for their time. */
  get pending(): number {
    return this.#tasks.size;
  }

  /** Moves on by `milliseconds` and runs what falls due, in the order of its time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#tasks].filter((task) => task.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#tasks.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }

  /** {@link advance}, and then lets everything run that became ready by it. */
  async tick(milliseconds: number): Promise<void> {
    this.advance(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
