import { dateText, type JsonObject, ZERO_ID } from './text.ts';

export interface ActivityEntry {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly date: number;
  /** `VideoPlayback`, `AuthenticationFailed` … */
  readonly type: string;
  /** What a person reads; localized on a real server. */
  readonly name: string;
  readonly userId: string;
  readonly itemId?: string | undefined;
  readonly shortOverview?: string | undefined;
  readonly severity: 'Information' | 'Warning' | 'Error';
}

export interface NewEntry {
  readonly type: string;
  readonly name: string;
  readonly userId?: string | undefined;
  readonly itemId?: string | undefined;
  readonly shortOverview?: string | undefined;
  readonly severity?: ActivityEntry['severity'];
}

/** The activity log, which survives restarts. */
export class ActivityLog {
  readonly #now: () => number;
  readonly #changed: () => void;
  #entries: ActivityEntry[] = [];
  #last = 0;

  /** @param now the server's date. @param changed is told of each new entry. */
  constructor(now: () => number, changed: () => void) {
    this.#now = now;
    this.#changed = changed;
  }

  /** Oldest first. */
  get entries(): readonly ActivityEntry[] {
    return this.#entries;
  }

  add({ severity = 'Information', userId = ZERO_ID, ...entry }: NewEntry): void {
    this.#last += 1;
    this.#entries.push({ ...entry, severity, userId, id: this.#last, date: this.#now() });
    this.#changed();
  }

  /** A lost database: the ids begin at 1 again. */
  reset(): void {
    this.#entries = [];
    this.#last = 0;
  }

  /** How many there are by type. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { type } of this.#entries) counts[type] = (counts[type] ?? 0) + 1;
    return counts;
  }
}

export function activityJson(entry: ActivityEntry): JsonObject {
  return {
    Id: entry.id,
    Name: entry.name,
    ShortOverview: entry.shortOverview,
    Type: entry.type,
    ItemId: entry.itemId,
    Date: dateText(entry.date),
    UserId: entry.userId,
    Severity: entry.severity,
  };
}
