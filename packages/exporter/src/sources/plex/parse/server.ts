import type { LibraryKind, PlexLibrary, PlexServer, PlexUpdate } from '../state.ts';
import { container } from './body.ts';
import { items } from './items.ts';
import { amount, filled, flag, instant, type Json, known, number, records, text } from './json.ts';

/** What an answer told of the server: every answer tells another part. */
export type ServerFacts = Partial<PlexServer>;

/** A library before its items are counted. `kind` is absent where the answer does not tell it from another. */
export type ListedLibrary = Omit<PlexLibrary, 'kind' | 'counts'> & { readonly kind?: LibraryKind };

export interface Providers {
  readonly server: ServerFacts;
  readonly libraries: readonly ListedLibrary[];
}

/** `/media/providers?includeStorage=1` */
export const parseProviders = container((body): Providers | undefined => {
  const server = readServer(body);
  const providers = records(body.MediaProvider);
  if (providers.length === 0 && server.version === undefined) return undefined;
  const libraries = providers
    .filter((provider) => provider.identifier === 'com.plexapp.plugins.library')
    .flatMap((provider) => records(provider.Feature))
    .filter((feature) => feature.type === 'content')
    .flatMap((feature) => records(feature.Directory))
    .flatMap((directory) => readLibrary(directory, directory.id) ?? []);
  return { server, libraries: unique(libraries) };
});

/** `/`, which older servers tell more in. */
export const parseRoot = container((body): ServerFacts | undefined => {
  const server = readServer(body);
  return server.version === undefined ? undefined : server;
});

/** `/library/sections` */
export const parseSections = container((body): readonly ListedLibrary[] =>
  unique(records(body.Directory).flatMap((directory) => readLibrary(directory, directory.key) ?? [])),
);

/**
 * `/library/sections/ID/all` with a container of size 0: how many items there are. Without a total only a size above 0
 * is a number, of a server that sent all; else nothing is known.
 */
export const readCount = items(
  () => undefined,
  (_, body, headers): number | undefined => {
    const total = amount(body.totalSize) ?? amount(headers['x-plex-container-total-size']);
    return total ?? (amount(body.size) || undefined);
  },
);

/** `/updater/status` */
export const parseUpdater = container((body): { readonly versions: readonly string[] } => ({
  versions: records(body.Release).flatMap((release) => filled(release.version) ?? []),
}));

/** Whether one of the releases that are offered is another version than the one that runs. */
export function judgeUpdate(versions: readonly string[], running: string): PlexUpdate {
  return { available: versions.some((version) => version !== running) };
}

/** `/accounts`: how many there are. The account 0 stands for nobody; every server has one of its owner. */
export const parseAccounts = container(
  (body): number | undefined =>
    records(body.Account).filter((account) => (number(account.id) ?? 0) > 0).length || undefined,
);

function readServer(body: Json): ServerFacts {
  return known<ServerFacts>({
    name: filled(body.friendlyName),
    id: filled(body.machineIdentifier),
    version: filled(body.version),
    platform: filled(body.platform),
    platformVersion: text(body.platformVersion),
    plexPass: flag(body.myPlexSubscription),
    remoteAccess: readMapping(body.myPlexMappingState),
    transcoderActiveVideoSessions: amount(body.transcoderActiveVideoSessions),
  });
}

function readMapping(value: unknown): boolean | undefined {
  const state = filled(value);
  return state === undefined || state === 'unknown' ? undefined : state === 'mapped';
}

function readLibrary(directory: Json, key: unknown): ListedLibrary | undefined {
  const id = filled(key);
  const type = filled(directory.type);
  // The directories of the home screen and of playlists are no libraries.
  if (id === undefined || type === undefined || !/^\d+$/.test(id)) return undefined;
  const tellsAgent = directory.agent !== undefined || directory.scanner !== undefined;
  const kind = tellsAgent || type !== 'movie' ? kindOf(type, directory.agent, directory.scanner) : undefined;
  if (kind === undefined && type !== 'movie') return undefined;
  return known<ListedLibrary>({
    id,
    type,
    kind,
    title: text(directory.title) ?? '',
    durationMilliseconds: amount(directory.durationTotal),
    storageBytes: amount(directory.storageTotal),
    refreshing: flag(directory.refreshing),
    scannedAt: instant(directory.scannedAt),
  });
}

const KINDS: ReadonlyMap<string, LibraryKind> = new Map([
  ['movie', 'movie'],
  ['show', 'show'],
  ['artist', 'artist'],
  ['music', 'artist'],
  ['photo', 'photo'],
  ['homevideo', 'other_video'],
]);

/** Other Videos are libraries of movies without an agent, read by a scanner of plain files. */
function kindOf(type: string, agent: unknown, scanner: unknown): LibraryKind | undefined {
  const none = agent === 'com.plexapp.agents.none' || agent === 'tv.plex.agents.none';
  const plain = typeof scanner === 'string' && scanner.startsWith('Plex Video Files');
  return type === 'movie' && (none || plain) ? 'other_video' : KINDS.get(type);
}

function unique(libraries: readonly ListedLibrary[]): readonly ListedLibrary[] {
  return [...new Map(libraries.map((library) => [library.id, library])).values()];
}
