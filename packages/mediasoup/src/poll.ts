import type { Clock } from '@media-exporter/metrics';
import type { Directory } from './directory.ts';
import type { ProcessReader } from './process.ts';
import type { Pollable } from './queue.ts';
import { toSeconds } from './seconds.ts';
import type { PollState, RequestOutcome } from './state.ts';
import type { Tree } from './tree/tree.ts';
import type { WorkerNode } from './tree/worker.ts';

export interface PollerOptions {
  readonly clock: Clock;
  /** Milliseconds from the beginning of one poll to that of the next, at least. */
  readonly period: number;
  readonly tree: Tree;
  readonly directory: Directory;
  readonly process: ProcessReader;
  /** The resident memory of a process in bytes; undefined where that cannot be known. */
  readonly readMemory: (pid: number) => Promise<number | undefined>;
  readonly requests: Record<RequestOutcome, number>;
}

/** Asks the workers, once for all who want to know. */
export class Poller {
  readonly #options: PollerOptions;
  #running: Promise<void> | undefined;
  #began: number | undefined;
  #polls = 0;
  #completed: number | undefined;
  #duration: number | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Whether a poll has ever ended. */
  get done(): boolean {
    return this.#polls > 0;
  }

  /** The poll under way, or a new one, or none when the last began less than a period ago. */
  poll(): Promise<void> {
    if (this.#running !== undefined) return this.#running;
    const { clock, period } = this.#options;
    const began = clock.now();
    if (this.#began !== undefined && began - this.#began < period) return Promise.resolve();
    this.#began = began;
    this.#running = this.#pollAll(began).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  state(): PollState {
    return {
      polls: this.#polls,
      ...(this.#completed === undefined ? {} : { completed: this.#completed }),
      ...(this.#duration === undefined ? {} : { duration: this.#duration }),
      period: this.#options.period / 1000,
      requests: { ...this.#options.requests },
    };
  }

  async #pollAll(began: number): Promise<void> {
    const { clock, directory, process, tree } = this.#options;
    directory.refresh();
    const answered = await Promise.all(tree.workers.map((worker) => this.#pollWorker(worker)));
    process.turn();
    this.#polls++;
    if (answered.includes(true) || tree.workers.length === 0) this.#completed = clock.date() / 1000;
    this.#duration = toSeconds(clock.now() - began);
  }

  /** Whether the worker answered. */
  async #pollWorker(worker: WorkerNode): Promise<boolean> {
    const { clock } = this.#options;
    let answered = false;
    let asked = 0;
    const usage: Pollable = {
      get closed() {
        return worker.closed;
      },
      ask: () => {
        asked = clock.now();
        return worker.object.getResourceUsage();
      },
      take: (answer) => {
        answered = true;
        const now = clock.now();
        worker.roundTrip = toSeconds(now - asked);
        worker.takeUsage(answer, now);
      },
    };
    const { pid } = worker;
    // The system tells it, also of a worker that does not answer.
    const memory = pid === undefined ? undefined : this.#options.readMemory(pid).catch(() => undefined);
    // Alone in the channel, so that the time it takes is the worker's and not that of the questions before it.
    await worker.queue.run([usage]);
    worker.residentMemory = await memory;
    if (!answered) {
      worker.cores = undefined;
      worker.roundTrip = undefined;
    }
    if (!answered || worker.closed) return answered;
    await worker.queue.run([...worker.transports, ...worker.streams, ...worker.data]);
    return true;
  }
}
