import type { JellyfinSession } from '../state.ts';

/**
 * Whether the server was started anew between two polls, and has lost its sessions: one is gone, and each that is there is
 * another one under the same id, with an activity and a report since, that does not know its client. Only the server's own
 * dates are compared, so that clocks do not matter. One that was alone and is gone has more likely ended than lost its
 * server, and its time must not go on.
 */
export function isStartedAnew(before: readonly JellyfinSession[], now: readonly JellyfinSession[]): boolean {
  if (before.length < 2) return false;
  const there = new Map(now.map((session) => [session.id, session]));
  const back = before.map((known) => ({ known, session: there.get(known.id) }));
  return (
    back.some(({ session }) => session === undefined) &&
    back.every(({ known, session }) => session === undefined || isMadeSince(known, session))
  );
}

/**
 * The server keeps the last report after the end of a play: only a session that is new has none, or one that is newer.
 * Clients tell what they can play when they sign in, and not when they come back.
 */
function isMadeSince(known: JellyfinSession, { capable, lastActivity, lastCheckIn }: JellyfinSession): boolean {
  if (capable) return false;
  const active = lastActivity !== undefined && known.lastActivity !== undefined && lastActivity > known.lastActivity;
  return active && (lastCheckIn === undefined || lastCheckIn > (known.lastCheckIn ?? 0));
}
