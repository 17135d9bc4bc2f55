import type { Clock, Family } from '@media-exporter/metrics';
import { ExporterError, type Problem, problemsOf } from '../../errors.ts';
import { Poller } from '../poll.ts';
import { Round, untilAborted } from '../round.ts';
import type { CollectorStatus } from '../source.ts';
import { type CollectorName, type JellyfinCollector, STALE_INTERVALS } from './collectors/collector.ts';
import type { Shared } from './shared.ts';
import type { JellyfinState } from './state.ts';
import { Turns } from './turns.ts';

/** Milliseconds between two runs at least, and after failures at most. */
const LIMITS = {
  system: { least: 2_000, most: 10_000 },
  fast: { least: 5_000, most: 60_000 },
  slow: { least: 30_000, most: 1_800_000 },
} as const;

/** How long a collector is left alone that the server does not allow. */
const FORBIDDEN_MS = 600_000;
/** How long a first scrape waits for what takes long to ask. */
const PATIENCE_MS = 5_000;

export interface EngineOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly shared: Shared;
  /** All that run, in their order. */
  readonly collectors: readonly JellyfinCollector[];
  /** Those that are shown. */
  readonly shown: readonly CollectorName[];
  /** Told whether the server is up; with the problem when it is not. */
  readonly onAnswer: (problem: Problem | undefined) => void;
}

interface Member {
  readonly collector: JellyfinCollector;
  readonly round: Round;
  readonly poller: Poller;
  /** By the own clock; absent before it has ever succeeded. */
  succeededAt?: number;
  /** Why it is left alone, and until when. */
  forbidden?: { readonly error: unknown; readonly until: number };
}

/** Runs the collectors of one server, each on its own interval; the failure of one costs the others nothing. */
export class JellyfinEngine {
  readonly #options: EngineOptions;
  readonly #members: ReadonlyMap<CollectorName, Member>;
  readonly #turns = new Turns();
  readonly #started = Promise.withResolvers<void>();
  #slow: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    const own = options.collectors.filter(({ follows }) => follows === undefined);
    this.#members = new Map(own.map((collector) => [collector.name, this.#member(collector)]));
  }

  /** Begins. Does not wait for the server. */
  start(): void {
    if (this.#stopped) return;
    const starts = [...this.#members.values()].map(({ collector, poller }) => ({
      slow: collector.line === 'slow',
      done: poller.start(),
    }));
    const all = (slow: boolean) => Promise.all(starts.filter((one) => one.slow === slow).map(({ done }) => done));
    this.#slow = all(true);
    void all(false).then(() => this.#started.resolve());
  }

  /** Waits until the collectors have run once, for slow ones only a while. Rejects when `deadline` passes first. */
  async ready(deadline: AbortSignal): Promise<void> {
    await untilAborted(this.#started.promise, deadline);
    const waiting = [...this.#members.values()].some(({ round }) => round.status === undefined);
    if (!waiting) return;
    const patience = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(PATIENCE_MS, patience.resolve);
    await untilAborted(Promise.race([this.#slow, patience.promise]), deadline).finally(cancel);
  }

  stop(): void {
    this.#stopped = true;
    this.#turns.stop();
    for (const { collector, poller } of this.#members.values()) {
      poller.stop();
      collector.stop?.();
    }
    this.#started.resolve();
  }

  /** How the last run of each collector that is shown went. */
  statuses(): readonly CollectorStatus[] {
    return this.#shown().flatMap(({ name, follows = name }) => {
      const status = this.#members.get(follows)?.round.status;
      return status === undefined ? [] : [{ ...status, name }];
    });
  }

  families(): readonly Family[] {
    return this.#shown().flatMap((collector) => (this.#isFresh(collector) ? collector.families() : []));
  }

  /** What is known now of all that runs. */
  state(): JellyfinState {
    const fresh = this.#options.collectors.filter((collector) => this.#isFresh(collector));
    return Object.assign({}, ...fresh.map((collector) => collector.state())) as JellyfinState;
  }

  #shown(): readonly JellyfinCollector[] {
    const { collectors, shown } = this.#options;
    return collectors.filter(({ name }) => shown.includes(name));
  }

  #isFresh(collector: JellyfinCollector): boolean {
    if (collector.keeps) return true;
    const { clock, shared } = this.#options;
    const succeededAt = this.#members.get(collector.follows ?? collector.name)?.succeededAt;
    if (succeededAt === undefined || shared.up === false) return false;
    return clock.now() - succeededAt <= STALE_INTERVALS * collector.interval();
  }

  #member(collector: JellyfinCollector): Member {
    const { clock, random } = this.#options;
    const { name, line } = collector;
    const work = name === 'system' ? () => this.#look(collector) : () => this.#work(collector);
    const round = new Round(name, clock, work);
    const limits = name === 'system' ? LIMITS.system : LIMITS[line];
    const interval = (): number => collector.interval();
    const least = Math.min(limits.least, interval());
    return { collector, round, poller: new Poller({ clock, random, round, interval, least, most: limits.most }) };
  }

  /** Whether the server is up comes first: while it is not, nothing else is asked. */
  async #look(system: JellyfinCollector): Promise<void> {
    const { shared, onAnswer } = this.#options;
    const before = shared.up;
    try {
      await system.run();
      if (!this.#stopped && shared.up === true) onAnswer(undefined);
    } catch (error) {
      if (!this.#stopped) onAnswer(problemsOf(error)[0]);
      throw error;
    } finally {
      if (before === false && shared.up === true) this.#hurry();
    }
  }

  async #work(collector: JellyfinCollector): Promise<void> {
    const { clock } = this.#options;
    const member = this.#members.get(collector.name) as Member;
    await this.#needServer();
    if (member.forbidden !== undefined && clock.now() < member.forbidden.until) throw member.forbidden.error;
    try {
      if (collector.line === 'slow') await this.#inTurn(collector);
      else await collector.run();
      member.succeededAt = clock.now();
      delete member.forbidden;
    } catch (error) {
      if (error instanceof ExporterError && error.status === 403) {
        member.forbidden = { error, until: clock.now() + FORBIDDEN_MS };
      }
      throw error;
    } finally {
      if (collector.name === 'tasks') this.#turns.open(this.#options.shared.scanRunning !== true);
    }
  }

  /** One at a time, and none while the libraries are scanned. */
  async #inTurn(collector: JellyfinCollector): Promise<void> {
    const tasks = this.#members.get('tasks')?.round;
    if (tasks !== undefined && tasks.status === undefined) await tasks.run(new AbortController().signal);
    await this.#turns.take(async () => {
      if (this.#stopped) return;
      // It may have gone down while this one waited for its turn.
      await this.#needServer();
      await collector.run();
    });
  }

  async #needServer(): Promise<void> {
    const { shared } = this.#options;
    const system = this.#members.get('system')?.round;
    if (shared.up === undefined) await system?.run(new AbortController().signal);
    if (shared.up === true) return;
    const detail = 'the server has not answered yet';
    throw new ExporterError(system?.status?.problem ?? { code: 'MX_UPSTREAM_CONNECT', detail });
  }

  /** What failed while the server was away need not wait any longer. */
  #hurry(): void {
    for (const { round, poller, collector } of this.#members.values()) {
      if (collector.name !== 'system' && round.status?.success === false) poller.hurry();
    }
  }
}
