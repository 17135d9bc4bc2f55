import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { LibraryItems, MissingMetadata } from '../library/counts.ts';
import type { ItemCounts, Library } from '../parse/library.ts';

const LIBRARY = { library: 'public', library_id: 'public' } as const;
const COUNTS = '/Items?limit=0';

const TOTAL = defineMetric({
  name: 'jellyfin_library_items_total',
  type: 'gauge',
  help: 'Items of the whole server by type, missing episodes left out. Not a counter, in spite of its name. artist, program and trailer are absent before 12.0, which does not count them.',
  labels: { type: 'public' },
  cost: '/Items/Counts',
});
const ITEMS = defineMetric({
  name: 'jellyfin_library_items',
  type: 'gauge',
  help: 'Items of a library by type. What lies in a folder that two libraries share is in both.',
  labels: { ...LIBRARY, type: 'public' },
  cost: COUNTS,
});
const INFO = defineMetric({
  name: 'jellyfin_library_info',
  type: 'gauge',
  help: 'The libraries with what they are for; always 1.',
  labels: { ...LIBRARY, collection_type: 'public' },
  cost: '/Library/VirtualFolders',
});
const REFRESHING = defineMetric({
  name: 'jellyfin_library_refreshing',
  type: 'gauge',
  help: 'Whether the library is being refreshed (1) or not (0).',
  labels: LIBRARY,
  cost: '/Library/VirtualFolders',
});
const PROGRESS = defineMetric({
  name: 'jellyfin_library_refresh_progress_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'How far the refresh of the library is; absent while there is none.',
  labels: LIBRARY,
  cost: '/Library/VirtualFolders',
  overflow: 'drop',
});
const RESOLUTION = defineMetric({
  name: 'jellyfin_library_resolution_items',
  type: 'gauge',
  help: 'Films and episodes by resolution, by the width of their video: 2160p from 3800, 1440p from 2400, 1080p from 1800, 720p from 1200, sd below, unknown without one.',
  labels: { resolution: 'public' },
  cost: COUNTS,
});
const MISSING = defineMetric({
  name: 'jellyfin_library_missing_metadata_items',
  type: 'gauge',
  help: 'Items that lack a description or an id of a provider. Approximate: by what the server has in its database.',
  labels: { type: 'public', field: 'public' },
  cost: COUNTS,
});

export const LIBRARY_CATALOGUE: readonly Metric[] = [TOTAL, ITEMS, INFO, REFRESHING, PROGRESS, RESOLUTION, MISSING];

/** Each part is absent while it is not known. */
export interface LibraryView {
  readonly counts: ItemCounts | undefined;
  readonly libraries: readonly Library[] | undefined;
  readonly items: readonly LibraryItems[] | undefined;
  readonly resolutions: ReadonlyMap<string, number> | undefined;
  readonly missing: readonly MissingMetadata[] | undefined;
}

export function libraryFamilies({
  counts,
  libraries = [],
  items = [],
  resolutions,
  missing = [],
}: LibraryView): Family[] {
  return [
    family(
      TOTAL,
      Array.from(counts ?? [], ([type, value]) => [{ type }, value]),
    ),
    family(
      ITEMS,
      items.map(({ library, type, items: value }) => [{ ...labels(library), type }, value]),
    ),
    family(
      INFO,
      libraries.map((library) => [{ ...labels(library), collection_type: library.collection }, 1]),
    ),
    family(
      REFRESHING,
      libraries.map((library) => [labels(library), library.refreshing ? 1 : 0]),
    ),
    family(
      PROGRESS,
      libraries.map((library) => [labels(library), library.refreshRatio]),
    ),
    family(
      RESOLUTION,
      Array.from(resolutions ?? [], ([resolution, value]) => [{ resolution }, value]),
    ),
    family(
      MISSING,
      missing.map(({ type, field, items: value }) => [{ type, field }, value]),
    ),
  ];
}

function labels({ id, name }: Library): { library: string; library_id: string } {
  return { library: name, library_id: id };
}
