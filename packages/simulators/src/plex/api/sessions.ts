import type { Item } from '../library.ts';
import type { SimulatedSession } from '../session.ts';
import type { PlexState } from '../state.ts';
import { type Transcode, withoutUndefined } from '../transcode.ts';
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

/** GET /library/metadata/{ratingKey}: the file as it lies in the library, with numbers for ids. Undefined is a 404. */
export function metadata(state: PlexState, ratingKey: string): Container | undefined {
  const item = state.items.get(ratingKey);
  const library = state.library(item?.library);
  if (item === undefined || library === undefined) return undefined;
  const id = Number(library.id);
  const media = item.media === undefined ? {} : { Media: [sourceMedia(item, Number)] };
  const entry = { ...itemFields(item, library.title), librarySectionID: id, ...media };
  return {
    size: 1,
    allowSync: true,
    identifier: 'com.plexapp.plugins.library',
    librarySectionID: id,
    librarySectionTitle: library.title,
    Metadata: [entry],
  };
}

function sessionEntry(state: PlexState, session: SimulatedSession): Record<string, unknown> {
  const { item, user, player, location, report, transcode, nestedTranscode } = session;
  const library = state.library(item.library);
  const hasMedia = item.media !== undefined && session.mediaAt <= state.clock.now();
  const transcoding =
    transcode === undefined ? {} : { TranscodeSession: transcodeEntry(state, session, transcode, 'path') };
  const media = hasMedia ? [streamedMedia(session, nestedTranscode ? transcoding : {})] : undefined;
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

/** Media as a session has it: what is sent, with the decisions. */
function streamedMedia(session: SimulatedSession, nested: Record<string, unknown>): Record<string, unknown> {
  const { item, transcode } = session;
  const source = sourceMedia(item, String);
  const [part] = source.Part as Record<string, unknown>[];
  const streams = part?.Stream as Record<string, unknown>[];
  if (transcode === undefined || item.kind === 'live') {
    const direct = transcode === undefined ? { decision: 'directplay' } : {};
    const sent = streams.map((stream) => ({ ...stream, location: 'direct' }));
    const parts = [{ ...part, ...direct, selected: true, Stream: sent }];
    return { ...source, bitrate: session.bitrateKbps, selected: true, Part: parts, ...nested };
  }
  const { options, videoDecision, audioDecision } = transcode;
  const shape = withoutUndefined({
    bitrate: session.bitrateKbps,
    container: transcode.container,
    protocol: options.protocol ?? 'dash',
    ...transcode.dimensions,
    optimizedForStreaming: true,
  });
  const decisions: Readonly<Record<number, object>> = {
    1: { codec: transcode.videoCodec, decision: videoDecision, location: 'segments-video' },
    2: { codec: transcode.audioCodec, decision: audioDecision, location: 'segments-audio', channels: 2 },
    3: { decision: options.subtitle ?? 'copy', location: options.subtitle === 'burn' ? 'embedded' : 'sidecar' },
  };
  const { file: _file, key: _key, size: _size, ...rest } = part ?? {};
  return withoutUndefined({
    ...source,
    ...shape,
    audioChannels: 2,
    audioCodec: transcode.audioCodec,
    videoCodec: transcode.videoCodec,
    videoResolution: transcode.videoResolution,
    selected: true,
    Part: [
      {
        ...rest,
        ...shape,
        // Also where nothing is encoded anew.
        decision: 'transcode',
        selected: true,
        Stream: streams.map((stream) => ({ ...stream, ...decisions[stream.streamType as number] })),
      },
    ],
    ...nested,
  });
}

/** Media as the library has it. `id` makes the ids what this endpoint has: texts or numbers. */
function sourceMedia(item: Item, id: (value: string) => string | number): Record<string, unknown> {
  const { ratingKey, durationMs, media, kind } = item;
  const number = /^\d+$/.test(ratingKey) ? ratingKey : '1';
  const duration = kind === 'live' ? undefined : durationMs;
  const streams = [
    media?.videoCodec && { streamType: 1, codec: media.videoCodec, width: media.width, height: media.height, index: 0 },
    media?.audioCodec && { streamType: 2, codec: media.audioCodec, channels: media.audioChannels, index: 1 },
    media?.subtitleCodec && { streamType: 3, codec: media.subtitleCodec, index: 2 },
  ]
    .filter((stream) => typeof stream === 'object')
    .map((stream) => ({ ...stream, id: id(`${number}${stream.streamType}`), selected: true, displayTitle: 'Unknown' }));
  return withoutUndefined({
    id: id(`${number}7`),
    duration,
    bitrate: media?.bitrateKbps,
    width: media?.width,
    height: media?.height,
    audioChannels: media?.audioChannels,
    audioCodec: media?.audioCodec,
    videoCodec: media?.videoCodec,
    videoResolution: media?.videoResolution,
    container: media?.container,
    videoFrameRate: media?.videoCodec === undefined ? undefined : '24p',
    optimizedForStreaming: media?.videoCodec === undefined ? undefined : 0,
    Part: [
      withoutUndefined({
        id: id(`${number}8`),
        key: `/library/parts/${number}8/1680454652/file.${media?.container}`,
        duration,
        file: `/storage/${ratingKey}.${media?.container}`,
        size: Math.round((durationMs * (media?.bitrateKbps ?? 0)) / 8),
        container: media?.container,
        Stream: streams,
      }),
    ],
  });
}
