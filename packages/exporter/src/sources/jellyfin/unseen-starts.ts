import type { SeenPlay } from './play-book.ts';
import type { ActivityEntry } from './state.ts';

const STARTS: ReadonlySet<string> = new Set(['VideoPlayback', 'AudioPlayback', 'Playback']);
/** How far a poll may be dated before a start that it shows: the server's clock is known to a second. */
const EARLY_MS = 1_500;
/** A poll that is dated later than this after a start must show it: an answer may be a few seconds old. */
const LATE_MS = 4_000;
/** How long polls are remembered: the log is read each minute, and may fail for a while. */
const REMEMBERED_MS = 900_000;
const MOST_POLLS = 200;
const MOST_WAITING = 1_000;

interface Poll {
  readonly at: number;
  /** By user and item: plays that began or were rewound and have not been matched with the log, and the others. */
  readonly names: Map<string, { begun: number; rewound: number; known: number }>;
}

/** Starts that wait to be judged and what was seen of them: plain, so that a restart loses none. */
export interface SavedStarts {
  readonly waiting: readonly ActivityEntry[];
  readonly polls: readonly { readonly at: number; readonly names: Readonly<Record<string, readonly number[]>> }[];
}

/**
 * Finds the starts that the activity log tells of and no poll has seen, since they were over before the next one. A start
 * is matched with a play that began at the first poll after it. What goes on, or was resumed, was started again where it
 * was; one that goes on from an earlier position is another play.
 */
export class UnseenStarts {
  #polls: Poll[] = [];
  #waiting: ActivityEntry[] = [];
  /** What began before is counted, or was told of, before a restart of the exporter. */
  readonly #from: number;

  constructor(from = Number.NEGATIVE_INFINITY, saved: SavedStarts = { waiting: [], polls: [] }) {
    this.#from = from;
    this.#waiting = [...saved.waiting];
    this.#polls = saved.polls.map(({ at, names }) => ({
      at,
      names: new Map(
        Object.entries(names).map(([name, [begun = 0, rewound = 0, known = 0]]) => [name, { begun, rewound, known }]),
      ),
    }));
  }

  /** What has to be kept, since the log is not asked for it again; `undefined` when nothing waits, as mostly. */
  save(): SavedStarts | undefined {
    if (this.#waiting.length === 0) return undefined;
    const oldest = Math.min(...this.#waiting.map(({ date = 0 }) => date));
    const wanted = new Set(this.#waiting.map(nameOf));
    const polls = this.#polls
      .filter(({ at }) => at >= oldest - EARLY_MS)
      .map(({ at, names }) => ({
        at,
        names: Object.fromEntries(
          [...names].flatMap(([name, { begun, rewound, known }]) =>
            wanted.has(name) ? [[name, [begun, rewound, known]]] : [],
          ),
        ),
      }));
    return { waiting: this.#waiting, polls };
  }

  /** Takes the plays of a poll. Answers the starts that nobody has seen. */
  see(at: number, plays: readonly SeenPlay[]): ActivityEntry[] {
    const names: Poll['names'] = new Map();
    for (const { session, item, change } of plays) {
      const name = `${session.userId} ${item}`;
      const counts = names.get(name) ?? { begun: 0, rewound: 0, known: 0 };
      counts[change === 'begun' || change === 'rewound' ? change : 'known'] += 1;
      names.set(name, counts);
    }
    this.#polls.push({ at, names });
    this.#polls = this.#polls.filter((poll) => at - poll.at <= REMEMBERED_MS).slice(-MOST_POLLS);
    return this.#judge();
  }

  /** Takes new entries of the log, the oldest first. Answers like {@link see}. */
  tell(entries: readonly ActivityEntry[]): ActivityEntry[] {
    for (const entry of entries) {
      const { type, userId, itemId, date } = entry;
      if (!STARTS.has(type) || userId === '' || itemId === undefined || date === undefined) continue;
      if (date > this.#from) this.#waiting.push(entry);
    }
    this.#waiting = this.#waiting.slice(-MOST_WAITING);
    return this.#judge();
  }

  #judge(): ActivityEntry[] {
    const newest = this.#polls.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    const due = this.#waiting.filter(({ date = 0 }) => date + LATE_MS <= newest);
    if (due.length === 0) return [];
    this.#waiting = this.#waiting.filter((entry) => !due.includes(entry));
    return due.filter((entry) => !this.#wasSeen(entry));
  }

  #wasSeen(entry: ActivityEntry): boolean {
    const { date = 0 } = entry;
    const name = nameOf(entry);
    let known = false;
    for (const poll of this.#polls) {
      if (poll.at < date - EARLY_MS) continue;
      const counts = poll.names.get(name);
      if (counts !== undefined && counts.begun > 0) {
        counts.begun -= 1;
        return true;
      }
      if (counts !== undefined && counts.rewound > 0) {
        counts.rewound -= 1;
        return false;
      }
      known ||= counts !== undefined && counts.known > 0;
      if (poll.at >= date + LATE_MS) break;
    }
    return known;
  }
}

function nameOf({ userId, itemId }: ActivityEntry): string {
  return `${userId} ${itemId}`;
}
