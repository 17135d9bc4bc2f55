import { type Clock, systemClock } from './clock.ts';
import { MetricsError } from './errors.ts';
import type { Collector, Family } from './family.ts';
import { OverflowFold } from './fold.ts';
import { admit, merge } from './gather.ts';
import { LABEL_VALUE_BYTES } from './hygiene.ts';
import { Counter } from './instruments/counter.ts';
import { defineMetric, isLabelName, type Metric } from './metric.ts';
import type { GatherRules } from './rules.ts';
import type { SeriesSet } from './series.ts';
import { Slicer } from './slices.ts';
import { GatheredFamily, hasSamples } from './snapshot.ts';

/** The default budget of a family: no dashboard reads more, and a target's `sample_limit` is often near it. */
export const SERIES_BUDGET = 10_000;

/** Counts what budgets left out of scrapes; see {@link RegistryOptions.dropped}. */
export const SERIES_DROPPED: Metric<'family'> = defineMetric({
  name: 'media_exporter_series_dropped_total',
  type: 'counter',
  help: 'Series beyond the budget of their family, folded into its __other__ series or left out; counted at each collection.',
  labels: { family: 'public' },
});

/** Counts repeated label sets, of which the last one was served. */
export const SERIES_DUPLICATED: Metric<'family'> = defineMetric({
  name: 'media_exporter_series_duplicated_total',
  type: 'counter',
  help: 'Samples that repeated the labels of another one in their family, so that only the last was served.',
  labels: { family: 'public' },
});

export interface RegistryOptions {
  /** Names the registry where it is itself a collector of another one. */
  readonly name?: string;
  readonly clock?: Clock;
  /** The most series of a family that one collector may give. Defaults to 10,000. */
  readonly seriesBudget?: number;
  /** Of the samples' label values, in bytes of UTF-8; a set of handles has its own. Defaults to 256. */
  readonly labelValueLimit?: number;
  /** `throw` in tests; in production the `last` sample wins and the repeat is counted. */
  readonly duplicates?: 'last' | 'throw';
  /**
   * Where dropped series are counted. Given, it belongs to the caller, who registers it where it should appear;
   * otherwise the registry counts for itself and adds the family to its own output once something was dropped.
   */
  readonly dropped?: Counter<'family'>;
}

export interface RegisterOptions {
  /** Constant labels, put before those of every sample. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly seriesBudget?: number;
}

/** How one collector fared in one gathering. */
export interface CollectorReport {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `timeout`: it was still busy at the deadline, and was left to finish. */
  readonly outcome: 'success' | 'failure' | 'timeout';
  /** How long the collection took, or had taken at the deadline. */
  readonly seconds: number;
  readonly error?: unknown;
}

/** What a scrape serves: immutable, but for series handles, whose values are read as they are written out. */
export interface Snapshot {
  readonly families: readonly GatheredFamily[];
  readonly collectors: readonly CollectorReport[];
}

interface Registration {
  readonly collector: Collector;
  readonly labels: Readonly<Record<string, string>>;
  readonly budget: number;
  readonly folds: Map<string, OverflowFold>;
  /** How many take-overs of each set of handles were counted already. */
  readonly replaced: WeakMap<SeriesSet, number>;
  run: Run | undefined;
}

/** One collection, shared by all who ask while it is under way. */
interface Run {
  readonly result: Promise<Result>;
  readonly abort: AbortController;
  waiting: number;
}

interface Result {
  readonly report: CollectorReport;
  readonly families: readonly GatheredFamily[];
}

/**
 * Gathers collectors into snapshots. Collectors run concurrently, each at most once at a time: gatherings that overlap
 * share its run. One that throws, rejects, stalls or gives nonsense costs only its own families.
 */
export class Registry implements Collector {
  readonly name: string;
  readonly #clock: Clock;
  readonly #options: RegistryOptions;
  readonly #dropped: Counter<'family'>;
  readonly #duplicated: Counter<'family'> = new Counter(SERIES_DUPLICATED);
  readonly #registrations = new Map<Collector, Registration>();
  readonly #self = { folds: new Map<string, OverflowFold>(), replaced: new WeakMap<SeriesSet, number>() };
  #merging: { readonly results: readonly Result[]; readonly snapshot: Promise<Snapshot> } | undefined;

  constructor(options: RegistryOptions = {}) {
    this.name = options.name ?? 'registry';
    this.#clock = options.clock ?? systemClock;
    this.#options = options;
    this.#dropped = options.dropped ?? new Counter(SERIES_DROPPED);
  }

  /** All catalogue entries of the collectors registered now. */
  get catalogue(): readonly Metric[] {
    const entries = new Map<string, Metric>();
    for (const { catalogue } of this.#registrations.keys()) {
      for (const metric of catalogue) if (!entries.has(metric.name)) entries.set(metric.name, metric);
    }
    return [...entries.values()];
  }

  /**
   * Adds a collector; the returned function takes it out again.
   *
   * @throws MetricsError `MX_REGISTERED` when it is there already, `MX_LABEL_NAME` for a constant label without a
   * proper name.
   */
  register(collector: Collector, options: RegisterOptions = {}): () => void {
    if (this.#registrations.has(collector)) throw new MetricsError('MX_REGISTERED', collector.name);
    for (const label of Object.keys(options.labels ?? {})) {
      if (!isLabelName(label)) throw new MetricsError('MX_LABEL_NAME', `${collector.name}: ${JSON.stringify(label)}`);
    }
    this.#registrations.set(collector, {
      collector,
      labels: { ...options.labels },
      budget: options.seriesBudget ?? this.#options.seriesBudget ?? SERIES_BUDGET,
      folds: new Map(),
      replaced: new WeakMap(),
      run: undefined,
    });
    return () => {
      this.#registrations.delete(collector);
    };
  }

  /** As a collector of another registry: the families of one gathering. */
  async collect(signal: AbortSignal): Promise<Iterable<Family>> {
    return (await this.gather(signal)).families;
  }

  /**
   * Collects from every collector. When `signal` aborts, what is finished is served and the rest is reported as
   * `timeout`. Never rejects because of a collector; only `duplicates: 'throw'` makes repeats reject.
   */
  async gather(signal?: AbortSignal): Promise<Snapshot> {
    const registrations = [...this.#registrations.values()];
    const results = await Promise.all(registrations.map((registration) => this.#result(registration, signal)));
    return this.#snapshot(results);
  }

  /** The result of the run that is under way, or of a new one, or a timeout. */
  async #result(registration: Registration, signal: AbortSignal | undefined): Promise<Result> {
    const run = this.#join(registration);
    run.waiting++;
    const began = this.#clock.now();
    try {
      if (signal === undefined) return await run.result;
      return await new Promise<Result>((resolve) => {
        const timeout = (): void => resolve(this.#timedOut(registration, began));
        run.result.then((result) => {
          signal.removeEventListener('abort', timeout);
          resolve(result);
        });
        if (signal.aborted) timeout();
        else signal.addEventListener('abort', timeout, { once: true });
      });
    } finally {
      run.waiting--;
      if (run.waiting === 0) run.abort.abort();
    }
  }

  /** A collector never runs twice at a time: after a run that was given up, the next one waits for its end. */
  #join(registration: Registration): Run {
    const current = registration.run;
    if (current !== undefined && !current.abort.signal.aborted) return current;
    const abort = new AbortController();
    const began = this.#clock.now();
    const before: Promise<unknown> = current?.result ?? Promise.resolve();
    const result = before.then(() =>
      // Given up while it waited for the run before it: nobody wants this one.
      abort.signal.aborted ? this.#timedOut(registration, began) : this.#collect(registration, abort.signal),
    );
    const run: Run = { result, abort, waiting: 0 };
    registration.run = run;
    result.then(() => {
      if (registration.run === run) registration.run = undefined;
    });
    return run;
  }

  async #collect(registration: Registration, signal: AbortSignal): Promise<Result> {
    const { collector, labels } = registration;
    const began = this.#clock.now();
    const report = (outcome: CollectorReport['outcome'], error?: unknown): CollectorReport => ({
      name: collector.name,
      labels,
      outcome,
      seconds: (this.#clock.now() - began) / 1000,
      ...(error === undefined ? {} : { error }),
    });
    try {
      const families = [...(await collector.collect(signal))];
      const contribution = { families, labels, budget: registration.budget };
      const admitted = await admit(contribution, this.#rules(registration), new Slicer(this.#clock));
      return { report: report('success'), families: admitted };
    } catch (error) {
      return { report: report('failure', error ?? new Error('The collector threw nothing.')), families: [] };
    }
  }

  #timedOut({ collector, labels }: Registration, began: number): Result {
    const error = new MetricsError('MX_DEADLINE', collector.name);
    const seconds = (this.#clock.now() - began) / 1000;
    return { report: { name: collector.name, labels, outcome: 'timeout', seconds, error }, families: [] };
  }

  /** Gatherings that got the same results share the merged snapshot too. */
  #snapshot(results: readonly Result[]): Promise<Snapshot> {
    const shared = this.#merging;
    if (shared !== undefined && sameItems(shared.results, results)) return shared.snapshot;
    const snapshot = this.#merge(results);
    const merging = { results, snapshot };
    this.#merging = merging;
    const forget = (): void => {
      if (this.#merging === merging) this.#merging = undefined;
    };
    snapshot.then(forget, forget);
    return snapshot;
  }

  async #merge(results: readonly Result[]): Promise<Snapshot> {
    const reports = results.map((result) => result.report);
    const slicer = new Slicer(this.#clock);
    const rules = this.#rules(this.#self);
    const conflict = (index: number, error: MetricsError): void => {
      reports[index] = { ...(reports[index] as CollectorReport), outcome: 'failure', error };
    };
    const contributions = results.map((result) => result.families);
    const families = await merge(contributions, rules, slicer, conflict);
    return { families: joined(families, await this.#ownFamilies(slicer)), collectors: reports };
  }

  async #ownFamilies(slicer: Slicer): Promise<GatheredFamily[]> {
    const families = [...this.#duplicated.collect()];
    if (this.#options.dropped === undefined) families.push(...this.#dropped.collect());
    const contribution = { families, labels: {}, budget: SERIES_BUDGET };
    return admit(contribution, this.#rules(this.#self), slicer);
  }

  #rules({ folds, replaced }: Pick<Registration, 'folds' | 'replaced'>): GatherRules {
    const duplicated = (family: string, series: number): void => this.#duplicated.inc({ family }, series);
    return {
      labelValueLimit: this.#options.labelValueLimit ?? LABEL_VALUE_BYTES,
      throwOnDuplicate: this.#options.duplicates === 'throw',
      fold: (metric) => {
        let fold = folds.get(metric.name);
        if (fold === undefined) {
          fold = new OverflowFold(metric);
          folds.set(metric.name, fold);
        }
        return fold;
      },
      seen: (set) => {
        const fresh = set.replaced - (replaced.get(set) ?? 0);
        if (fresh > 0) duplicated(set.metric.name, fresh);
        replaced.set(set, set.replaced);
      },
      dropped: (family, series) => this.#dropped.inc({ family }, series),
      duplicated,
    };
  }
}

/** Adds the registry's own families: to those of the same name, where a registry within this one has some. */
function joined(families: readonly GatheredFamily[], own: readonly GatheredFamily[]): GatheredFamily[] {
  const byName = new Map(families.map((family) => [family.metric.name, family]));
  for (const family of own) {
    const there = byName.get(family.metric.name);
    const parts = [...(there?.parts ?? []), ...family.parts.filter(hasSamples)];
    if (parts.length > 0) byName.set(family.metric.name, new GatheredFamily(family.metric, parts));
  }
  return [...byName.values()];
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
