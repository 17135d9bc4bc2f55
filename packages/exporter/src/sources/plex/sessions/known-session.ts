import type { PlaybackState } from '@media-exporter/model';
import type { RawSession } from '../parse/sessions.ts';
import { playbackState } from './classify.ts';

/** What is known of one session: the last answer about it, and what its player has reported since. Times are in ms. */
export interface KnownSession {
  readonly raw: RawSession;
  readonly state: PlaybackState;
  readonly positionMilliseconds?: number;
  /** When it was last in an answer. */
  readonly seenAt: number;
  /** When its player last reported, as far as positions and events tell. */
  readonly confirmedAt: number;
  /** When an event last told of it. */
  readonly reportedAt?: number;
  /** When an event first told of it, if it was playing since then. */
  readonly startedAt?: number;
}

/** What is played, so that it is told from what comes after it under the same session key. */
export function itemOf({ live, key, ratingKey }: RawSession): string {
  return live && key !== '' ? key : ratingKey;
}

/** Whether the position tells that a player goes on: that of Live TV and of photos may stand still. */
export function positionTells({ raw, positionMilliseconds }: KnownSession): boolean {
  return positionMilliseconds !== undefined && !raw.live && raw.type !== 'photo';
}

/** The session as a new answer shows it, which was asked for at `asked` and is of `at`. */
export function follow(old: KnownSession, raw: RawSession, asked: number, at: number): KnownSession {
  // Of the old entry only what events told is older than this answer.
  if (old.reportedAt !== undefined && old.reportedAt >= asked) return { ...old, raw, seenAt: at };
  const state = playbackState(raw.state) ?? old.state;
  const positionMilliseconds = raw.positionMilliseconds ?? old.positionMilliseconds;
  const confirmedAt = confirm(old, state, positionMilliseconds, at);
  const { positionMilliseconds: _, ...rest } = old;
  const position = positionMilliseconds === undefined ? {} : { positionMilliseconds };
  return { ...rest, ...position, raw, state, seenAt: at, confirmedAt };
}

/**
 * When the player reported what an answer shows: by how far it moved on, which is exact while it plays, but not later
 * than the answer. What stands still was not reported anew.
 */
function confirm(old: KnownSession, state: PlaybackState, position: number | undefined, at: number): number {
  const moved = (position ?? 0) - (old.positionMilliseconds ?? 0);
  if (moved === 0 && state === old.state) return old.confirmedAt;
  if (old.state !== 'playing' || moved <= 0) return at;
  return Math.min(at, old.confirmedAt + moved);
}

/** Sessions by {@link playOf}: one goes on under another key after a restart of the server. */
export function byPlay(sessions: Iterable<KnownSession>): ReadonlyMap<string, KnownSession> {
  return new Map(Array.from(sessions, (session) => [playOf(session.raw), session]));
}

/** Who plays what, whatever the key. */
export function playOf(raw: RawSession): string {
  return JSON.stringify([itemOf(raw), raw.userId ?? '', raw.player.id]);
}
