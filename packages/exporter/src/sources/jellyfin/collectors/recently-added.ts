import type { Family, Metric } from '@media-exporter/metrics';
import { ENDPOINTS } from '../endpoints.ts';
import { RECENTLY_ADDED_CATALOGUE, recentlyAddedFamilies } from '../families/items.ts';
import { itemsQuery } from '../library/items-query.ts';
import { listLibraries } from '../library/libraries.ts';
import type { Library } from '../parse/library.ts';
import { parseRecent, type RecentItem } from '../parse/recent.ts';
import type { JellyfinState } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** What is added as one thing: an album, not its tracks. */
const TYPES = 'Movie,Episode,MusicAlbum,MusicVideo,Video,AudioBook,Book';

/** The newest items, of the whole server. */
export class RecentlyAddedCollector implements JellyfinCollector {
  readonly name = 'recently_added';
  readonly line = 'slow';
  readonly staysVisible = false;
  readonly catalogue: readonly Metric[] = RECENTLY_ADDED_CATALOGUE;
  readonly #context: CollectorContext;
  #found: { readonly items: readonly RecentItem[]; readonly libraries: readonly Library[] } | undefined;

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  interval(): number {
    return this.#context.settings.counts_interval * 1000;
  }

  async run(): Promise<void> {
    const { client, settings } = this.#context;
    const query = itemsQuery({
      includeItemTypes: TYPES,
      excludeLocationTypes: 'Virtual',
      fields: 'DateCreated,Path',
      enableImages: false,
      enableUserData: false,
      enableTotalRecordCount: false,
      sortBy: 'DateCreated',
      sortOrder: 'Descending',
      limit: settings.recently_added_limit,
    });
    const { value: items } = await client.json(ENDPOINTS.items, parseRecent, { query });
    const libraries = await listLibraries(this.#context);
    this.#found = { items: items.slice(0, settings.recently_added_limit), libraries };
  }

  families(): readonly Family[] {
    if (this.#found === undefined) return [];
    return recentlyAddedFamilies(this.#found.items, this.#found.libraries, this.#context.privacy);
  }

  state(): Partial<JellyfinState> {
    return {};
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new RecentlyAddedCollector(context);
}
