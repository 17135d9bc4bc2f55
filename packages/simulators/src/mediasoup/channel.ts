import type { Clock } from '@media-exporter/metrics';
import type { Behaviour } from './shape.ts';

interface Pending {
  readonly answer: () => void;
  readonly fail: (error: Error) => void;
}

/**
 * The pipe between Node and one worker process: requests are answered in the order they were sent, as long as the
 * process runs. It counts what a monitor sends through it.
 */
export class Channel {
  readonly #clock: Clock;
  readonly #behaviour: Behaviour;
  readonly #pending = new Set<Pending>();
  readonly #waiting: (() => void)[] = [];
  #stalled = false;
  #closed = false;

  /** Milliseconds from a request to its answer. */
  latency = 0;
  /** Requests sent so far. */
  requests = 0;
  /** The most requests that were ever under way at the same time. */
  mostInFlight = 0;

  constructor(clock: Clock, behaviour: Behaviour) {
    this.#clock = clock;
    this.#behaviour = behaviour;
  }

  /** Requests without an answer. */
  get inFlight(): number {
    return this.#pending.size;
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  /** Asks the worker. Whether the object is there is decided now: what closes later comes later in the pipe. */
  request<T>(handlerId: string, exists: boolean, answer: () => T | Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(this.#behaviour.workerClosedError());
    this.requests += 1;
    return new Promise<T>((resolve, reject) => {
      let cancelTimeout = (): void => {};
      const settle = (): void => {
        cancelTimeout();
        this.#pending.delete(pending);
      };
      const pending: Pending = {
        answer: () => {
          if (!this.#pending.has(pending)) return;
          settle();
          if (!exists) reject(this.#behaviour.closedError(handlerId));
          else resolve(new Promise((answered) => answered(answer())));
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      };
      if (this.#behaviour.timesOutRequests) {
        const timeout = 15_000 + 100 * this.#pending.size;
        cancelTimeout = this.#clock.after(timeout, () => pending.fail(new Error('Channel request timeout')));
      }
      this.#pending.add(pending);
      this.mostInFlight = Math.max(this.mostInFlight, this.#pending.size);
      this.#deliver(pending.answer);
    });
  }

  /** Runs `notification` as the worker's own message to Node: later, and not before a stall is over. */
  notify(notification: () => void): void {
    if (!this.#closed) this.#deliver(notification);
  }

  /** SIGSTOP: nothing is answered. */
  stall(): void {
    this.#stalled = true;
  }

  /** SIGCONT: everything that waits is answered, in order. */
  resume(): void {
    this.#stalled = false;
    for (const deliver of this.#waiting.splice(0)) deliver();
  }

  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    for (const pending of [...this.#pending]) pending.fail(this.#behaviour.workerClosedError());
  }

  #deliver(message: () => void): void {
    const arrive = (): void => {
      if (this.#closed) return;
      if (this.#stalled) this.#waiting.push(message);
      else message();
    };
    if (this.latency > 0) this.#clock.after(this.latency, arrive);
    else queueMicrotask(arrive);
  }
}
