/**
 * What was seen of the sessions of a server at one moment. Times are milliseconds on one timeline per source, which goes
 * on across restarts of the exporter; the tracker is safe from one that jumps.
 *
 * `A` is whatever the source wants back with each credit, usually what its labels are made of. It must be safe for JSON.
 */
export interface Observation<A> {
  readonly at: number;
  readonly sessions: readonly ObservedSession<A>[];
  /**
   * Whether these are all sessions that the server has. A complete observation ends the plays that it lacks; an event
   * that tells of one session is an observation that is not complete.
   */
  readonly complete: boolean;
  /** Keys of sessions that were told to have ended. */
  readonly ended?: readonly string[];
  /**
   * Changes when the server has been started anew, where that is known. Keys may then mean other sessions, and a play
   * that comes back under another key goes on.
   */
  readonly epoch?: string;
}

export interface ObservedSession<A> {
  /** The server's own name of the session. Servers use them again. */
  readonly key: string;
  /** The item that is played. */
  readonly item: string;
  /** The user and the device, so that a reused key is told from a play that goes on. */
  readonly party: string;
  /** Only playing counts: not paused, not buffering. */
  readonly playing: boolean;
  /** What the stream takes, for the bytes. Absent: bytes are not known. */
  readonly bitrateBitsPerSecond?: number;
  readonly positionSeconds?: number;
  /**
   * When the player itself last reported, on the timeline of the observation. Where it is given, only time that it
   * confirms is credited.
   */
  readonly confirmedAt?: number;
  /** When the session was first told of, by an event that came before it could be looked up. */
  readonly startedAt?: number;
  /** False for what is no play of its own, such as a trailer before a film. It has seconds and bytes, but no play. */
  readonly countsAsPlay?: boolean;
  readonly attributes: A;
}

/** What one play has earned between two observations. It belongs to the attributes that the play had at their beginning. */
export interface Credit<A> extends Earned<A> {
  /** The play's own id, which no other play of this source has or had. */
  readonly play: string;
  /** 1 when the play is counted with this credit, under the attributes that it has now; else 0. */
  readonly plays: 0 | 1;
}

/** A play that is known of: running, or ended so short a time ago that it may come back. */
export interface Play<A> {
  readonly id: string;
  readonly key: string;
  readonly item: string;
  readonly party: string;
  readonly session: ObservedSession<A>;
  /** When it was last observed. */
  readonly seenAt: number;
  readonly firstSeenAt: number;
  /** The epoch of the server in which it was last observed, where that was known. */
  readonly epoch?: string;
  /** Whether it has been counted. */
  readonly counted: boolean;
  /** Whether it has played and was there for long enough to earn anything. */
  readonly settled: boolean;
  /** What it has earned before it settled. Absent before it played, and once it has settled. */
  readonly pending?: readonly Earned<A>[];
  /** When it was seen to have ended; absent while it runs. */
  readonly endedAt?: number;
  /** Up to when it is settled what was played: credited, or known not to have been. Never goes back. */
  readonly creditedTo: number;
  /** Where the item stood then, in seconds, if that is known. */
  readonly creditedPosition?: number;
}

/** Time that was played with the same attributes. */
export interface Earned<A> {
  readonly attributes: A;
  readonly seconds: number;
  /** Seconds times the bitrate; 0 while that is unknown. */
  readonly bytes: number;
}

/** All that the tracker remembers: immutable, and safe for JSON. */
export interface TrackerState<A> {
  /** When the last observation was made, and the last complete one. */
  readonly at?: number;
  readonly completeAt?: number;
  readonly epoch?: string;
  /** The number that the next play gets. */
  readonly next: number;
  /** By {@link Play.id}. A play that did not change is the same object. */
  readonly plays: ReadonlyMap<string, Play<A>>;
}

export interface TrackerOptions {
  /** A play counts only when it has been there this long, in ms: some players open a session just to look. */
  readonly settleMs: number;
  /** How long after its end the same session may come back and be the same play, in ms. */
  readonly resumeMs: number;
  /**
   * The longest span that is credited without a position that proves it, in ms. A clock that goes back by more has been
   * set back; by less, the observation is late.
   */
  readonly gapMs: number;
  /** The most that is credited after the last report of a play that has ended, in ms. */
  readonly tailMs: number;
  /**
   * How many plays are remembered at most, 10,000 unless told. To make room, those that ended first are forgotten; while
   * as many run, further sessions are not tracked.
   */
  readonly maxPlays?: number;
}
