import {
  type Clock,
  type Collector,
  type CollectorReport,
  type Counter,
  cleanLabelValue,
  GatheredFamily,
  Registry,
} from '@media-exporter/metrics';
import { type CollectorFilter, servesMetric } from './collector-filter.ts';
import type { Source } from './sources/source.ts';

/** A source that shall run, and what it was made from: the same key means that it can go on running. */
export interface Wanted {
  readonly name: string;
  readonly key: string;
  readonly seriesBudget: number;
  /** Whether the families of its type, and those that all types share, are shown. */
  readonly native: boolean;
  readonly unified: boolean;
  create(): Promise<Source>;
}

/** What one gathering over some sources found. */
export interface Gathered {
  readonly families: readonly GatheredFamily[];
  readonly sources: readonly Source[];
  /** By the name of the source. */
  readonly reports: ReadonlyMap<string, CollectorReport>;
}

interface Entry {
  readonly wanted: Wanted;
  readonly source: Source;
  /** Over this source alone, without the label. */
  readonly alone: Registry;
  /** Takes it out of the registry over all. */
  readonly unregister: () => void;
}

/**
 * The sources that run, and the registries over them: one for all, in which the native families have a `source` label, and
 * one without that label for each. The unified families name their server themselves. A reload leaves alone what did not change, so that no counter of it goes back.
 */
export class Inventory {
  readonly #clock: Clock;
  readonly #dropped: Counter<'family'>;
  #labelValueLimit: number | undefined;
  #all = new Registry();
  #entries: ReadonlyMap<string, Entry> = new Map();

  /** @param dropped counts the series that went over a budget. */
  constructor(clock: Clock, dropped: Counter<'family'>) {
    this.#clock = clock;
    this.#dropped = dropped;
  }

  /**
   * Takes over what is wanted: sources whose key is the same stay. The caller stops what was removed and starts what was
   * added. Rejects, with nothing changed, when a source cannot be made.
   */
  async apply(
    wanted: readonly Wanted[],
    labelValueLimit: number,
  ): Promise<{ added: readonly Source[]; removed: readonly Source[] }> {
    const before = this.#entries;
    const made = wanted.map((want) => {
      const old = before.get(want.name);
      return old?.wanted.key === want.key ? old.source : want.create();
    });
    const sources = await Promise.all(made);
    if (labelValueLimit !== this.#labelValueLimit) {
      this.#labelValueLimit = labelValueLimit;
      this.#all = this.#registry();
      this.#entries = new Map();
    }
    const entries = wanted.map((want, index): Entry => {
      const source = sources[index] as Source;
      const old = this.#entries.get(want.name);
      if (old?.source === source) return old;
      return this.#enter(want, source);
    });
    const kept = new Set(sources);
    for (const { source, unregister } of this.#entries.values()) if (!kept.has(source)) unregister();
    this.#entries = new Map(entries.map((entry) => [entry.wanted.name, entry]));
    const old = [...before.values()].map((entry) => entry.source);
    return {
      added: sources.filter((source) => !old.includes(source)),
      removed: old.filter((source) => !kept.has(source)),
    };
  }

  get sources(): readonly Source[] {
    return [...this.#entries.values()].map((entry) => entry.source);
  }

  /** Collects from all sources; their families are told apart by the label `source`. A filter asks for no less, but leaves out. */
  gather(signal: AbortSignal, filter?: CollectorFilter): Promise<Gathered> {
    return this.#gather(this.#all, this.sources, signal, filter);
  }

  /** Collects from one source, whose families are as its contract has them. The caller knows that there is one of the name. */
  gatherOne(name: string, signal: AbortSignal, filter?: CollectorFilter): Promise<Gathered> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Error(`There is no source ${name}.`);
    return this.#gather(entry.alone, [entry.source], signal, filter);
  }

  #enter(wanted: Wanted, source: Source): Entry {
    const { name, seriesBudget } = wanted;
    const native = nativeCollector(source, wanted.native);
    const unified = wanted.unified ? unifiedCollector(source) : undefined;
    const alone = this.#registry();
    const all = this.#all;
    const leave = [all.register(native, { labels: { source: name }, seriesBudget })];
    alone.register(native, { seriesBudget });
    if (unified !== undefined) {
      leave.push(all.register(unified, { seriesBudget }));
      alone.register(unified, { seriesBudget });
    }
    const unregister = (): void => {
      for (const each of leave) each();
    };
    return { wanted, source, alone, unregister };
  }

  #registry(): Registry {
    const limit = this.#labelValueLimit;
    const dropped = this.#dropped;
    return new Registry({ clock: this.#clock, dropped, ...(limit === undefined ? {} : { labelValueLimit: limit }) });
  }

  async #gather(
    registry: Registry,
    sources: readonly Source[],
    signal: AbortSignal,
    filter: CollectorFilter | undefined,
  ): Promise<Gathered> {
    const { families, collectors } = await registry.gather(signal);
    const shown = filter === undefined ? families : families.flatMap((family) => this.#narrow(family, sources, filter));
    return { families: shown, sources, reports: new Map(collectors.map((report) => [report.name, report])) };
  }

  /** What two sources have in one family may come from different collectors. */
  #narrow({ metric, parts }: GatheredFamily, sources: readonly Source[], filter: CollectorFilter): GatheredFamily[] {
    const left = parts.filter(({ constants: [label] }) => {
      const from =
        label === undefined
          ? sources
          : sources.filter(({ id }) => cleanLabelValue(id, this.#labelValueLimit) === label);
      return from.some((source) => servesMetric(filter, source, metric.name));
    });
    return left.length === 0 ? [] : [new GatheredFamily(metric, left)];
  }
}

/** Its report, under the name of the source, tells how the source fared: it is there also when nothing is shown. */
function nativeCollector(source: Source, shown: boolean): Collector {
  return {
    name: source.id,
    get catalogue() {
      return shown ? [...source.catalogues.values()].flat() : [];
    },
    async collect(signal) {
      await source.refresh(signal);
      return shown ? source.snapshot().families : [];
    },
  };
}

function unifiedCollector(source: Source): Collector {
  return {
    // No source can have this name.
    name: `${source.id}/unified`,
    get catalogue() {
      return source.unifiedCatalogue;
    },
    async collect(signal) {
      await source.refresh(signal);
      return source.snapshot().unified;
    },
  };
}
