import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { WalkResult } from '../walk/progress.ts';
import type { LibrarySums, TypeSums } from '../walk/sums.ts';

const LIBRARY = { library: 'public', library_id: 'public' } as const;
const COST = 'a walk through all of /Items';
const AGE = 'As old as jellyfin_library_walk_timestamp_seconds says.';

const SIZE = defineMetric({
  name: 'jellyfin_library_size_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: `Sizes of the media files of a library, of all versions. What lies in a folder that two libraries share is in both. ${AGE}`,
  labels: LIBRARY,
  cost: COST,
});
const SIZE_UNKNOWN = defineMetric({
  name: 'jellyfin_library_size_unknown_items',
  type: 'gauge',
  help: `Items that jellyfin_library_size_bytes lacks, wholly or in part: discs in folders, streams, links. ${AGE}`,
  labels: LIBRARY,
  cost: COST,
});
const DURATION = defineMetric({
  name: 'jellyfin_library_duration_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: `How long all items of a library play, one after the other. ${AGE}`,
  labels: LIBRARY,
  cost: COST,
});
const CODECS = defineMetric({
  name: 'jellyfin_library_media_codec_items',
  type: 'gauge',
  help: `Items of a library by the codecs of their first version: one with audio in two codecs is in both. ${AGE}`,
  labels: { ...LIBRARY, stream: 'public', codec: 'public' },
  cost: COST,
});
const RESOLUTIONS = defineMetric({
  name: 'jellyfin_library_media_resolution_items',
  type: 'gauge',
  help: `Items of a library that have video by the width of their first version, like jellyfin_library_resolution_items. ${AGE}`,
  labels: { ...LIBRARY, resolution: 'public' },
  cost: COST,
});
const RANGES = defineMetric({
  name: 'jellyfin_library_media_dynamic_range_items',
  type: 'gauge',
  help: `Items of a library that have video by the dynamic range of their first version, in the words of the server. ${AGE}`,
  labels: { ...LIBRARY, range: 'public' },
  cost: COST,
});
const TIMESTAMP = defineMetric({
  name: 'jellyfin_library_walk_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'When the last walk through all libraries ended, since the epoch.',
});
const RUNNING = defineMetric({
  name: 'jellyfin_library_walk_running',
  type: 'gauge',
  help: 'Whether a walk is under way (1), also while it waits for the end of a scan, or not (0).',
});
const READ = defineMetric({
  name: 'jellyfin_library_walk_items',
  type: 'gauge',
  help: 'Items that the walk under way has read; absent while there is none.',
});

export const LIBRARY_WALK_CATALOGUE: readonly Metric[] = [
  SIZE,
  SIZE_UNKNOWN,
  DURATION,
  CODECS,
  RESOLUTIONS,
  RANGES,
  TIMESTAMP,
  RUNNING,
  READ,
];

/** @param read items that the walk under way has read; absent while there is none. */
export function libraryWalkFamilies(result: WalkResult | undefined, read: number | undefined): Family[] {
  const libraries = result?.libraries ?? [];
  const counts = <L extends string>(name: L, of: (library: LibrarySums) => Readonly<Record<string, number>>) =>
    libraries.flatMap((library) =>
      Object.entries(of(library)).map(
        ([key, value]) =>
          [{ ...labels(library), [name]: key } as Record<'library' | 'library_id' | L, string>, value] as const,
      ),
    );
  return [
    family(
      SIZE,
      libraries.map((library) => [labels(library), sizeOf(library)]),
    ),
    family(
      SIZE_UNKNOWN,
      libraries.map((library) => [labels(library), library.sizeUnknown]),
    ),
    family(
      DURATION,
      libraries.map((library) => [labels(library), durationOf(library)]),
    ),
    family(
      CODECS,
      (['video', 'audio'] as const).flatMap((stream) =>
        counts('codec', (library) => library[stream]).map(([names, value]) => [{ ...names, stream }, value] as const),
      ),
    ),
    family(
      RESOLUTIONS,
      counts('resolution', ({ resolutions }) => resolutions),
    ),
    family(
      RANGES,
      counts('range', ({ ranges }) => ranges),
    ),
    family(TIMESTAMP, result && result.at / 1000),
    family(RUNNING, read === undefined ? 0 : 1),
    family(READ, read),
  ];
}

/** Absent where nothing is known of any size. */
function sizeOf(library: LibrarySums): number | undefined {
  const bytes = sum(library, (type) => type.bytes);
  return bytes === 0 && library.sizeUnknown > 0 ? undefined : bytes;
}

/** Absent where nothing is known to last, as of pictures and books. */
function durationOf(library: LibrarySums): number | undefined {
  const seconds = sum(library, (type) => type.seconds);
  return seconds === 0 && sum(library, (type) => type.items) > 0 ? undefined : seconds;
}

function sum(library: LibrarySums, value: (sums: TypeSums) => number): number {
  return typesOf(library).reduce((total, [, type]) => total + value(type), 0);
}

/** The types of a library that have items. */
export function typesOf({ types }: LibrarySums): [string, TypeSums][] {
  return Object.entries(types).filter((entry): entry is [string, TypeSums] => entry[1] !== undefined);
}

function labels({ id, name }: LibrarySums): { library: string; library_id: string } {
  return { library: name, library_id: id };
}
