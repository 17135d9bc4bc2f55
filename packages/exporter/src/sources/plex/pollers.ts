import type { Clock } from '@media-exporter/metrics';
import type { Problem } from '../../errors.ts';
import { isFailure } from '../http/request-error.ts';
import { isUnanswered } from '../http/unanswered.ts';
import { Poller } from '../polling/poll.ts';
import { Round, untilAborted } from '../polling/round.ts';
import type { CollectorStatus } from '../source.ts';
import { COLLECTORS, type CollectorName, LIMITS, PATIENCE } from './schedule.ts';

export interface PollersOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly collectors: Readonly<Record<CollectorName, PolledCollector>>;
  /** Whether any request was answered so far. */
  readonly answered: () => boolean;
  /** Told when there was no answer to anything for a while after the start. */
  readonly onSilence: (problem: Problem) => void;
}

export interface PolledCollector {
  readonly collect: () => Promise<void>;
  /** Milliseconds from the end of a run to the next; asked after each run. */
  readonly interval: () => number;
}

/** What failed, and until when, by the clock's `now`, the server is not asked for it again. */
interface Suspect {
  readonly error: unknown;
  readonly until: number;
}

/** Runs the collectors of one server, each on its own interval. */
export class Pollers {
  readonly #options: PollersOptions;
  readonly #rounds: Readonly<Record<CollectorName, Round>>;
  readonly #pollers: Readonly<Record<CollectorName, Poller>>;
  readonly #started = Promise.withResolvers<void>();
  /** What the server may have died of, and that has not succeeded since. */
  readonly #suspects = new Map<CollectorName, Suspect>();
  #endPatience: () => void = () => {};

  constructor(options: PollersOptions) {
    const { clock, random, collectors } = options;
    this.#options = options;
    this.#rounds = each((name) => new Round(name, clock, () => this.#collect(name)));
    const suspects = this.#suspects;
    this.#pollers = each((name) => {
      const { interval } = collectors[name];
      const { least, most } = LIMITS[name];
      return new Poller({
        ...{ clock, random, round: this.#rounds[name], interval, most },
        // However much it is hurried, when the server is back too.
        get least() {
          return suspects.has(name) ? Math.max(least, interval()) : least;
        },
      });
    });
  }

  /** How the last run of each collector went. */
  get statuses(): readonly CollectorStatus[] {
    return COLLECTORS.flatMap((name) => this.status(name) ?? []);
  }

  /** `undefined` before the first run has ended. */
  status(name: CollectorName): CollectorStatus | undefined {
    return this.#rounds[name].status;
  }

  /** Runs one that is needed now, or joins its run that is under way. Never rejects because it failed. */
  run(name: CollectorName): Promise<void> {
    return this.#rounds[name].run(new AbortController().signal);
  }

  /** Runs all, and goes on. */
  start(): void {
    const runs = each((name) => this.#pollers[name].start());
    const patience = Promise.withResolvers<void>();
    this.#endPatience = this.#options.clock.after(PATIENCE, patience.resolve);
    // A server that answers something may be slow to tell who it is, which comes before who plays.
    const enough = patience.promise.then(() => (this.#options.answered() ? runs.sessions : this.#tellSilence()));
    void Promise.race([Promise.all(Object.values(runs)), enough]).then(() => {
      this.#endPatience();
      this.#started.resolve();
    });
  }

  /** Waits until every collector has run once, but for most only a while. Rejects when `deadline` passes first. */
  ready(deadline: AbortSignal): Promise<void> {
    return untilAborted(this.#started.promise, deadline);
  }

  /** Brings the next run of a collector forward to `delay` milliseconds from now, if it was to come later. */
  hurry(name: CollectorName, delay?: number): void {
    this.#pollers[name].hurry(delay);
  }

  /** Told that the server is back: what failed need not wait any longer, unless the server may have died of it. */
  resume(): void {
    for (const name of COLLECTORS) if (this.status(name)?.success === false) this.hurry(name);
  }

  /** No run begins after this, and nobody waits. */
  stop(): void {
    this.#endPatience();
    for (const poller of Object.values(this.#pollers)) poller.stop();
    this.#started.resolve();
  }

  async #collect(name: CollectorName): Promise<void> {
    const { clock, collectors } = this.#options;
    const { collect, interval } = collectors[name];
    const suspect = this.#suspects.get(name);
    // Another collector may need it earlier.
    if (suspect !== undefined && clock.now() < suspect.until) throw suspect.error;
    try {
      await collect();
      this.#suspects.delete(name);
    } catch (error) {
      // Whether the server is there is looked at all the same.
      const harmless = name === 'sessions' || isUnanswered(error) || !isFailure(error);
      if (!harmless) this.#suspects.set(name, { error, until: clock.now() + interval() });
      throw error;
    }
  }

  #tellSilence(): void {
    this.#options.onSilence({ code: 'MX_UPSTREAM_TIMEOUT', detail: `no answer within ${PATIENCE / 1000}s` });
  }
}

function each<T>(make: (name: CollectorName) => T): Readonly<Record<CollectorName, T>> {
  return Object.fromEntries(COLLECTORS.map((name) => [name, make(name)])) as Record<CollectorName, T>;
}
