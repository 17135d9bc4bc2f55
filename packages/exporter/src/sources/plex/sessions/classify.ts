import type { Delivery, MediaType, PlaybackState, TranscodeKind } from '@media-exporter/model';
import type { RawSession } from '../parse/sessions.ts';
import type { LibraryKind, SubtitleAction } from '../state.ts';

/** -2 are pre-rolls; other ids below 0 have been seen with other things before a film. */
const isNegative = (id: string | undefined): boolean => id?.startsWith('-') === true;

/** Whether it is a clip that the server shows before a film. */
export function isPreroll({ type, live, guid, librarySectionId }: RawSession): boolean {
  return !live && (guid.startsWith('analyzed.prerolls://') || (type === 'clip' && isNegative(librarySectionId)));
}

/** Theme music of a library page: nobody plays it. */
export function isTheme({ guid }: RawSession): boolean {
  return guid.startsWith('library://');
}

/** Whether the item has an entry in a library whose file can be looked up. */
export function hasFile(session: RawSession): boolean {
  const { ratingKey, live, type, librarySectionId } = session;
  if (live || isPreroll(session) || isNegative(librarySectionId)) return false;
  return /^\d+$/.test(ratingKey) && type !== 'track' && type !== 'photo';
}

const MEDIA_TYPES: ReadonlyMap<string, MediaType> = new Map([
  ['movie', 'movie'],
  ['episode', 'episode'],
  ['track', 'track'],
  ['photo', 'photo'],
  ['clip', 'video'],
]);

export function mediaTypeOf({ type, live }: RawSession, library: LibraryKind | undefined): MediaType {
  if (live) return 'live';
  if (library === 'other_video') return 'video';
  return MEDIA_TYPES.get(type) ?? 'other';
}

/** `undefined` for states that say nothing of playing, such as `error`. */
export function playbackState(state: string | undefined): PlaybackState | undefined {
  return state === 'playing' || state === 'paused' || state === 'buffering' ? state : undefined;
}

/** What is done to video and audio: `transcode`, `copy`, or nothing that is told. */
interface Decisions {
  readonly video: string | undefined;
  readonly audio: string | undefined;
}

/** The decisions of the transcode come first: of Live TV the streams have none, or others. */
function decisionsOf({ media, transcode }: RawSession): Decisions {
  return {
    video:
      transcode?.videoDecision ?? media?.videoDecision ?? guess(transcode?.sourceVideoCodec, transcode?.videoCodec),
    audio:
      transcode?.audioDecision ?? media?.audioDecision ?? guess(transcode?.sourceAudioCodec, transcode?.audioCodec),
  };
}

/** Without a decision another codec than the source's tells. `*` stands for the same, and an empty one for none. */
function guess(source: string | undefined, target: string | undefined): string | undefined {
  if (source === undefined || target === undefined || source === '*' || target === '*') return undefined;
  return source === target ? 'copy' : 'transcode';
}

/** What is encoded anew; `undefined` when nothing is. */
export function transcodeKindOf(session: RawSession): TranscodeKind | undefined {
  const { video, audio } = decisionsOf(session);
  if (video === 'transcode') return audio === 'transcode' ? 'both' : 'video';
  return audio === 'transcode' ? 'audio' : undefined;
}

/**
 * How the stream comes to the player: `Part.decision` says `transcode` of a mere change of the container too, so the
 * decisions about the streams go before it. `undefined` while the server tells nothing.
 */
export function deliveryOf(session: RawSession): Delivery | undefined {
  const { video, audio } = decisionsOf(session);
  if (video === 'transcode' || audio === 'transcode') return 'transcode';
  if (video === 'copy' || audio === 'copy') return 'direct_stream';
  switch (session.media?.decision?.toLowerCase()) {
    case 'directplay':
      return 'direct_play';
    case 'copy':
      return 'direct_stream';
    case 'transcode':
      return 'transcode';
    default:
      return session.transcode === undefined ? undefined : 'direct_stream';
  }
}

const SUBTITLE_ACTIONS: ReadonlyMap<string, SubtitleAction> = new Map([
  ['burn', 'burn'],
  ['burn-in', 'burn'],
  ['copy', 'copy'],
  ['copying', 'copy'],
  ['transcode', 'transcode'],
  ['transcoding', 'transcode'],
]);

export function subtitleActionOf({ media, transcode }: RawSession): SubtitleAction {
  const decision = media?.subtitle?.decision ?? transcode?.subtitleDecision;
  return (decision === undefined ? undefined : SUBTITLE_ACTIONS.get(decision)) ?? 'none';
}
