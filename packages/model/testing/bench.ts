import type { Credit, Observation, ObservedSession, TrackerOptions, TrackerState } from '../src/play/observation.ts';
import { EMPTY_TRACKER, TRACKER_DEFAULTS, track } from '../src/play/track.ts';

export type Session = ObservedSession<string>;

/** A player of one session; what is told of it is merged in. Times are in seconds here. */
export function session(told: Partial<Session> & { confirmed?: number; started?: number } = {}): Session {
  const { confirmed, started, ...rest } = told;
  return {
    ...{ key: '1', item: 'film', party: 'ann', playing: true, attributes: 'a' },
    ...rest,
    ...(confirmed !== undefined && { confirmedAt: confirmed * 1000 }),
    ...(started !== undefined && { startedAt: started * 1000 }),
  };
}

/** A tracker and the sum of its credits. */
export class Bench {
  state: TrackerState<string> = EMPTY_TRACKER;
  credits: Credit<string>[] = [];
  readonly options: TrackerOptions;

  constructor(options: Partial<TrackerOptions> = {}) {
    this.options = { ...TRACKER_DEFAULTS, ...options };
  }

  /** Takes an observation at a time in seconds; complete, unless it is told otherwise. */
  see(at: number, sessions: Session[], told: Partial<Observation<string>> = {}): this {
    const step = track(this.state, { at: at * 1000, sessions, complete: true, ...told }, this.options);
    this.state = step.state;
    this.credits.push(...step.credits);
    return this;
  }

  event(at: number, sessions: Session[], told: Partial<Observation<string>> = {}): this {
    return this.see(at, sessions, { complete: false, ...told });
  }

  get plays(): number {
    return this.credits.reduce((sum, { plays }) => sum + plays, 0);
  }

  get seconds(): number {
    return this.credits.reduce((sum, { seconds }) => sum + seconds, 0);
  }

  secondsOf(attributes: string): number {
    return this.credits.filter((one) => one.attributes === attributes).reduce((sum, { seconds }) => sum + seconds, 0);
  }

  get bytes(): number {
    return this.credits.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
