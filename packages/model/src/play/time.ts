import type { Earned, ObservedSession, Play, TrackerOptions } from './observation.ts';
import { NEVER } from './session.ts';

/** Up to when it is settled what was played, where the item stood then, and the milliseconds that were played. */
export interface Clocked {
  readonly creditedTo: number;
  readonly creditedPosition: number | undefined;
  readonly played: number;
}

/**
 * The time of a session that is seen for the first time, or again. It begins with what was confirmed, else now; when an
 * event told of its start, with that. It cannot have begun before `notBefore`, when it was known not to be there.
 */
export function begin(
  session: ObservedSession<unknown>,
  at: number,
  notBefore: number,
  { gapMs }: TrackerOptions,
): Clocked {
  const { confirmedAt, startedAt, positionSeconds } = session;
  if (!session.playing) return { creditedTo: at, creditedPosition: positionSeconds, played: 0 };
  const to = confirmedAt === undefined || confirmedAt === NEVER ? at : confirmedAt;
  const from = Math.max(startedAt ?? to, notBefore);
  return {
    creditedTo: Math.max(from, to),
    creditedPosition: positionSeconds,
    played: Math.min(Math.max(to - from, 0), gapMs),
  };
}

/**
 * The time of a play between two observations. It belongs to the state that the play had at the first. Where the server
 * tells when the player reported, time counts up to its newest report; else it counts up to the observation.
 */
export function advance(
  play: Play<unknown>,
  session: ObservedSession<unknown>,
  at: number,
  { gapMs }: TrackerOptions,
): Clocked {
  const { creditedTo, creditedPosition, seenAt } = play;
  const { confirmedAt, positionSeconds } = session;
  const before = play.session.confirmedAt;
  const anchor = (to: number): Clocked => ({
    creditedTo: Math.max(creditedTo, to),
    creditedPosition: to > creditedTo ? positionSeconds : creditedPosition,
    played: 0,
  });
  if (confirmedAt === NEVER) return anchor(at);
  // It did not play when it was last seen: whatever a later report confirms, it is not the time until then.
  if (!play.session.playing) return anchor(Math.max(seenAt, confirmedAt ?? at));
  if (confirmedAt === undefined && before !== undefined) return anchor(creditedTo);
  const from = confirmedAt === undefined ? Math.max(creditedTo, seenAt) : creditedTo;
  const to = confirmedAt ?? at;
  return { ...anchor(to), played: proven(to - from, creditedPosition, positionSeconds, gapMs) };
}

/**
 * How much of a span was played. A longer one than `gapMs` is an outage, in which a play may have been paused: there the
 * position counts, if it did not go back, and else `gapMs`.
 */
function proven(span: number, before: number | undefined, now: number | undefined, gapMs: number): number {
  if (span <= 0) return 0;
  if (span <= gapMs) return span;
  const moved = before === undefined || now === undefined ? -1 : (now - before) * 1000;
  return Math.min(span, moved < 0 ? gapMs : moved);
}

/** How a play ended: when at the latest, and whether that is exact. */
export interface End {
  readonly at: number;
  readonly exact: boolean;
  /** When all sessions were last seen together. */
  readonly completeAt: number | undefined;
}

/**
 * The milliseconds that a play has played since it was credited, when it is seen to have ended: at most `tailMs` after it
 * was last known to play. When only its absence tells, a player that reports has ended half-way between two observations;
 * when its last report is older than `gapMs`, the player died then.
 */
export function tail(play: Play<unknown>, end: End, { gapMs, tailMs }: TrackerOptions): number {
  const { session, creditedTo, seenAt } = play;
  const { confirmedAt } = session;
  if (!session.playing) return 0;
  const known = confirmedAt ?? Math.max(creditedTo, seenAt);
  if (confirmedAt !== undefined && end.at - known > gapMs) return 0;
  const unsure = end.exact || confirmedAt === undefined ? 0 : (end.at - (end.completeAt ?? seenAt)) / 2;
  const to = known + Math.min(end.at - known - unsure, tailMs);
  return Math.max(0, to - Math.max(creditedTo, known));
}

/** What `milliseconds` of a session have earned. */
export function earn<A>({ attributes, bitrateBitsPerSecond = 0 }: ObservedSession<A>, milliseconds: number): Earned<A> {
  const seconds = milliseconds / 1000;
  return { attributes, seconds, bytes: Math.min((seconds * bitrateBitsPerSecond) / 8, Number.MAX_VALUE) };
}
