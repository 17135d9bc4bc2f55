import type { Delivery, Scope } from '@media-exporter/model';
import type { ActiveSession, JellyfinSession, PlayingItem, PlayingStream, PlayMethod, Transcoding } from '../state.ts';
import { scopeOf } from './scope.ts';

/** Clients report each ten seconds or so while they play. */
const PLAYING_MS = 60_000;
/** A player that is paused may be silent for longer. */
const PAUSED_MS = 300_000;
/** Who only browses is active for so long. */
const BROWSING_MS = 300_000;

/**
 * Whether the client itself confirms that it plays or pauses. The server moves the position and the last activity on by
 * itself, also for a player that is long dead.
 */
export function isConfirmed(session: JellyfinSession, now: number): boolean {
  const { item, lastCheckIn, paused } = session;
  if (item === undefined || lastCheckIn === undefined) return false;
  return now - lastCheckIn < (paused ? PAUSED_MS : PLAYING_MS);
}

/** Whether somebody is at a session who plays nothing. */
export function isBrowsing({ item, lastActivity }: JellyfinSession, now: number): boolean {
  return item === undefined && lastActivity !== undefined && now - lastActivity < BROWSING_MS;
}

/** How many people there are at sessions. */
export function countUsers(sessions: readonly JellyfinSession[]): number {
  return new Set(sessions.map(({ userId }) => userId)).size;
}

/**
 * The transcodes of the sessions that have one. The server puts it on the first session of the device, which two
 * applications may share: it belongs to the one that claims to transcode.
 */
export function transcodingsOf(sessions: readonly JellyfinSession[]): ReadonlyMap<JellyfinSession, Transcoding> {
  const found = new Map<JellyfinSession, Transcoding>();
  for (const sharing of Map.groupBy(sessions, ({ deviceId }) => deviceId).values()) {
    const claimed = sharing.some(claims);
    const other = sharing.find((one) => !claims(one))?.transcoding;
    for (const session of sharing) {
      const own = claimed && !claims(session) ? undefined : session.transcoding;
      const transcoding = claims(session) ? (own ?? other) : own;
      if (transcoding !== undefined) found.set(session, transcoding);
    }
  }
  return found;
}

function claims({ item, method }: JellyfinSession): boolean {
  return item !== undefined && method === 'transcode';
}

/** What a client claims; a transcode that copies both streams is none. */
export function methodOf(session: JellyfinSession, transcoding: Transcoding | undefined): PlayMethod | undefined {
  const remux = session.method === 'transcode' && transcoding?.videoDirect === true && transcoding.audioDirect;
  return remux ? 'directstream' : session.method;
}

/** What is done for a session: what is seen of ffmpeg goes before what the client claims. */
export function deliveryOf(session: JellyfinSession, transcoding: Transcoding | undefined): Delivery | undefined {
  if (transcoding !== undefined) return isEncoding(transcoding) ? 'transcode' : 'direct_stream';
  const { method } = session;
  if (method === undefined) return undefined;
  return method === 'directplay' ? 'direct_play' : method === 'directstream' ? 'direct_stream' : 'transcode';
}

/** Whether a stream is encoded anew, rather than put into another container. */
export function isEncoding({ videoDirect, audioDirect }: Transcoding): boolean {
  return !(videoDirect && audioDirect);
}

/** A session that its client confirms, with what can be said of its stream. */
export function activeSession(
  session: JellyfinSession,
  item: PlayingItem,
  transcoding: Transcoding | undefined,
): ActiveSession {
  const scope: Scope | undefined = session.address === undefined ? undefined : scopeOf(session.address);
  const delivery = deliveryOf(session, transcoding);
  const method = methodOf(session, transcoding);
  const copied = transcoding === undefined ? delivery !== 'transcode' : !isEncoding(transcoding);
  const bitrate = copied ? mediaBitrate(item, session.audioStreamIndex) : undefined;
  const ceiling = copied ? undefined : transcoding?.bitsPerSecond;
  return {
    session,
    item,
    state: session.paused ? 'paused' : 'playing',
    ...(method === undefined ? {} : { method }),
    ...(delivery === undefined ? {} : { delivery }),
    ...(transcoding === undefined ? {} : { transcoding }),
    ...(scope === undefined ? {} : { scope }),
    ...(bitrate === undefined ? {} : { bitsPerSecond: bitrate }),
    ...(ceiling === undefined ? {} : { ceilingBitsPerSecond: ceiling }),
  };
}

/** The sound that is played: where none is selected, the first. */
export function selectedAudio(streams: readonly PlayingStream[], index: number | undefined): PlayingStream | undefined {
  const sounds = streams.filter(({ type }) => type === 'audio');
  return sounds.find((stream) => stream.index === index) ?? sounds[0];
}

/** The bitrates of the video and of the selected audio stream, where all of them are known. */
function mediaBitrate({ streams }: PlayingItem, audioIndex: number | undefined): number | undefined {
  const video = streams.find(({ type }) => type === 'video');
  const flowing = [video, selectedAudio(streams, audioIndex)].filter((stream) => stream !== undefined);
  if (flowing.length === 0) return undefined;
  let sum = 0;
  for (const { bitsPerSecond } of flowing) {
    if (bitsPerSecond === undefined) return undefined;
    sum += bitsPerSecond;
  }
  return sum;
}
