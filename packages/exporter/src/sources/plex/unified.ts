import type {
  BandwidthState,
  LibraryState,
  MediaTotals,
  MediaType,
  Scope,
  ServerState,
  SessionState,
  TranscodeState,
  UsersState,
} from '@media-exporter/model';
import { inSeconds } from './families/units.ts';
import { known } from './parse/json.ts';
import type { LibraryContent, LibraryKind, PlexLibrary, PlexSession, PlexState, PlexTotals } from './state.ts';

/** The server in the terms that all media servers share, with what is hidden as hidden as it was. */
export function serverState(state: PlexState, up: boolean | undefined): ServerState {
  const { server, sessions, libraries, accounts } = state;
  return known<ServerState>({
    platform: 'plex',
    up,
    version: server?.version,
    libraries: libraries?.map(libraryState),
    sessions: sessions?.map(sessionState),
    transcodes: sessions?.flatMap((session) => transcodeState(session) ?? []),
    bandwidth: sessions && bandwidthOf(sessions),
    users: sessions && usersState(sessions, accounts),
  });
}

/** What the `media_*` counters count. Bytes are known with Plex Pass alone. */
export function mediaTotals({ unified: plays, transmitted }: PlexTotals): MediaTotals {
  return known<MediaTotals>({ plays, transmitted });
}

const LIBRARIES: Readonly<Record<LibraryKind, readonly [MediaType, LibraryContent]>> = {
  movie: ['movie', 'movies'],
  show: ['episode', 'episodes'],
  artist: ['track', 'tracks'],
  photo: ['photo', 'photos'],
  other_video: ['video', 'items'],
};

function libraryState({ title, kind, counts, storageBytes, durationMilliseconds }: PlexLibrary): LibraryState {
  const [mediaType, content] = LIBRARIES[kind];
  return known<LibraryState>({
    library: title,
    mediaType,
    items: counts[content],
    sizeBytes: storageBytes,
    durationSeconds: inSeconds(durationMilliseconds),
  });
}

function sessionState(session: PlexSession): SessionState {
  const { sessionKey, mediaType, state, delivery, scope, media, user, player, live } = session;
  return known<SessionState>({
    id: sessionKey,
    mediaType,
    state,
    delivery,
    scope,
    bitrateBitsPerSecond: media?.bitrateBitsPerSecond,
    positionSeconds: inSeconds(session.positionMilliseconds),
    // Of Live TV it is that of the programme, or of what is buffered so far.
    durationSeconds: live ? undefined : inSeconds(session.durationMilliseconds),
    user,
    client: player.product,
    device: player.device || player.title,
    title: titleOf(session),
    library: session.librarySectionTitle,
  });
}

function titleOf({ title, grandparentTitle }: PlexSession): string {
  return [grandparentTitle, title].filter((part) => part !== undefined && part !== '').join(' - ');
}

function transcodeState({ transcode, transcodeKind: kind }: PlexSession): TranscodeState | undefined {
  if (kind === undefined || transcode === undefined) return undefined;
  const { hardwareEncoding: hardware = 'none', throttled, complete, speedRatio } = transcode;
  return known<TranscodeState>({ kind, hardware, speedRatio: throttled || complete ? undefined : speedRatio });
}

/** The bitrates of what plays. A place is unknown while a stream there does not tell, and all are while one tells no place. */
function bandwidthOf(sessions: readonly PlexSession[]): BandwidthState[] | undefined {
  const sums = new Map<Scope, number>([
    ['lan', 0],
    ['wan', 0],
  ]);
  for (const { state, scope, media } of sessions) {
    if (state !== 'playing') continue;
    if (scope === undefined) return undefined;
    sums.set(scope, (sums.get(scope) ?? 0) + (media?.bitrateBitsPerSecond ?? Number.NaN));
  }
  return Array.from(sums, ([scope, bitsPerSecond]) => ({ scope, bitsPerSecond })).filter(
    ({ bitsPerSecond }) => !Number.isNaN(bitsPerSecond),
  );
}

function usersState(sessions: readonly PlexSession[], accounts: number | undefined): UsersState {
  const active = new Set(sessions.map(({ userId, user }) => userId ?? user)).size;
  const inactive = accounts === undefined ? undefined : Math.max(0, accounts - active);
  return known<UsersState>({ active, inactive });
}
