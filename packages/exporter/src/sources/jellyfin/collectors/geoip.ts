import type { Family, Metric } from '@media-exporter/metrics';
import { GEOIP_CATALOGUE, geoipFamilies } from '../families/geoip.ts';
import { PlaceDatabase } from '../geoip/database.ts';
import type { JellyfinState } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** How often the file is looked at, ms. */
const LOOK_MS = 60_000;

/** Where the sessions are that play. Asks the server nothing: it reads a file of the user's. */
export class GeoipCollector implements JellyfinCollector {
  readonly name = 'geoip';
  readonly line = 'fast';
  readonly staysVisible = false;
  readonly catalogue: readonly Metric[] = GEOIP_CATALOGUE;
  readonly #context: CollectorContext;
  readonly #database: PlaceDatabase;

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#database = new PlaceDatabase(context.settings.geoip_file ?? '');
  }

  interval(): number {
    return LOOK_MS;
  }

  run(): Promise<void> {
    return this.#database.refresh();
  }

  families(): readonly Family[] {
    const { shared, privacy } = this.#context;
    const active = shared.active();
    return active === undefined ? [] : geoipFamilies(active, (address) => this.#database.find(address), privacy);
  }

  state(): Partial<JellyfinState> {
    return {};
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new GeoipCollector(context);
}
