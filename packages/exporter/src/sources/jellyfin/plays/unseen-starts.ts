import type { ActivityEntry } from '../state.ts';

const STARTS: ReadonlySet<string> = new Set(['VideoPlayback', 'AudioPlayback', 'Playback']);
/** A client may report progress before the start, and the server's clock is known to a second only. */
const EARLY_MS = 5_000;
/** So much later polls must have shown a start: an answer may be a few seconds old, and one may be missing. */
const LATE_MS = 15_000;
/** Clients that played when their server was started anew return some seconds after it. */
export const RETURN_MS = 30_000;
/** How long it is remembered what plays: it only tells of what kind a start was. */
const REMEMBERED_MS = 900_000;
const MOST_POLLS = 200;
/** Plays that the log has not been held against: it may be read each hour only, or fail for days. */
const MOST_BEGUN = 1_000;
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

/** One in which something played. */
interface Poll {
  readonly at: number;
  /** When the last poll before it was that no client was still to return after; 0 where there was none. */
  readonly after: number;
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
  /** Entries from before are counted, or may be; absent where nothing was kept. */
  readonly from?: number | undefined;
  readonly polls: readonly {
    readonly at: number;
    readonly after: number;
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
  #polledAt = 0;
  /** The last poll that no client was still to return after. */
  #settledAt: number;
  #returnedAt = Number.NEGATIVE_INFINITY;
  /** Entries from before are counted, or may be: rather one too few than one twice. */
  #from: number;

  constructor(saved: SavedStarts = { waiting: [], polls: [] }, from = 0) {
    this.#waiting = [...saved.waiting];
    this.#polls = saved.polls.map(({ at, after, names }) => ({
      at,
      after,
      names: new Map(Object.entries(names).map(([name, sighting]) => [name, { ...sighting }])),
    }));
    this.#settledAt = this.#polls.at(-1)?.after ?? 0;
    this.#from = saved.from ?? from;
  }

  /** What has to be kept, since neither the sessions nor the log are asked for it again: a copy, since a store may hold it. */
  save(): SavedStarts {
    const waiting = new Set(this.#waiting.map(nameOf));
    const polls = this.#polls.flatMap(({ at, after, names }) => {
      const kept = [...names].filter(([name, { begun }]) => begun > 0 || waiting.has(name));
      const copies = kept.map(([name, sighting]) => [name, { ...sighting }] as const);
      return kept.length === 0 ? [] : [{ at, after, names: Object.fromEntries(copies) }];
    });
    return { waiting: [...this.#waiting], from: this.#from, polls };
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
    this.#polls.push({ at, after: this.#settledAt, names });
    this.#polledAt = at;
    if (at >= this.#returnedAt) this.#settledAt = at;
    this.#forget();
    return this.#judge();
  }

  /** Takes all entries of the log that are new at `readAt`, the oldest first. Answers like {@link see}. */
  tell(entries: readonly ActivityEntry[], readAt = this.#polledAt): UnseenStart[] {
    for (const entry of entries) {
      const { type, userId, itemId, date } = entry;
      if (!STARTS.has(type) || userId === '' || itemId === undefined || date === undefined) continue;
      if (date > this.#from) this.#waiting.push(entry);
    }
    const found = this.#judge();
    this.#waiting = this.#waiting.slice(-MOST_WAITING);
    // What is told later has happened later.
    const told = Math.min(this.#polledAt, readAt, ...this.#waiting.map(({ date = 0 }) => date));
    this.#polls = this.#polls.filter(({ at }) => at >= told - EARLY_MS);
    return found;
  }

  /** Leaves out what is not needed any more: plays that began are, until the log has told of them. */
  #forget(): void {
    const recent = this.#polls.length - MOST_POLLS;
    let begun = 0;
    const polls: Poll[] = [];
    for (const [index, poll] of [...this.#polls.entries()].reverse()) {
      if (index < recent || this.#polledAt - poll.at > REMEMBERED_MS) {
        for (const [name, sighting] of poll.names) if (sighting.begun === 0) poll.names.delete(name);
      }
      if (poll.names.size === 0) continue;
      for (const sighting of poll.names.values()) begun += sighting.begun;
      if (begun > MOST_BEGUN) {
        this.#from = Math.max(this.#from, poll.at + EARLY_MS);
        break;
      }
      polls.push(poll);
    }
    this.#polls = polls.reverse();
  }

  #judge(): UnseenStart[] {
    const due = this.#waiting.filter(({ date = 0 }) => date + LATE_MS <= this.#settledAt);
    if (due.length === 0) return [];
    this.#waiting = this.#waiting.filter((entry) => !due.includes(entry));
    return due.flatMap((entry) => this.#unseen(entry) ?? []);
  }

  #unseen(entry: ActivityEntry): UnseenStart | undefined {
    const { date = 0 } = entry;
    const name = nameOf(entry);
    let kind: PlayKind | undefined;
    for (const { at, after, names } of this.#polls) {
      if (at < date - EARLY_MS) continue;
      if (after >= date + LATE_MS) break;
      const sighting = names.get(name);
      if (sighting !== undefined && sighting.begun > 0) {
        sighting.begun -= 1;
        return undefined;
      }
      if (at >= date && sighting !== undefined) kind = { mediaType: sighting.mediaType, method: sighting.method };
    }
    return { entry, ...(kind !== undefined && { kind }) };
  }
}

function nameOf({ userId, itemId }: ActivityEntry): string {
  return `${userId} ${itemId}`;
}
