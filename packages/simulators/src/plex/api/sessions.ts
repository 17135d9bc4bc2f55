import type { Item } from '../library.ts';
import type { SimulatedSession } from '../session.ts';
import type { PlexState } from '../state.ts';
import { type Transcode, withoutUndefined } from '../transcode.ts';
import { libraryMedia, sessionMedia } from './media.ts';
import { type Container, CREATED_AT } from './server.ts';

/** GET /status/sessions */
export function sessions(state: PlexState): Container {
  const entries = state.visibleSessions.map((session) => sessionEntry(state, session));
  return withoutUndefined({ size: entries.length, Metadata: entries.length > 0 ? entries : undefined });
}

/** GET /transcode/sessions */
export function transcodes(state: PlexState): Container {
  const entries = [...state.sessions].flatMap((session) =>
    session.transcode === undefined ? [] : [transcodeEntry(state, session, session.transcode, 'bare')],
  );
  return withoutUndefined({ size: entries.length, TranscodeSession: entries.length > 0 ? entries : undefined });
}

/**
 * GET /library/metadata/{ratingKey}, of several with commas between them: the files as they lie in the library, with
 * numbers for ids. Undefined, where none is there, is a 404.
 */
export function metadata(state: PlexState, ratingKeys: string): Container | undefined {
  const found = ratingKeys.split(',').flatMap((ratingKey) => {
    const item = state.items.get(ratingKey);
    const library = state.library(item?.library);
    return item === undefined || library === undefined ? [] : [{ item, library }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const entries = found.map(({ item, library }) => {
    const media = item.media === undefined ? {} : { Media: libraryMedia(item) };
    return { ...itemFields(item, library.title), librarySectionID: Number(library.id), ...media };
  });
  return {
    size: entries.length,
    allowSync: true,
    identifier: 'com.plexapp.plugins.library',
    librarySectionID: Number(first.library.id),
    librarySectionTitle: first.library.title,
    Metadata: entries,
  };
}

function sessionEntry(state: PlexState, session: SimulatedSession): Record<string, unknown> {
  const { item, user, player, location, report, transcode, nestedTranscode } = session;
  const library = state.library(item.library);
  const hasMedia = item.media !== undefined && session.mediaAt <= state.clock.now();
  const transcoding =
    transcode === undefined ? {} : { TranscodeSession: transcodeEntry(state, session, transcode, 'path') };
  const media = hasMedia ? sessionMedia(session, nestedTranscode ? transcoding : {}) : undefined;
  return withoutUndefined({
    ...itemFields(item, library?.title),
    ...sectionFields(item, library?.title),
    sessionKey: session.key,
    viewOffset: report.viewOffset,
    live: item.kind === 'live' ? (state.settings.dialect === '2019' ? 1 : '1') : undefined,
    Media: media,
    User: {
      id: String(user.id),
      thumb: `https://plex.tv/users/${String(user.id).padStart(16, '0')}/avatar?c=1705853661`,
      title: user.name,
    },
    Player: withoutUndefined({
      address: player.address ?? (location === 'lan' ? '192.0.2.11' : '198.51.100.11'),
      device: player.device,
      machineIdentifier: player.machineIdentifier ?? player.title,
      platform: player.platform,
      platformVersion: '10.0.22621',
      product: player.product,
      profile: player.platform,
      remotePublicAddress: '203.0.113.140',
      state: report.state,
      title: player.title,
      version: '8.9.2.21619',
      local: location === 'lan',
      relayed: player.relayed ?? false,
      secure: player.secure ?? true,
      userID: user.id,
    }),
    Session: {
      id: session.sessionId,
      // Reserved, and so more than what the stream takes.
      bandwidth: Math.ceil(session.bitrateKbps * 1.05),
      location,
    },
    ...(nestedTranscode && hasMedia ? {} : transcoding),
  });
}

function transcodeEntry(
  state: PlexState,
  session: SimulatedSession,
  transcode: Transcode,
  form: 'bare' | 'path',
): Record<string, unknown> {
  const { clock } = state;
  const key = form === 'bare' ? transcode.id : `/transcode/sessions/${transcode.id}`;
  return transcode.describe(key, clock.now(), session.viewOffset, clock.date());
}

function itemFields(item: Item, library: string | undefined): Record<string, unknown> {
  const { ratingKey, type, title, parentTitle, grandparentTitle, index, parentIndex, durationMs, kind } = item;
  const key = kind === 'live' ? `/livetv/sessions/${ratingKey}` : `/library/metadata/${ratingKey}`;
  return withoutUndefined({
    addedAt: CREATED_AT,
    updatedAt: CREATED_AT,
    duration: type === 'photo' || kind === 'live' ? undefined : durationMs,
    guid: guidOf(item),
    key,
    ratingKey,
    type,
    title,
    index,
    parentIndex,
    parentTitle,
    parentRatingKey: parentTitle === undefined ? undefined : `${ratingKey}1`,
    grandparentTitle,
    grandparentRatingKey: grandparentTitle === undefined ? undefined : `${ratingKey}2`,
    librarySectionTitle: kind === 'live' || kind === 'preroll' ? undefined : library,
    thumb: `/library/metadata/${ratingKey}/thumb/${CREATED_AT}`,
  });
}

/** A text here, a number in /library/metadata; what is in no library has a negative one, or none. */
function sectionFields({ kind, library }: Item, title: string | undefined): Record<string, unknown> {
  if (kind === 'preroll') return { librarySectionID: '-2' };
  if (kind === 'live' || library === undefined) return {};
  return {
    librarySectionID: library,
    librarySectionKey: `/library/sections/${library}`,
    librarySectionTitle: title,
  };
}

function guidOf({ kind, type, ratingKey }: Item): string {
  if (kind === 'preroll') return `analyzed.prerolls://${ratingKey.padStart(40, '0')}`;
  if (kind === 'theme') return `library://${ratingKey}`;
  return `plex://${type}/${ratingKey.padStart(24, '0')}`;
}
