import type { Clock } from '@media-exporter/metrics';
import { Poller } from '../polling/poll.ts';
import { Round, untilAborted } from '../polling/round.ts';
import type { CollectorStatus } from '../source.ts';
import { COLLECTORS, COUNT_PATIENCE, type CollectorName, LIMITS } from './schedule.ts';

export interface PollersOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly collectors: Readonly<Record<CollectorName, PolledCollector>>;
}

export interface PolledCollector {
  readonly collect: () => Promise<void>;
  /** Milliseconds from the end of a run to the next; asked after each run. */
  readonly interval: () => number;
}

/** Runs the collectors of one server, each on its own interval. */
export class Pollers {
  readonly #clock: Clock;
  readonly #rounds: Readonly<Record<CollectorName, Round>>;
  readonly #pollers: Readonly<Record<CollectorName, Poller>>;
  readonly #started = Promise.withResolvers<void>();
  #firstCount: Promise<void> = Promise.resolve();

  constructor({ clock, random, collectors }: PollersOptions) {
    this.#clock = clock;
    this.#rounds = each((name) => new Round(name, clock, collectors[name].collect));
    this.#pollers = each(
      (name) =>
        new Poller({
          ...{ clock, random, round: this.#rounds[name] },
          interval: collectors[name].interval,
          ...LIMITS[name],
        }),
    );
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
    const { libraries, ...others } = this.#pollers;
    const first = Promise.all(Object.values(others).map((poller) => poller.start()));
    this.#firstCount = libraries.start();
    void first.then(() => this.#started.resolve());
  }

  /** Waits until every collector has run once, and for long counts only a while. Rejects when `deadline` passes first. */
  async ready(deadline: AbortSignal): Promise<void> {
    await untilAborted(this.#started.promise, deadline);
    if (this.status('libraries') !== undefined) return;
    const patience = Promise.withResolvers<void>();
    const cancel = this.#clock.after(COUNT_PATIENCE, patience.resolve);
    await untilAborted(Promise.race([this.#firstCount, patience.promise]), deadline).finally(cancel);
  }

  /** Brings the next run of a collector forward to `delay` milliseconds from now, if it was to come later. */
  hurry(name: CollectorName, delay?: number): void {
    this.#pollers[name].hurry(delay);
  }

  /** No run begins after this, and nobody waits. */
  stop(): void {
    for (const poller of Object.values(this.#pollers)) poller.stop();
    this.#started.resolve();
  }
}

function each<T>(make: (name: CollectorName) => T): Readonly<Record<CollectorName, T>> {
  return Object.fromEntries(COLLECTORS.map((name) => [name, make(name)])) as Record<CollectorName, T>;
}
