import type { ActivityEntry } from '../state.ts';

const STARTS: ReadonlySet<string> = new Set(['VideoPlayback', 'AudioPlayback', 'Playback']);
/** A client may report progress before the start, and the server's clock is known to a second only. */
const EARLY_MS = 5_000;
/** So much later polls must have shown a start: an answer may be a few seconds old, and one may be missing. */
const LATE_MS = 15_000;
/** Clients that played when their server was started anew return some seconds after it. */
const RETURN_MS = 30_000;
/** How long polls are remembered: the log is read each minute, and may fail for a while. */
const REMEMBERED_MS = 900_000;
const MOST_POLLS = 200;
const MOST_WAITING = 1_000;

/** What a play is counted under. */
export interface PlayKind {
  readonly mediaType: string;
  readonly method: string;
}

/** A play in a poll; `begun` in the one that counts it. */
export interface PolledPlay extends PlayKind {
  readonly userId: string;
  readonly item: string;
  readonly begun: boolean;
}

/** A start that no poll has counted; with what a poll has shown of it, if one has. */
export interface UnseenStart {
  readonly entry: ActivityEntry;
  readonly kind?: PlayKind;
}

interface Poll {
  readonly at: number;
  /** Whether clients may still be about to return after an outage. */
  readonly returning: boolean;
  /** By user and item. */
  readonly names: Map<string, Sighting>;
}

/** `begun`: plays that began and have not been matched with the log. */
interface Sighting extends PlayKind {
  begun: number;
}

/** What the log has not been held against yet: plain, so that a restart loses no start and counts none twice. */
export interface SavedStarts {
  readonly waiting: readonly ActivityEntry[];
  readonly polls: readonly {
    readonly at: number;
    readonly returning: boolean;
    readonly names: Readonly<Record<string, Readonly<Sighting>>>;
  }[];
}

/**
 * Finds the starts that the activity log tells of and no poll has counted: what was over before the next poll, and what
 * was stopped and started again and looks as if it had gone on. A start belongs to a play that began in the first poll
 * after it, or shortly before; each play has one start. What comes back by itself, as after a late report or a restart of
 * the server, has none.
 */
export class UnseenStarts {
  #polls: Poll[];
  #waiting: ActivityEntry[];
  #returnedAt = Number.NEGATIVE_INFINITY;
  /** Entries from before are counted. */
  readonly #from: number;

  constructor(saved: SavedStarts = { waiting: [], polls: [] }, from = Number.NEGATIVE_INFINITY) {
    this.#waiting = [...saved.waiting];
    this.#polls = saved.polls.map(({ at, returning, names }) => ({
      at,
      returning,
      names: new Map(Object.entries(names).map(([name, sighting]) => [name, { ...sighting }])),
    }));
    this.#from = this.#polls[0]?.at ?? from;
  }

  /** What has to be kept, since neither the sessions nor the log are asked for it again. */
  save(): SavedStarts {
    const waiting = new Set(this.#waiting.map(nameOf));
    const polls = this.#polls.map(({ at, returning, names }) => ({
      at,
      returning,
      names: Object.fromEntries([...names].filter(([name, { begun }]) => begun > 0 || waiting.has(name))),
    }));
    return { waiting: this.#waiting, polls };
  }

  /** Takes the plays of a poll. Answers the starts that nobody has counted. */
  see(at: number, plays: readonly PolledPlay[], afterOutage = false): UnseenStart[] {
    if (afterOutage) this.#returnedAt = at + RETURN_MS;
    const names: Poll['names'] = new Map();
    for (const { userId, item, begun, mediaType, method } of plays) {
      const name = `${userId} ${item}`;
      const sighting = names.get(name) ?? { begun: 0, mediaType, method };
      if (begun) sighting.begun += 1;
      names.set(name, sighting);
    }
    this.#polls.push({ at, returning: at < this.#returnedAt, names });
    this.#polls = this.#polls.filter((poll) => at - poll.at <= REMEMBERED_MS).slice(-MOST_POLLS);
    return this.#judge();
  }

  /** Takes all entries of the log that are new, the oldest first. Answers like {@link see}. */
  tell(entries: readonly ActivityEntry[]): UnseenStart[] {
    for (const entry of entries) {
      const { type, userId, itemId, date } = entry;
      if (!STARTS.has(type) || userId === '' || itemId === undefined || date === undefined) continue;
      if (date > this.#from) this.#waiting.push(entry);
    }
    this.#waiting = this.#waiting.slice(-MOST_WAITING);
    const found = this.#judge();
    // What is told later has happened later.
    const told = Math.min(this.#polls.at(-1)?.at ?? 0, ...this.#waiting.map(({ date = 0 }) => date));
    this.#polls = this.#polls.filter(({ at }) => at >= told - EARLY_MS);
    return found;
  }

  #judge(): UnseenStart[] {
    const newest = this.#polls.findLast(({ returning }) => !returning)?.at ?? Number.NEGATIVE_INFINITY;
    const due = this.#waiting.filter(({ date = 0 }) => date + LATE_MS <= newest);
    if (due.length === 0) return [];
    this.#waiting = this.#waiting.filter((entry) => !due.includes(entry));
    return due.flatMap((entry) => this.#unseen(entry) ?? []);
  }

  #unseen(entry: ActivityEntry): UnseenStart | undefined {
    const { date = 0 } = entry;
    const name = nameOf(entry);
    let kind: PlayKind | undefined;
    for (const { at, returning, names } of this.#polls) {
      if (at < date - EARLY_MS) continue;
      const sighting = names.get(name);
      if (sighting !== undefined && sighting.begun > 0) {
        sighting.begun -= 1;
        return undefined;
      }
      if (at >= date && sighting !== undefined) kind = { mediaType: sighting.mediaType, method: sighting.method };
      if (at >= date + LATE_MS && !returning) break;
    }
    return { entry, ...(kind !== undefined && { kind }) };
  }
}

function nameOf({ userId, itemId }: ActivityEntry): string {
  return `${userId} ${itemId}`;
}
