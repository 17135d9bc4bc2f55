/** Lets work through one at a time, and none while it is shut. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #gate = Promise.withResolvers<void>();
  #open = true;
  #stopped = false;

  constructor() {
    this.#gate.resolve();
  }

  /** Opens or shuts the gate. What runs already goes on. */
  open(open: boolean): void {
    if (this.#stopped || open === this.#open) return;
    this.#open = open;
    if (open) this.#gate.resolve();
    else this.#gate = Promise.withResolvers();
  }

  /** Does the work when it is its turn and the gate is open. Rejects with what the work throws. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      // It may be shut again in the same turn of the event loop in which it was opened.
      while (!this.#open) await this.#gate.promise;
      return work();
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Lets everything through that waits, so that nothing is left hanging. The gate is never shut again. */
  stop(): void {
    this.open(true);
    this.#stopped = true;
  }
}
