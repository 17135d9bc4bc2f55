import { defineMetric, type Family, type Metric } from '@media-exporter/metrics';
import type { StoragePlace } from '../state.ts';

const COST = '/System/Info/Storage';
const PLACE = { location: 'public', mount: 'public' } as const;
const MOUNT = { mount: 'public' } as const;

const FREE = defineMetric({
  name: 'jellyfin_storage_free_bytes',
  type: 'gauge',
  unit: 'bytes',
  overflow: 'drop',
  help: 'Free space of the whole file system that the folder lies on. Do not add up folders: jellyfin_filesystem_free_bytes has each file system once.',
  labels: PLACE,
  cost: COST,
});
const USED = defineMetric({
  name: 'jellyfin_storage_used_bytes',
  type: 'gauge',
  unit: 'bytes',
  overflow: 'drop',
  help: 'Used space of the whole file system that the folder lies on, not of the folder. Do not add up folders: jellyfin_filesystem_used_bytes has each file system once.',
  labels: PLACE,
  cost: COST,
});
const FILE_SYSTEM_FREE = defineMetric({
  name: 'jellyfin_filesystem_free_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'Free space of the file systems that folders of the server lie on. Before 12.0 a guess: folders with equal figures are taken to share one, which goes by its shortest path.',
  labels: MOUNT,
  cost: COST,
});
const FILE_SYSTEM_USED = defineMetric({
  name: 'jellyfin_filesystem_used_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'Used space of the file systems that folders of the server lie on. Before 12.0 a guess: folders with equal figures are taken to share one, which goes by its shortest path.',
  labels: MOUNT,
  cost: COST,
});

export const STORAGE_CATALOGUE: readonly Metric[] = [FREE, USED, FILE_SYSTEM_FREE, FILE_SYSTEM_USED];

export function storageFamilies(places: readonly StoragePlace[]): Family[] {
  const mountOf = mounts(places);
  const folders = new Map<string, { labels: string[]; place: StoragePlace }>();
  const fileSystems = new Map<string, StoragePlace>();
  for (const place of places) {
    const mount = mountOf(place);
    folders.set(`${place.location}\n${mount}`, { labels: [place.location, mount], place });
    fileSystems.set(mount, place);
  }
  const byFolder = (metric: Metric, value: (place: StoragePlace) => number): Family => ({
    metric,
    samples: Array.from(folders.values(), ({ labels, place }) => ({ labels, value: value(place) })),
  });
  const byMount = (metric: Metric, value: (place: StoragePlace) => number): Family => ({
    metric,
    samples: Array.from(fileSystems, ([mount, place]) => ({ labels: [mount], value: value(place) })),
  });
  return [
    byFolder(FREE, ({ freeBytes }) => freeBytes),
    byFolder(USED, ({ usedBytes }) => usedBytes),
    byMount(FILE_SYSTEM_FREE, ({ freeBytes }) => freeBytes),
    byMount(FILE_SYSTEM_USED, ({ usedBytes }) => usedBytes),
  ];
}

/** What a place's file system goes by: its mount point, where the server knows that, else the shortest path with its figures. */
function mounts(places: readonly StoragePlace[]): (place: StoragePlace) => string {
  // 10.11 gives each path as its own device.
  if (places.some(({ device, path }) => device !== undefined && device !== path)) {
    return ({ device, path }) => device ?? path;
  }
  const shortest = new Map<string, string>();
  const figures = ({ freeBytes, usedBytes }: StoragePlace): string => `${freeBytes} ${usedBytes}`;
  for (const place of places) {
    const known = shortest.get(figures(place));
    if (known === undefined || place.path.length < known.length) shortest.set(figures(place), place.path);
  }
  return (place) => shortest.get(figures(place)) ?? place.path;
}
