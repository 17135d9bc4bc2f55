import { type Observation, type ObservedSession, TRACKER_DEFAULTS } from '@media-exporter/model';
import { digest } from '../digest.ts';
import { isConfirmed, methodOf } from '../sessions/watching.ts';
import type { JellyfinSession, Transcoding } from '../state.ts';
import { TICKS_PER_MS } from '../ticks.ts';
import type { SeenPlay } from './play-book.ts';

/** What the time of a play is counted under. */
export interface Watch {
  readonly session: string;
  /** The one who is signed in first, then those who watch along. */
  readonly users: readonly string[];
  readonly mediaType: string;
  readonly method: string;
  /** Where the player was when it last reported. */
  readonly positionTicks: number;
  /** As of {@link SeenPlay}. */
  readonly silentMs: number;
}

/** Two polls in a row. Milliseconds since the epoch; absent: there was none before. */
export interface PollTimes {
  readonly before: number | undefined;
  readonly at: number;
}

const { gapMs, tailMs } = TRACKER_DEFAULTS;

/** The server's timer moves the position on each second. */
const TIMER_MS = 1_000;
/** A dead player whose timer ran for longer may be resumed there: the server gives it up, and keeps that, after 5 min. */
const PLACED_MS = 240_000;
/** A position is known to that at best. */
const POSITION_SLACK_MS = 3_000;

function watchOf({ session, silentMs }: SeenPlay, transcoding: Transcoding | undefined, at: number): Watch {
  return {
    session: session.id,
    users: [...new Set(peopleOf(session).map(({ id }) => id))],
    mediaType: session.item?.mediaType ?? 'other',
    method: methodOf(session, transcoding) ?? 'unknown',
    positionTicks: reportedPosition(session, at),
    silentMs,
  };
}

export function peopleOf({ userId, user, additionalUsers }: JellyfinSession): readonly { id: string; name: string }[] {
  return [{ id: userId, name: user }, ...additionalUsers];
}

/** A play as the tracker takes it. One whose client has fallen silent does not play: what it reports later is no proof. */
export function observed(
  play: SeenPlay,
  transcoding: Transcoding | undefined,
  { before, at }: PollTimes,
): ObservedSession<Watch> {
  const { session, item, key, begun } = play;
  const { userId, deviceId, paused, lastCheckIn: confirmedAt = 0 } = session;
  const attributes = watchOf(play, transcoding, at);
  const startedAt = confirmedAt - attributes.positionTicks / TICKS_PER_MS;
  // One that was resumed in the middle of an item has begun at its first report, as far as can be known.
  const fromStart = begun && before !== undefined && startedAt >= before;
  // That of live television is 0 where its client knows none.
  const known = attributes.positionTicks > 0 || session.item?.runTimeTicks !== undefined;
  const placed = known && at - (before ?? at) <= PLACED_MS;
  return {
    key,
    item,
    party: digest(userId, deviceId),
    playing: !paused && isConfirmed(session, at),
    confirmedAt,
    ...(placed && { positionSeconds: attributes.positionTicks / TICKS_PER_MS / 1000 }),
    ...(fromStart && { startedAt }),
    attributes,
  };
}

/**
 * A pause that began or ended between two polls, at the time that the position tells: reports may have come since. A
 * player that was silent, and whose position tells that it did not play meanwhile, had died.
 */
export function turnOf(
  play: ObservedSession<Watch>,
  now: ObservedSession<Watch>,
  { before, at }: PollTimes,
): Observation<Watch> | undefined {
  const { confirmedAt: known = 0 } = play;
  const { confirmedAt: reported = 0 } = now;
  if (before === undefined) return undefined;
  const moved = (now.attributes.positionTicks - play.attributes.positionTicks) / TICKS_PER_MS;
  const span = reported - (play.playing ? known : before);
  if (play.playing && now.playing) {
    const died = play.positionSeconds !== undefined && before - known > tailMs && moved < span - POSITION_SLACK_MS;
    return died ? { at: before, complete: false, sessions: [{ ...play, playing: false }] } : undefined;
  }
  if (play.playing === now.playing || span <= 0) return undefined;
  // How much of a longer span was played before a pause, the tracker takes from the position.
  if (play.playing && span > gapMs) return undefined;
  const turn = play.playing
    ? known + (moved >= 0 ? Math.min(moved, span) : span)
    : reported - Math.min(Math.max(moved, 0), span);
  const { positionSeconds: from } = play;
  const session = play.playing
    ? { ...play, playing: false }
    : { ...now, ...(from !== undefined && { positionSeconds: from }) };
  return { at: within(turn, before, at), complete: false, sessions: [{ ...session, confirmedAt: turn }] };
}

/** A server that was away has forgotten who watched along: since the last report, nothing proves that they do. */
export function forgottenIn(
  play: ObservedSession<Watch>,
  now: ObservedSession<Watch>,
  { before }: PollTimes,
): Observation<Watch> | undefined {
  const users = play.attributes.users.filter((user) => now.attributes.users.includes(user));
  if (before === undefined || users.length === play.attributes.users.length) return undefined;
  return { at: before, complete: false, sessions: [{ ...play, attributes: { ...play.attributes, users } }] };
}

/**
 * The end of a play that is not there any more; nothing where only its absence tells. The report of an end is mostly the
 * last that a client asks for a while, and the server keeps its time; where it plays the next item, that has ended this one.
 */
export function endOf(
  play: ObservedSession<Watch>,
  now: JellyfinSession | undefined,
  { before, at }: PollTimes,
): Observation<Watch> | undefined {
  const { key, confirmedAt, attributes } = play;
  if (confirmedAt === undefined || before === undefined || at - confirmedAt >= gapMs) return undefined;
  const { lastCheckIn = 0, lastActivity = 0 } = now ?? {};
  const end = { complete: false, ended: [key] };
  // A session that was made since has no report of its own, and one that another has taken over is not this player's.
  const same = now?.userId === attributes.users[0] && lastCheckIn >= confirmedAt;
  // A start is a report too: one after a silence longer than this client's own is of another play, and the player had died.
  const lived = lastCheckIn - confirmedAt <= Math.max(at - before, attributes.silentMs) + tailMs;
  const until = now?.item === undefined ? lastActivity : startOf(now, at, before);
  if (same && lived && until >= confirmedAt) {
    // It may have been waited for since.
    const last = { ...play, playing: false, confirmedAt: Math.min(until, at) };
    return { ...end, at: within(until, before, at), sessions: [last] };
  }
  const newer = lastCheckIn > confirmedAt;
  return { ...end, at: newer ? within(lastCheckIn, before, at) : (before + at) / 2, sessions: [] };
}

/** When an item began that did not play at the last poll: one that was resumed in the middle, when it was reported. */
function startOf(session: JellyfinSession, at: number, before: number): number {
  const { lastCheckIn = at } = session;
  const start = lastCheckIn - reportedPosition(session, at) / TICKS_PER_MS;
  return start < before ? lastCheckIn : start;
}

function reportedPosition({ positionTicks = 0, lastCheckIn, paused }: JellyfinSession, at: number): number {
  if (paused) return positionTicks;
  const ticked = Math.max(0, Math.floor((at - (lastCheckIn ?? at)) / TIMER_MS)) * TIMER_MS;
  return Math.max(0, positionTicks - ticked * TICKS_PER_MS);
}

function within(time: number, from: number, to: number): number {
  return Math.min(to, Math.max(from, time));
}
