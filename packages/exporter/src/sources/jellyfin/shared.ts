import { Lately } from './pacing/lately.ts';
import type { Library } from './parse/library.ts';
import type { ServerVersion } from './parse/version.ts';
import type { ServerClock } from './server-clock.ts';
import type { ActiveSession, ActivityEntry, JellyfinSession, JellyfinUser } from './state.ts';

/** One good poll of the sessions. */
export interface SessionsPoll {
  /** Milliseconds since the epoch by the server's clock: what its dates are compared with. */
  readonly at: number;
  /** Sessions of nobody are left out. */
  readonly sessions: readonly JellyfinSession[];
  /** Whether the server was away (refused, 503) or lost its sessions since the good poll before: what comes back goes on. */
  readonly afterOutage: boolean;
}

/**
 * Takes the entries of the activity log that are new, the oldest first, and when they began to be read, by the server's
 * clock: all that was logged before is told.
 */
type ActivityListener = (entries: readonly ActivityEntry[], readAt: number) => void;

/** The little that the collectors of one source tell each other. Absent: not known. */
export class Shared {
  readonly serverClock: ServerClock;
  version: ServerVersion | undefined;
  /** False for another server that speaks a similar API, such as Emby. */
  jellyfin: boolean | undefined;
  /** Whether `RefreshLibrary` runs. */
  scanRunning: boolean | undefined;
  /** Whether the server answered when it was last looked at. */
  up: boolean | undefined;
  /** The sessions that play, while they are known; the collector of sessions tells them. */
  active: () => readonly ActiveSession[] | undefined = () => undefined;
  /** How often the server was seen to be away. */
  outages = 0;
  readonly libraries: Lately<readonly Library[]> = new Lately();
  readonly users: Lately<readonly JellyfinUser[]> = new Lately();
  readonly #sessions = new Set<(poll: SessionsPoll) => void>();
  readonly #activity = new Set<ActivityListener>();

  constructor(serverClock: ServerClock) {
    this.serverClock = serverClock;
  }

  /** The server was away and is back: what failed need not wait any longer. */
  forgetFailures(): void {
    this.libraries.forgetFailure();
    this.users.forgetFailure();
  }

  /** Calls `listener` with each good poll of the sessions. */
  onSessions(listener: (poll: SessionsPoll) => void): void {
    this.#sessions.add(listener);
  }

  tellSessions(poll: SessionsPoll): void {
    for (const listener of this.#sessions) listener(poll);
  }

  /** Calls `listener` after each good look at the activity log. */
  onActivity(listener: ActivityListener): void {
    this.#activity.add(listener);
  }

  tellActivity(...told: Parameters<ActivityListener>): void {
    for (const listener of this.#activity) listener(...told);
  }
}
