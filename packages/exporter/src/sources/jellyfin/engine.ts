import type { Clock, Family } from '@media-exporter/metrics';
import { ExporterError, type Problem, problemsOf } from '../../errors.ts';
import { isPause, isUnanswered } from '../http/unanswered.ts';
import { Poller } from '../polling/poll.ts';
import { Round, untilAborted } from '../polling/round.ts';
import type { CollectorStatus } from '../source.ts';
import { type CollectorName, type JellyfinCollector, STALE_INTERVALS } from './collectors/collector.ts';
import { Turns } from './pacing/turns.ts';
import type { Shared } from './shared.ts';
import type { JellyfinState } from './state.ts';

/** Milliseconds that a collector waits after a failure: at least, where its interval is shorter, and at most. */
const WAITS = {
  fast: { least: 5_000, most: 60_000 },
  slow: { least: 30_000, most: 1_800_000 },
} as const;

/** How long a collector is left alone that the server does not allow. */
const FORBIDDEN_MS = 600_000;
/** How long one is left alone at most whose key the server refuses: it writes each time to its log. */
const REFUSED_MS = 300_000;
/** How long after the start a first scrape waits at most; a Prometheus gives up after ten seconds. */
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
  /** Told how a run of a collector went while the server was up; with the problem when it failed. */
  readonly onRun: (collector: CollectorName, problem: Problem | undefined) => void;
}

interface Member {
  readonly collector: JellyfinCollector;
  readonly round: Round;
  readonly poller: Poller;
  /** Whether the last round asked the server something. */
  asked: boolean;
  /** Whether what it asked last was lost on the way, or met a server that starts. */
  unanswered: boolean;
  /** By the own clock; absent before it has ever succeeded. */
  succeededAt?: number;
  /** Why it is left alone, until when, and how often in a row. */
  refused?: { readonly error: unknown; readonly until: number; readonly times: number };
  /** What the last run failed with, until it is known whether the server is up. */
  untold?: Problem;
}

/** Runs the collectors of one server, each on its own interval; the failure of one costs the others nothing. */
export class JellyfinEngine {
  readonly #options: EngineOptions;
  readonly #members: ReadonlyMap<CollectorName, Member>;
  readonly #turns = new Turns();
  /** Of first runs during a scan: no scan shuts it. */
  readonly #firstTurns = new Turns();
  readonly #started = Promise.withResolvers<void>();
  #impatient: () => void = () => {};
  #stopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    const own = options.collectors.filter(({ follows }) => follows === undefined);
    this.#members = new Map(own.map((collector) => [collector.name, this.#member(collector)]));
  }

  /** Begins. Does not wait for the server. */
  start(): void {
    if (this.#stopped) return;
    const patience = Promise.withResolvers<void>();
    this.#impatient = this.#options.clock.after(PATIENCE_MS, patience.resolve);
    const runs = Array.from(this.#members.values(), async ({ collector, poller }) => {
      await poller.start();
      await collector.aside?.();
    });
    void Promise.race([Promise.all(runs), patience.promise]).then(() => {
      this.#impatient();
      this.#started.resolve();
    });
  }

  /**
   * Waits until the collectors have run once, but only for a while after the start. Rejects when `deadline` passes first.
   */
  ready(deadline: AbortSignal): Promise<void> {
    return untilAborted(this.#started.promise, deadline);
  }

  stop(): void {
    this.#stopped = true;
    this.#impatient();
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
    if (collector.staysVisible) return true;
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
    const interval = (): number => collector.interval();
    // Whether the server is up is always looked at on time.
    const { least: leastFailed, most } = name === 'system' ? { least: 0, most: 0 } : WAITS[line];
    const poller = new Poller({
      ...{ clock, random, round, interval, most },
      // Nothing is asked again sooner than on its interval, which may be another one after each run.
      get least() {
        if (round.status?.success !== false) return 0;
        return member.asked ? Math.max(leastFailed, interval()) : Math.min(leastFailed, interval());
      },
    });
    const member: Member = { collector, round, poller, asked: true, unanswered: false };
    return member;
  }

  /** Whether the server is up comes first: while it is not, nothing else is asked. */
  async #look(system: JellyfinCollector): Promise<void> {
    const { shared, onAnswer, onRun } = this.#options;
    const before = shared.up;
    const untold = Array.from(this.#members.values(), (member) => ({ member, problem: member.untold }));
    try {
      await system.run();
      if (this.#stopped || shared.up !== true) return;
      onAnswer(undefined);
      for (const { member, problem } of untold) {
        if (problem === undefined || member.untold !== problem) continue;
        delete member.untold;
        onRun(member.collector.name, problem);
      }
    } catch (error) {
      // Being left alone tells nothing of it.
      if (this.#stopped || isPause(error)) throw error;
      for (const member of this.#members.values()) delete member.untold;
      onAnswer(problemsOf(error)[0]);
      throw error;
    } finally {
      if (before === false && shared.up === true) this.#hurry();
    }
  }

  async #work(collector: JellyfinCollector): Promise<void> {
    const { clock } = this.#options;
    const member = this.#members.get(collector.name) as Member;
    member.asked = false;
    await this.#needServer();
    if (member.refused !== undefined && clock.now() < member.refused.until) throw member.refused.error;
    try {
      if (collector.line === 'slow') await this.#inTurn(member);
      else await this.#ask(member);
      member.succeededAt = clock.now();
      delete member.refused;
      this.#report(member, undefined);
    } catch (error) {
      member.unanswered = isUnanswered(error);
      this.#refuse(member, error);
      this.#report(member, error);
      throw error;
    } finally {
      if (collector.name === 'tasks') this.#turns.open(this.#options.shared.scanRunning !== true);
    }
  }

  /** One at a time, and while the libraries are scanned only a first run that asks little. */
  async #inTurn(member: Member): Promise<void> {
    const tasks = this.#members.get('tasks')?.round;
    if (tasks !== undefined && tasks.status === undefined) await tasks.run(new AbortController().signal);
    const { shared } = this.#options;
    const first = member.collector.startsDuringScan === true && member.round.status === undefined;
    const turns = first && shared.scanRunning === true ? this.#firstTurns : this.#turns;
    await turns.take(async () => {
      if (this.#stopped) return;
      // It may have gone down while this one waited for its turn.
      await this.#needServer();
      await this.#ask(member);
    });
  }

  #ask(member: Member): Promise<void> {
    member.asked = true;
    return member.collector.run();
  }

  /** Leaves a collector alone for a while that the server has refused. */
  #refuse(member: Member, error: unknown): void {
    const status = error instanceof ExporterError ? error.status : undefined;
    if (status !== 401 && status !== 403) return;
    const times = (member.refused?.times ?? 0) + 1;
    const doubled = Math.min(REFUSED_MS, member.collector.interval() * 2 ** times);
    const until = this.#options.clock.now() + (status === 403 ? FORBIDDEN_MS : doubled);
    member.refused = { error, until, times };
  }

  /** Of a server that is down, that is told alone: a failure is told when the server is seen to be up after it. */
  #report(member: Member, error: unknown): void {
    const { shared, onRun } = this.#options;
    if (this.#stopped || isPause(error)) return;
    const down = shared.up !== true || this.#members.get('system')?.round.status?.success === false;
    const [problem] = error === undefined ? [] : problemsOf(error);
    if (problem === undefined || down) delete member.untold;
    // One that fails the same way again while a look is under way has failed before it.
    else if (member.untold?.code !== problem.code) member.untold = problem;
    if (problem === undefined) onRun(member.collector.name, undefined);
  }

  async #needServer(): Promise<void> {
    const { shared } = this.#options;
    const system = this.#members.get('system')?.round;
    if (shared.up === undefined) await system?.run(new AbortController().signal);
    if (shared.up === true) return;
    const detail = 'the server has not answered yet';
    throw new ExporterError(system?.status?.problem ?? { code: 'MX_UPSTREAM_CONNECT', detail });
  }

  /** What failed since the server was away need not wait any longer; what may have brought it down waits. */
  #hurry(): void {
    this.#options.shared.forgetFailures();
    for (const member of this.#members.values()) {
      if (member.collector.name === 'system' || member.round.status?.success !== false) continue;
      if (member.unanswered) member.asked = false;
      if (!member.asked) member.poller.hurry();
    }
  }
}
