import type { ObservedSession, Play, TrackerState } from './observation.ts';

/**
 * What is remembered, after the clock was set back: all times move with it, so that the last observation was made at `at`
 * and whatever comes next is neither lost nor credited twice.
 */
export function rewind<A>(state: TrackerState<A>, at: number): TrackerState<A> {
  const by = at - (state.at ?? at);
  return {
    ...state,
    at,
    ...(state.completeAt !== undefined && { completeAt: state.completeAt + by }),
    plays: new Map([...state.plays].map(([id, play]) => [id, movePlay(play, by)])),
  };
}

function movePlay<A>(play: Play<A>, by: number): Play<A> {
  return {
    ...play,
    session: moveSession(play.session, by),
    seenAt: play.seenAt + by,
    firstSeenAt: play.firstSeenAt + by,
    creditedTo: play.creditedTo + by,
    ...(play.endedAt !== undefined && { endedAt: play.endedAt + by }),
  };
}

function moveSession<A>(session: ObservedSession<A>, by: number): ObservedSession<A> {
  return {
    ...session,
    ...(session.confirmedAt !== undefined && { confirmedAt: session.confirmedAt + by }),
    ...(session.startedAt !== undefined && { startedAt: session.startedAt + by }),
  };
}
