import type { ObservedSession } from './observation.ts';
import { isAmount } from './value.ts';

/** The confirmation of a session whose own cannot be believed: so long ago that it confirms nothing. */
export const NEVER = -8.64e15;

/**
 * A session without what cannot be true: times in the future, negative or infinite numbers. A confirmation from the
 * future by at most `leadMs` comes from a clock a little ahead and is taken as of now; from further on it is {@link NEVER}.
 */
export function cleanSession<A>(session: ObservedSession<A>, at: number, leadMs: number): ObservedSession<A> {
  const { startedAt, confirmedAt, positionSeconds, bitrateBitsPerSecond, ...rest } = session;
  return {
    ...rest,
    ...(isTime(startedAt) && startedAt <= at && { startedAt }),
    ...(confirmedAt !== undefined && { confirmedAt: confirmation(confirmedAt, at, leadMs) }),
    ...(isAmount(positionSeconds) && { positionSeconds }),
    ...(isAmount(bitrateBitsPerSecond) && { bitrateBitsPerSecond }),
  };
}

/** Whether it is a moment that a date could have, in milliseconds. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

function confirmation(confirmedAt: number, at: number, leadMs: number): number {
  return isTime(confirmedAt) && confirmedAt <= at + leadMs ? Math.min(confirmedAt, at) : NEVER;
}
