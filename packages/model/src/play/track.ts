import type { Credit, Observation, TrackerOptions, TrackerState } from './observation.ts';

export const TRACKER_DEFAULTS: TrackerOptions = { settleMs: 0, resumeMs: 300_000, gapMs: 60_000, tailMs: 15_000 };

export const EMPTY_TRACKER: TrackerState<never> = { next: 1, plays: new Map() };

/** Takes one observation: answers what is remembered from now on, and what the plays have earned. */
export function track<A>(
  state: TrackerState<A>,
  observation: Observation<A>,
  options: TrackerOptions = TRACKER_DEFAULTS,
): { readonly state: TrackerState<A>; readonly credits: readonly Credit<A>[] } {
  throw new Error(`not built yet ${state.next} ${observation.at} ${options.gapMs}`);
}
