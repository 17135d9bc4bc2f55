import { type CountedType, type Library, type LibraryType, TOP_LEVEL, TYPE_NUMBERS } from '../library.ts';
import type { PlexState } from '../state.ts';
import { withoutUndefined } from '../transcode.ts';
import { type Container, CREATED_AT, sectionUuid } from './server.ts';

/** GET /library/sections */
export function sections(state: PlexState): Container {
  const directories = state.libraries.map((library) => {
    const { id, title, type, agent, scanner } = library;
    return {
      allowSync: true,
      art: `/:/resources/${type}-fanart.jpg`,
      composite: `/library/sections/${id}/composite/${CREATED_AT}`,
      filters: true,
      refreshing: state.scanning.has(id),
      thumb: `/:/resources/${type}.png`,
      key: id,
      type,
      title,
      agent,
      scanner,
      language: 'en-US',
      uuid: sectionUuid(library),
      updatedAt: CREATED_AT,
      createdAt: CREATED_AT,
      scannedAt: CREATED_AT,
      content: true,
      directory: true,
      contentChangedAt: 18_253_756,
      hidden: 0,
      Location: [{ id: Number(id), path: `/storage/${title.toLowerCase().replaceAll(' ', '-')}` }],
    };
  });
  return withoutUndefined({
    size: directories.length,
    allowSync: false,
    title1: 'Plex Library',
    Directory: directories.length > 0 ? directories : undefined,
  });
}

/** Which part of a list is asked for, by X-Plex-Container-Start and -Size. Undefined: the whole of it. */
export interface Page {
  readonly start: number;
  readonly size: number;
}

/** GET /library/sections/{id}/all, and how many items the whole list has. */
export function sectionItems(library: Library, query: ReadonlyMap<string, string>, page: Page | undefined): Container {
  const type = askedType(library.type, query);
  const total = type === undefined ? 0 : countOf(library, type, query.has('type') || query.has('clusterZoomLevel'));
  const start = page?.start ?? 0;
  const size = Math.max(0, Math.min(page?.size ?? total, total - start));
  const items = Array.from({ length: size }, (_, index) => filler(library, type ?? 'movie', start + index + 1));
  return withoutUndefined({
    size,
    // Told only to those who ask for a page.
    totalSize: page === undefined ? undefined : total,
    offset: page === undefined ? undefined : start,
    allowSync: true,
    art: `/:/resources/${library.type}-fanart.jpg`,
    identifier: 'com.plexapp.plugins.library',
    librarySectionID: Number(library.id),
    librarySectionTitle: library.title,
    librarySectionUUID: sectionUuid(library),
    mediaTagPrefix: '/system/bundle/media/flags/',
    mediaTagVersion: 1_690_992_652,
    thumb: `/:/resources/${library.type}.png`,
    title1: library.title,
    title2: `All ${library.title}`,
    viewGroup: type ?? library.type,
    viewMode: 65_592,
    Metadata: size > 0 ? items : undefined,
  });
}

/** Undefined for a type that no library has. */
function askedType(library: LibraryType, query: ReadonlyMap<string, string>): CountedType | undefined {
  const number = query.get('type');
  if (number === undefined) return query.get('clusterZoomLevel') === '1' ? 'photo' : TOP_LEVEL[library];
  return (Object.keys(TYPE_NUMBERS) as CountedType[]).find((type) => TYPE_NUMBERS[type] === Number(number));
}

/** The top level of a photo library has its albums, and the photos that are in none. */
function countOf(library: Library, type: CountedType, explicit: boolean): number {
  const loose = library.type === 'photo' && !explicit ? (library.loosePhotos ?? 0) : 0;
  return (library.counts[type] ?? 0) + loose;
}

function filler(library: Library, type: CountedType, number: number): Record<string, unknown> {
  const ratingKey = String(Number(library.id) * 1_000_000 + number);
  return {
    ratingKey,
    key: `/library/metadata/${ratingKey}`,
    guid: `plex://${type}/${ratingKey.padStart(24, '0')}`,
    type,
    title: `${library.title} ${number}`,
    addedAt: CREATED_AT,
    updatedAt: CREATED_AT,
  };
}
