import type { Clock } from '@media-exporter/metrics';
import { type Problem, problemsOf } from '../../errors.ts';
import type { CollectorStatus } from '../source.ts';

/**
 * One collector of a source: runs at most once at a time, however many ask, and remembers how the last run went.
 */
export class Round {
  readonly name: string;
  readonly #clock: Clock;
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #status: CollectorStatus | undefined;

  constructor(name: string, clock: Clock, work: () => Promise<void>) {
    this.name = name;
    this.#clock = clock;
    this.#work = work;
  }

  /** `undefined` before the first run has ended. */
  get status(): CollectorStatus | undefined {
    return this.#status;
  }

  /** Joins the run that is under way, or starts one. Never rejects because the work failed; see {@link Round.status}. */
  async run(deadline: AbortSignal): Promise<void> {
    deadline.throwIfAborted();
    this.#running ??= this.#start().finally(() => {
      this.#running = undefined;
    });
    await untilAborted(this.#running, deadline);
  }

  async #start(): Promise<void> {
    const started = this.#clock.now();
    let problem: Problem | undefined;
    try {
      await this.#work();
    } catch (error) {
      problem = problemsOf(error)[0];
    }
    this.#status = {
      name: this.name,
      success: problem === undefined,
      seconds: (this.#clock.now() - started) / 1000,
      lastSuccess: problem === undefined ? this.#clock.date() : this.#status?.lastSuccess,
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

/** Waits for `promise`, but no longer than `signal` lets; then rejects with its reason. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
