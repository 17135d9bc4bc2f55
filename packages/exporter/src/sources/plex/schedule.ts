/** All in milliseconds. */
export interface Intervals {
  readonly sessions: number;
  /** Of the sessions while nothing plays. */
  readonly idle: number;
  readonly libraries: number;
  readonly server: number;
  readonly statistics: number;
}

const NAMES = ['server', 'libraries', 'sessions', 'statistics', 'activities'] as const;
export type CollectorName = (typeof NAMES)[number];

/** The collectors of a Plex source. */
export const COLLECTORS: readonly CollectorName[] = NAMES;

/** Milliseconds between two runs at least, and after failures at most. */
export const LIMITS: Readonly<Record<CollectorName, { readonly least: number; readonly most: number }>> = {
  server: { least: 5_000, most: 300_000 },
  libraries: { least: 60_000, most: 900_000 },
  sessions: { least: 5_000, most: 30_000 },
  statistics: { least: 10_000, most: 300_000 },
  activities: { least: 30_000, most: 600_000 },
};

/** Of the sessions while nothing plays, without a socket to tell of a start, in ms. */
export const DEAF_INTERVAL = 30_000;
export const ACTIVITIES_INTERVAL = 60_000;

/** How long after an event the server is asked, in ms: it may not show it at once, and more events may follow. */
export const SESSION_DELAY = 1_000;
export const LIBRARY_DELAY = 10_000;

/** How long a first refresh waits for all that is not a look at who plays, in ms; a Prometheus gives up after ten seconds. */
export const PATIENCE = 5_000;
