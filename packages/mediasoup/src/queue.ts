import type { Clock } from '@media-exporter/metrics';
import type { RequestOutcome } from './state.ts';

/** Something that can be asked through a worker. */
export interface Pollable {
  /** True once it is closed: what it answers then is not expected to be anything. */
  readonly closed: boolean;
  ask(): Promise<unknown>;
  /** Takes the answer, which may be anything. */
  take(answer: unknown): void;
}

export interface QueueOptions {
  readonly clock: Clock;
  /** The most requests in flight. */
  readonly concurrency: number;
  /** Milliseconds that an answer may take. */
  readonly deadline: number;
  readonly count: (outcome: RequestOutcome, requests: number) => void;
}

/** After a deadline the event loop gets this long to hand over answers that came while something blocked it, in milliseconds. */
const GRACE_MS = 100;

/**
 * After so many milliseconds of asking the queue rests for so many. A poll of thousands would otherwise keep Node and the
 * worker busy at a stretch, and the media that the worker forwards would wait for a processor.
 */
const WORK_MS = 1;
const REST_MS = 4;

interface Ticket {
  readonly sent: number;
  readonly item: Pollable;
  /** Nobody waits for the answer any longer. */
  abandoned: boolean;
}

/**
 * The requests to one worker. Since 3.9.0 mediasoup has no deadline of its own: a worker that is stopped keeps every
 * request for ever. So the first one that is late marks the worker as stuck, and it is left alone until it answers
 * something. When everything that was sent was refused instead, the next {@link run} sends one request to try.
 */
export class WorkerQueue {
  readonly #options: QueueOptions;
  readonly #inFlight = new Set<Ticket>();
  #abandoned = 0;
  #stuck = false;
  #giveUp: (() => void) | undefined;
  #cancelTimer: () => void = () => {};

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get stuck(): boolean {
    return this.#stuck;
  }

  /**
   * Asks all, never more at a time than allowed, and resolves when the last has answered or the worker is stuck. Never
   * rejects. One call at a time.
   */
  run(items: readonly Pollable[]): Promise<void> {
    const { clock, concurrency, count } = this.#options;
    if (this.#stuck && this.#abandoned > 0) {
      count('skipped', items.length);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      let next = 0;
      let ended = false;
      let resting = false;
      let began = clock.now();
      let cancelRest = (): void => {};
      const end = (): void => {
        if (ended) return;
        ended = true;
        this.#giveUp = undefined;
        this.#cancelTimer();
        cancelRest();
        if (next < items.length) count('skipped', items.length - next);
        resolve();
      };
      const rest = (): void => {
        resting = true;
        cancelRest = clock.after(REST_MS, () => {
          resting = false;
          began = clock.now();
          pump();
        });
      };
      const pump = (): void => {
        if (ended || resting) return;
        const limit = this.#stuck ? 1 : concurrency;
        while (next < items.length && this.#inFlight.size < limit) {
          if (clock.now() - began >= WORK_MS) {
            rest();
            return;
          }
          const item = items[next++] as Pollable;
          if (item.closed) count('closed', 1);
          else this.#send(item, pump);
        }
        if (this.#inFlight.size === 0) end();
      };
      this.#giveUp = end;
      pump();
    });
  }

  /** Forgets all that is under way; for a worker that is gone. */
  close(): void {
    this.#cancelTimer();
    this.#abandonAll('closed');
    this.#giveUp?.();
  }

  #send(item: Pollable, then: () => void): void {
    const ticket: Ticket = { sent: this.#options.clock.now(), item, abandoned: false };
    this.#inFlight.add(ticket);
    if (this.#inFlight.size === 1) this.#watch(this.#options.deadline);
    let asked: Promise<unknown>;
    try {
      asked = item.ask();
    } catch (error) {
      asked = Promise.reject(error);
    }
    asked.then(
      (answer) => {
        this.#stuck = false;
        const taken = take(item, answer);
        if (this.#settle(ticket)) this.#options.count(taken ? 'success' : 'failure', 1);
        then();
      },
      () => {
        if (this.#settle(ticket)) this.#options.count(item.closed ? 'closed' : 'failure', 1);
        then();
      },
    );
  }

  /** Whether somebody still waited for the answer. */
  #settle(ticket: Ticket): boolean {
    if (ticket.abandoned) this.#abandoned--;
    else this.#inFlight.delete(ticket);
    return !ticket.abandoned;
  }

  /** One timer for the oldest request is enough: a worker answers in the order of the questions. */
  #watch(delay: number, late?: Ticket): void {
    const { clock, deadline } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(delay, () => {
      const [oldest] = this.#inFlight;
      if (oldest === undefined) return;
      const left = oldest.sent + deadline - clock.now();
      if (left > 0) this.#watch(left);
      else if (oldest !== late) this.#watch(GRACE_MS, oldest);
      else {
        this.#stuck = true;
        this.#abandonAll('timeout');
        this.#giveUp?.();
      }
    });
  }

  #abandonAll(outcome: RequestOutcome): void {
    if (this.#inFlight.size > 0) this.#options.count(outcome, this.#inFlight.size);
    for (const ticket of this.#inFlight) ticket.abandoned = true;
    this.#abandoned += this.#inFlight.size;
    this.#inFlight.clear();
  }
}

/** A fault of ours must not become an unhandled rejection in the host's process. */
function take(item: Pollable, answer: unknown): boolean {
  try {
    item.take(answer);
    return true;
  } catch {
    return false;
  }
}
