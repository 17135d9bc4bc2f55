import type { SessionsPoll } from '../shared.ts';
import type { JellyfinSession } from '../state.ts';
import { TICKS_PER_MS } from '../ticks.ts';

/** How long after its end a play may come back and be the same one. */
export const RESUME_MS = 60_000;
/** A server that is started anew may take so long, or polls may fail, and its clients go on. */
const OUTAGE_MS = 600_000;
/** A server gives up a player that has been silent for so long. */
const SILENT_MS = 300_000;
/** One that was paused then may go on so long after, when somebody sits down again. */
const PAUSED_MS = 86_400_000;
/** Plays that have ended and may come back, at most: those that ended first are forgotten. */
const MOST_ENDED = 10_000;
/** A report that comes late may tell of a position a little before the one that the server had counted on to. */
const POSITION_SLACK_TICKS = 20_000_000;

/** What is remembered of a play; safe for JSON. */
export interface KnownPlay {
  /** The server's id of the session, and which play of this item it is there: ids of sessions last for years. */
  readonly key: string;
  readonly generation: number;
  readonly seenAt: number;
  readonly positionTicks?: number;
  /** When its client last reported that it is paused; absent while it plays. */
  readonly pausedAt?: number;
  readonly reportedAt?: number;
  /** As of {@link SeenPlay}. */
  readonly silentMs?: number;
  /** Changes with each outage of the server. */
  readonly epoch: number;
  /** When it was first missed; absent while it is there. */
  readonly endedAt?: number;
  /** Its whole session was missing then: it was signed out, or lost with the server. A player that stops leaves it. */
  readonly sessionGone?: boolean;
}

export interface SeenPlay {
  readonly session: JellyfinSession;
  readonly item: string;
  readonly key: string;
  /** Not known before: it counts. */
  readonly begun: boolean;
  /** The longest that its client was seen to be silent for while it played on, in milliseconds. */
  readonly silentMs: number;
}

/**
 * Tells the plays apart. A session of the server is an application on a device: it plays one item after the other, comes
 * back after its end when a report was late or the server was restarted, and begins the same item again.
 */
export class PlayBook {
  /** By the session, the user and the item. */
  readonly #plays: Map<string, KnownPlay>;
  readonly #changed = new Set<string>();
  #epoch: number;
  #polledAt: number | undefined;

  constructor(epoch = 0, plays: Iterable<readonly [string, KnownPlay]> = []) {
    this.#epoch = epoch;
    this.#plays = new Map(plays);
  }

  /** How often the server was away. */
  get epoch(): number {
    return this.#epoch;
  }

  /** What changed since this was last called, by the same names; `undefined` for what is gone. */
  takeChanges(): ReadonlyMap<string, KnownPlay | undefined> {
    const changes = new Map([...this.#changed].map((name) => [name, this.#plays.get(name)] as const));
    this.#changed.clear();
    return changes;
  }

  /** Takes one poll: the sessions that play something, each with the play that it is. */
  see({ at, sessions, afterOutage }: SessionsPoll): SeenPlay[] {
    if (afterOutage) this.#epoch += 1;
    const seen = new Map<string, SeenPlay>();
    for (const session of sessions) {
      const { item, method } = session;
      if (item === undefined || method === undefined) continue;
      const name = nameOf(session, item.id);
      if (!seen.has(name)) seen.set(name, this.#see(name, session, item.id, at));
    }
    this.#miss(seen, sessions, at);
    this.#polledAt = at;
    return [...seen.values()];
  }

  #see(name: string, session: JellyfinSession, item: string, at: number): SeenPlay {
    const known = this.#plays.get(name);
    const { positionTicks, paused, lastCheckIn } = session;
    const same = known !== undefined && this.#isSame(known, positionTicks, at);
    const generation = same ? known.generation : (known?.generation ?? 0) + 1;
    const key = same ? known.key : `${session.id} ${at} ${generation}`;
    const silentMs = same ? silenceOf(known, session) : 0;
    this.#set(name, {
      ...{ key, generation, seenAt: at, epoch: this.#epoch },
      ...(positionTicks !== undefined && { positionTicks }),
      ...(paused && lastCheckIn !== undefined && { pausedAt: lastCheckIn }),
      ...(lastCheckIn !== undefined && { reportedAt: lastCheckIn, silentMs }),
    });
    return { session, item, key, begun: !same, silentMs };
  }

  /**
   * A play goes on while it is there, through an outage of the server, and when it comes back soon and not from the start;
   * one that was paused may come back late.
   */
  #isSame(known: KnownPlay, now: number | undefined, at: number): boolean {
    if (this.#outlasts(known, at)) return true;
    const { endedAt, positionTicks: before = 0 } = known;
    if (this.#waits(known, at)) return !goesBack(before, now) || !this.#mayBegin(now, at);
    if (endedAt !== undefined && at - endedAt > RESUME_MS) return false;
    return !goesBack(before, now);
  }

  #miss(seen: ReadonlyMap<string, SeenPlay>, sessions: readonly JellyfinSession[], at: number): void {
    for (const [name, play] of this.#plays) {
      if (seen.has(name)) continue;
      if (play.endedAt === undefined) {
        const sessionGone = !sessions.some(({ id }) => name.startsWith(`${id} `));
        this.#set(name, { ...play, endedAt: at, ...(sessionGone && { sessionGone }) });
      } else if (!this.#mayReturn(play, at)) this.#set(name, undefined);
    }
    this.#forget(seen.size);
  }

  #forget(there: number): void {
    const excess = this.#plays.size - there - MOST_ENDED;
    if (excess <= 0) return;
    const ended = [...this.#plays].flatMap(([name, { endedAt }]) => (endedAt === undefined ? [] : [{ name, endedAt }]));
    ended.sort((a, b) => a.endedAt - b.endedAt);
    for (const { name } of ended.slice(0, excess)) this.#set(name, undefined);
  }

  #mayReturn(play: KnownPlay, at: number): boolean {
    const { seenAt, endedAt = seenAt } = play;
    return at - endedAt <= RESUME_MS || this.#outlasts(play, at) || this.#waits(play, at);
  }

  /** Whether it was there until now, or until the server was away: wherever it goes on, only the log can tell of another start. */
  #outlasts({ seenAt, endedAt, epoch }: KnownPlay, at: number): boolean {
    return (endedAt === undefined || epoch !== this.#epoch) && at - seenAt <= OUTAGE_MS;
  }

  /** Whether its player was paused when the server gave it up, or was lost with the server: it knows nothing of that. */
  #waits({ pausedAt, endedAt, epoch, sessionGone = false }: KnownPlay, at: number): boolean {
    if (pausedAt === undefined || endedAt === undefined || at - pausedAt > PAUSED_MS) return false;
    return sessionGone || epoch !== this.#epoch || endedAt - pausedAt >= SILENT_MS;
  }

  /** Whether a player that is there now may have begun the item since the last poll. */
  #mayBegin(now = 0, at: number): boolean {
    return now <= (at - (this.#polledAt ?? 0)) * TICKS_PER_MS + POSITION_SLACK_TICKS;
  }

  #set(name: string, play: KnownPlay | undefined): void {
    if (play === undefined) this.#plays.delete(name);
    else this.#plays.set(name, play);
    this.#changed.add(name);
  }
}

function nameOf({ id, userId }: JellyfinSession, item: string): string {
  return `${id} ${userId} ${item}`;
}

/** A player that has not moved on had died or was paused meanwhile; that of a channel may tell no position. */
function silenceOf(known: KnownPlay, { item, paused, lastCheckIn = 0, positionTicks }: JellyfinSession): number {
  const { seenAt, pausedAt, reportedAt = seenAt, silentMs = 0 } = known;
  const moved = item?.runTimeTicks === undefined || !goesBack(known.positionTicks, positionTicks);
  const played = pausedAt === undefined && !paused && moved;
  return played && lastCheckIn > reportedAt ? Math.max(silentMs, seenAt - reportedAt) : silentMs;
}

function goesBack(before = 0, now = 0): boolean {
  return now < before - POSITION_SLACK_TICKS;
}
