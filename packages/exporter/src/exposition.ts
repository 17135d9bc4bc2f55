import { type Clock, type Collector, type Family, Registry } from '@media-exporter/metrics';
import { type CollectorFilter, servesCollector } from './collector-filter.ts';
import type { Gathered, Inventory } from './inventory.ts';
import type { SelfMetrics } from './self.ts';
import type { Scraped, View } from './server/routes.ts';

/** How an exporter shows what it has where it stands in for another one: without the `source` label. */
export interface DropInView {
  /** The metrics that the original served at `/`, where it did. */
  readonly rootMetrics?: ReadonlySet<string>;
  /**
   * The server's process under the bare names `process_*`, made of what is known of the server. The exporter's own process
   * is `media_exporter_process_*` then.
   */
  readonly serverProcess?: (families: readonly Family[]) => readonly Family[];
  /** Leaves out what the exporter tells of itself, but for how it reads its source. */
  readonly withoutSelf?: boolean;
  /** Names that the original has for collectors, and those of the collectors that have taken their place. */
  readonly collectorNames?: ReadonlyMap<string, string>;
}

export interface ExpositionOptions {
  readonly clock: Clock;
  readonly inventory: Inventory;
  readonly self: SelfMetrics;
  /** Where the exporter stands in for another one. */
  readonly dropIn?: DropInView | undefined;
}

/** What a scrape serves: the families of the sources, and what the exporter tells of itself. */
export class Exposition {
  readonly #options: ExpositionOptions;
  readonly #own: Registry;

  constructor(options: ExpositionOptions) {
    const { clock, self } = options;
    this.#options = options;
    this.#own = new Registry({ clock, name: 'own', dropped: self.dropped });
    this.register(self.collector());
  }

  /** Adds to what the exporter tells of itself. */
  register(own: Collector): void {
    this.#own.register(own);
  }

  /** The collectors that a view shows, by each name that they may be asked for. */
  collectors(view: View): ReadonlyMap<string, string> {
    const { inventory, dropIn } = this.#options;
    const only = this.#only(view);
    const sources = inventory.sources.filter(({ id }) => only === undefined || id === only);
    const names = sources.flatMap(({ catalogues }) => [...catalogues.keys()]);
    const others = [...(dropIn?.collectorNames ?? [])].filter(([, name]) => names.includes(name));
    return new Map([...names.map((name) => [name, name] as const), ...others]);
  }

  async scrape(view: View, filter: CollectorFilter | undefined, signal: AbortSignal): Promise<Scraped> {
    const { self, dropIn } = this.#options;
    const { families, sources, reports } = await this.#gather(view, filter, signal);
    const complete = sources.every(
      (source) => source.snapshot().up === true && reports.get(source.id)?.outcome === 'success',
    );
    if (view === 'seed') {
      const names = dropIn?.rootMetrics;
      return { families: families.filter(({ metric }) => names?.has(metric.name) ?? true), complete };
    }
    const shows = (collector: string): boolean => filter === undefined || servesCollector(filter, collector);
    const about = self.sourceFamilies(sources, reports, shows).filter((family) => hasSamples(family));
    const { serverProcess = () => [], withoutSelf = false } = dropIn ?? {};
    const own = view === 'all' && !withoutSelf ? (await this.#own.gather()).families : [];
    return { families: joinFamilies([families, serverProcess(families), about, own]), complete };
  }

  #gather(view: View, filter: CollectorFilter | undefined, signal: AbortSignal): Promise<Gathered> {
    const { inventory } = this.#options;
    const only = this.#only(view);
    return only === undefined ? inventory.gather(signal, filter) : inventory.gatherOne(only, signal, filter);
  }

  /** The one source that a view is of; `undefined` for all. */
  #only(view: View): string | undefined {
    const { inventory, dropIn } = this.#options;
    if (typeof view === 'object') return view.source;
    // In a drop-in mode there is one source, and its metrics have exactly the labels of the exporter it replaces.
    return dropIn === undefined ? undefined : inventory.sources[0]?.id;
  }
}

function hasSamples(family: Family): boolean {
  for (const _ of family.samples) return true;
  return false;
}

/** Families one after another; of two with one name the first, since an exposition may name each only once. */
function joinFamilies(groups: readonly (readonly Family[])[]): Family[] {
  const byName = new Map<string, Family>();
  for (const family of groups.flat()) {
    if (!byName.has(family.metric.name)) byName.set(family.metric.name, family);
  }
  return [...byName.values()];
}
