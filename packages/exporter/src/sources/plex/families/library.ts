import { type Family, family, type Metric, type Row } from '@media-exporter/metrics';
import { type LibraryLabel, libraryLabels, type ServerLabel, serverLabels } from '../labels.ts';
import type { LibraryContent, LibraryKind, PlexLibrary, PlexServer } from '../state.ts';
import * as plex from './catalogue-plex.ts';
import * as seed from './catalogue-seed.ts';
import { bit, inSeconds } from './units.ts';

/** What is counted as the items of a library: the one row of it in `plex_library_items`, and in the sums over libraries. */
const ITEMS: Readonly<Record<LibraryKind, LibraryContent>> = {
  movie: 'movies',
  show: 'shows',
  artist: 'tracks',
  photo: 'photos',
  other_video: 'items',
};

const SUMS: readonly (readonly [Metric<ServerLabel>, LibraryKind, LibraryContent])[] = [
  [seed.MOVIES, 'movie', 'movies'],
  [seed.EPISODES, 'show', 'episodes'],
  [seed.MUSIC, 'artist', 'tracks'],
  [seed.PHOTOS, 'photo', 'photos'],
  [seed.OTHER_VIDEOS, 'other_video', 'items'],
];

export function libraryFamilies(server: PlexServer, libraries: readonly PlexLibrary[] | undefined): Family[] {
  if (libraries === undefined) return [];
  const labelled = libraries.map((library) => ({ library, labels: libraryLabels(server, library) }));
  const each = (value: (library: PlexLibrary) => number | undefined): Row<LibraryLabel>[] =>
    labelled.map(({ library, labels }) => [labels, value(library)]);
  return [
    family(
      seed.LIBRARY_DURATION,
      each(({ durationMilliseconds }) => durationMilliseconds),
    ),
    family(
      seed.LIBRARY_STORAGE,
      each(({ storageBytes }) => storageBytes),
    ),
    family(
      seed.LIBRARY_ITEMS,
      labelled.map(({ library: { kind, counts }, labels }) => [
        { ...labels, content_type: ITEMS[kind] },
        counts[ITEMS[kind]],
      ]),
    ),
    ...SUMS.map(([metric, kind, content]) => family(metric, [[serverLabels(server), sumOf(libraries, kind, content)]])),
    family(
      plex.CONTENT_ITEMS,
      labelled.flatMap(({ library, labels }) =>
        Object.entries(library.counts).map(
          ([content, count]): Row<LibraryLabel | 'content_type'> => [{ ...labels, content_type: content }, count],
        ),
      ),
    ),
    family(
      plex.DURATION_SECONDS,
      each(({ durationMilliseconds }) => inSeconds(durationMilliseconds)),
    ),
    family(
      plex.STORAGE_BYTES,
      each(({ storageBytes }) => storageBytes),
    ),
    family(
      plex.REFRESHING,
      each(({ refreshing }) => bit(refreshing)),
    ),
    family(
      plex.SCANNED,
      each(({ scannedAt }) => inSeconds(scannedAt)),
    ),
  ];
}

/** Unknown until all libraries of the kind are counted; 0 where there are none. */
function sumOf(libraries: readonly PlexLibrary[], kind: LibraryKind, content: LibraryContent): number | undefined {
  let sum = 0;
  for (const library of libraries) {
    if (library.kind !== kind) continue;
    const count = library.counts[content];
    if (count === undefined) return undefined;
    sum += count;
  }
  return sum;
}
