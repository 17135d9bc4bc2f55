import { cleanLabelValue } from '@media-exporter/metrics';
import type { NamedServer, PlexLibrary, PlexServer, PlexSession } from './state.ts';

/** What is told of each server. */
export const SERVER_LABELS = { server_type: 'public', server: 'public', server_id: 'public' } as const;

export const LIBRARY_LABELS = {
  ...SERVER_LABELS,
  library_type: 'public',
  library: 'public',
  library_id: 'public',
} as const;

/** Of the play counters, in the order in which {@link playLabels} gives the values. */
export const PLAY_LABELS = {
  ...LIBRARY_LABELS,
  media_type: 'public',
  title: 'personal',
  child_title: 'personal',
  grandchild_title: 'personal',
  stream_type: 'public',
  stream_resolution: 'public',
  stream_file_resolution: 'public',
  stream_bitrate: 'public',
  device: 'personal',
  device_type: 'public',
  user: 'personal',
  session: 'public',
  transcode_type: 'public',
  subtitle_action: 'public',
} as const;

export type ServerLabel = keyof typeof SERVER_LABELS;
export type LibraryLabel = keyof typeof LIBRARY_LABELS;
export type PlayLabel = keyof typeof PLAY_LABELS;

/** What labels tell of a library. */
export type NamedLibrary = Pick<PlexLibrary, 'type' | 'title' | 'id'>;

export interface PlayLabelOptions {
  /** Whether `stream_bitrate` is filled. */
  readonly bitrate: boolean;
}

/** Empty where the server has never told its name and id. */
export function serverLabels(server: NamedServer | undefined): Record<ServerLabel, string> {
  return { server_type: 'plex', server: server?.name ?? '', server_id: server?.id ?? '' };
}

export function libraryLabels(server: PlexServer, { type, title, id }: NamedLibrary): Record<LibraryLabel, string> {
  return { ...serverLabels(server), library_type: type, library: title, library_id: id };
}

/**
 * The label values of a session in the play counters, in the order of {@link PLAY_LABELS}. `stream_type`,
 * `media_type` and both resolutions are as the server writes them, since dashboards rely on that: `directplay`, `1080`,
 * `720p`. They are cleaned here, so that what would become one series is one row already.
 *
 * @param session with its people and titles as the privacy policy shows them.
 */
export function playLabels(
  session: PlexSession,
  server: PlexServer,
  libraries: readonly NamedLibrary[] | undefined,
  { bitrate }: PlayLabelOptions,
): string[] {
  const { media, player } = session;
  const labels: Record<PlayLabel, string> = {
    ...libraryLabels(server, libraryOf(session, libraries)),
    media_type: session.type,
    ...titlesOf(session),
    stream_type: media?.decision ?? 'unknown',
    stream_resolution: media?.resolution ?? '',
    stream_file_resolution: session.fileResolution ?? '',
    stream_bitrate: bitrate ? String(Math.round((media?.bitrateBitsPerSecond ?? 0) / 1000)) : '',
    device: player.device,
    device_type: player.product,
    user: session.user,
    session: session.sessionKey,
    transcode_type: session.transcodeKind ?? 'none',
    subtitle_action: session.subtitleAction,
  };
  return (Object.keys(PLAY_LABELS) as PlayLabel[]).map((name) => cleanLabelValue(labels[name]));
}

/** Only episodes have three titles: of a track it is its own alone, as dashboards know it. */
function titlesOf({ type, title, parentTitle, grandparentTitle }: PlexSession) {
  if (type !== 'episode') return { title, child_title: '', grandchild_title: '' };
  return { title: grandparentTitle ?? '', child_title: parentTitle ?? '', grandchild_title: title };
}

const PREROLL = { type: 'preroll', title: 'Preroll', id: '-2' };
const LIVE_TV = { type: 'live', title: 'Live TV', id: '-4' };
const UNKNOWN = { type: 'unknown', title: 'unknown', id: '0' };

const TYPE_OF_LIBRARY: ReadonlyMap<string, string> = new Map([
  ['movie', 'movie'],
  ['episode', 'show'],
  ['track', 'artist'],
  ['photo', 'photo'],
]);

function libraryOf(session: PlexSession, libraries: readonly NamedLibrary[] = []) {
  const { librarySectionId: id, librarySectionTitle: title, live, preroll, type } = session;
  const library = libraries.find((candidate) => candidate.id === id);
  if (library !== undefined) return library;
  if (live || id === LIVE_TV.id) return LIVE_TV;
  if (preroll || id === PREROLL.id) return PREROLL;
  // Before the libraries are known the session tells the same of its own, so that its labels stay.
  const guess = TYPE_OF_LIBRARY.get(type);
  if (id === undefined || title === undefined || guess === undefined || !/^[1-9]\d*$/.test(id)) return UNKNOWN;
  return { type: guess, title, id };
}
