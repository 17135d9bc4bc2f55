import type { ServerVersion } from './parse/version.ts';
import type { ActivityEntry, JellyfinSession } from './state.ts';

/** One good poll of the sessions. */
export interface SessionsPoll {
  /** Milliseconds on the timeline of the source, which goes on over restarts of the exporter. */
  readonly at: number;
  /** Milliseconds since the epoch by the server's clock: what its dates are compared with. */
  readonly serverDate: number;
  /** Sessions of nobody are left out. */
  readonly sessions: readonly JellyfinSession[];
  /** Changes when the server was away between this poll and the one before. */
  readonly epoch: string;
}

/** The little that collectors of one source tell each other. Absent: not known. */
export class Shared {
  version: ServerVersion | undefined;
  /** False for another server that speaks a similar API, such as Emby. */
  jellyfin: boolean | undefined;
  /** Whether `RefreshLibrary` runs. */
  scanRunning: boolean | undefined;
  /** What is to be added to the own clock's date to have the server's, ms. */
  clockOffset = 0;
  /** How often the server was seen to be away (refused, 503), so that a session that comes back goes on. */
  outages = 0;
  readonly #sessions = new Set<(poll: SessionsPoll) => void>();
  readonly #starts = new Set<(entries: readonly ActivityEntry[]) => void>();

  /** Calls `listener` with each good poll of the sessions. */
  onSessions(listener: (poll: SessionsPoll) => void): void {
    this.#sessions.add(listener);
  }

  tellSessions(poll: SessionsPoll): void {
    for (const listener of this.#sessions) listener(poll);
  }

  /** Calls `listener` with entries of the activity log that are new. */
  onActivity(listener: (entries: readonly ActivityEntry[]) => void): void {
    this.#starts.add(listener);
  }

  tellActivity(entries: readonly ActivityEntry[]): void {
    for (const listener of this.#starts) listener(entries);
  }
}
