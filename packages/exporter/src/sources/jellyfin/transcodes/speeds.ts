import { isEncoding, transcodingsOf } from '../sessions/watching.ts';
import type { SessionsPoll } from '../shared.ts';
import type { JellyfinSession, Transcoding } from '../state.ts';
import { secondsOf } from '../ticks.ts';

/** What is faster was a seek: the encoder went on elsewhere. */
const FASTEST = 60;
/** An encoder that is so far ahead of its viewer, in seconds of the item, may be held back by the server. */
const AHEAD = 60;
/** Polls that are further apart tell nothing of now. */
const LONGEST_MS = 120_000;

/** How fast the transcode of a session goes. */
export interface TranscodeSpeed {
  readonly itemId: string;
  /** Media time over time: 1 keeps up with the viewer. */
  readonly ratio: number;
}

/**
 * The speeds of the transcodes between two polls, by how far their encoders came, keyed by the session. Left out is what
 * cannot be told: a job that was begun or restarted by a seek in between, that stood still because the server holds it
 * back, or that was slow while it was so far ahead that it may have been held back for a part of the time.
 */
export function transcodeSpeeds(before: SessionsPoll, now: SessionsPoll): ReadonlyMap<string, TranscodeSpeed> {
  const speeds = new Map<string, TranscodeSpeed>();
  const elapsed = now.at - before.at;
  if (elapsed <= 0 || elapsed > LONGEST_MS) return speeds;
  const transcodings = { before: transcodingsOf(before.sessions), now: transcodingsOf(now.sessions) };
  const earlier = new Map(before.sessions.map((session) => [session.id, session]));
  for (const session of now.sessions) {
    const old = earlier.get(session.id);
    const { item } = session;
    if (old === undefined || item === undefined || old.item?.id !== item.id) continue;
    const from = encoded(old, transcodings.before);
    const to = encoded(session, transcodings.now);
    if (from === undefined || to === undefined) continue;
    const ratio = ((to - from) * 1000) / elapsed;
    if (ratio <= 0 || ratio > FASTEST) continue;
    const viewed = secondsOf(session.positionTicks ?? 0);
    if (ratio < 1 && to - viewed > AHEAD) continue;
    speeds.set(session.id, { itemId: item.id, ratio });
  }
  return speeds;
}

/** Where in the item the encoder of a session is, in seconds; absent where nothing is encoded. */
function encoded(
  session: JellyfinSession,
  transcodings: ReadonlyMap<JellyfinSession, Transcoding>,
): number | undefined {
  const info = transcodings.get(session);
  const runTime = session.item?.runTimeTicks;
  if (info?.completionRatio === undefined || runTime === undefined || !isEncoding(info)) return undefined;
  return info.completionRatio * secondsOf(runTime);
}
