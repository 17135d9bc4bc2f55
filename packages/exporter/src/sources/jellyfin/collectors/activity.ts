import type { Family, Metric } from '@media-exporter/metrics';
import { Tally } from '@media-exporter/model';
import { ENDPOINTS } from '../endpoints.ts';
import { ACTIVITY_CATALOGUE, activityFamilies } from '../families/activity.ts';
import { Rest } from '../pacing/rest.ts';
import { parseActivity } from '../parse/activity.ts';
import { fields, number } from '../parse/json.ts';
import type { ActivityEntry, JellyfinState } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

const PAGE = 100;
/** A log that grew by more since the last look is counted up to here, and from its newest entry on. */
const MOST_PAGES = 50;
/** Before a further page: mostly there is none. */
const REST_MS = 1_000;
/** Entries are written a little out of the order of their dates. */
const OVERLAP_MS = 5_000;

/** The last moment that a date can have, ms. */
const LAST_DATE = 8.64e15;

/** Up to where the log was counted. */
interface Mark {
  readonly id: number;
  readonly date: number;
}

/** Counts what the activity log tells, from the first look on. */
export class ActivityCollector implements JellyfinCollector {
  readonly name = 'activity';
  readonly line = 'fast';
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[] = ACTIVITY_CATALOGUE;
  readonly #context: CollectorContext;
  readonly #rest: Rest;
  #tally = new Tally<'events'>(['events']);
  #mark: Mark | undefined;

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#rest = new Rest(context.clock);
  }

  interval(): number {
    return this.#context.settings.activity_interval * 1000;
  }

  async run(): Promise<void> {
    const mark = this.#mark;
    if (mark === undefined) {
      const [newest] = await this.#page('?startIndex=0&limit=1');
      this.#moveTo(newest, this.#context.shared.serverClock.now());
      return;
    }
    const { shared } = this.#context;
    const readAt = shared.serverClock.now();
    const entries = await this.#since(mark);
    if (entries === undefined) return;
    const newest = entries.reduce((most, { id }) => Math.max(most, id), Number.NEGATIVE_INFINITY);
    // Ids that began anew are those of another database: its history is not counted either.
    if (newest < mark.id) {
      if (entries.length > 0) this.#moveTo(entries[0], mark.date);
      return;
    }
    const fresh = entries.filter(({ id }) => id > mark.id).sort((a, b) => a.id - b.id);
    for (const { type, severity } of fresh) this.#tally.add([type, severity], { events: 1 }, mark.date);
    if (fresh.length > 0) this.#moveTo(fresh.at(-1), mark.date);
    shared.tellActivity(fresh, readAt);
  }

  families(): readonly Family[] {
    return this.#mark === undefined ? [] : activityFamilies(this.#tally.rows());
  }

  state(): Partial<JellyfinState> {
    return {};
  }

  restore(saved: ReadonlyMap<string, unknown>): void {
    const mark = fields(saved.get('mark'));
    const id = number(mark?.id);
    const date = number(mark?.date);
    if (id !== undefined && date !== undefined && date > 0 && date <= LAST_DATE) this.#mark = { id, date };
    const rows = [...saved].flatMap(([key, row]) =>
      key.startsWith('row ') ? (Tally.parseRow(row, ['events'], 2) ?? []) : [],
    );
    this.#tally = new Tally(['events'], rows);
  }

  stop(): void {
    this.#rest.stop();
  }

  /**
   * The entries since the mark and a little before it, newest first, each once: what is logged meanwhile moves entries to
   * later pages. Nothing when it was stopped: the next look begins at the same mark.
   */
  async #since({ id, date }: Mark): Promise<ActivityEntry[] | undefined> {
    const from = encodeURIComponent(new Date(date - OVERLAP_MS).toISOString());
    const entries = new Map<number, ActivityEntry>();
    for (let page = 0; page < MOST_PAGES; page++) {
      if (page > 0) await this.#rest.wait(REST_MS);
      if (this.#rest.stopped) return undefined;
      const found = await this.#page(`?startIndex=${page * PAGE}&limit=${PAGE}&minDate=${from}`);
      for (const entry of found) entries.set(entry.id, entry);
      if (found.length < PAGE || found.some((entry) => entry.id <= id)) break;
    }
    return [...entries.values()];
  }

  async #page(query: string): Promise<ActivityEntry[]> {
    const { client, shared } = this.#context;
    const { value, date } = await client.json(ENDPOINTS.activity, parseActivity, { query });
    shared.serverClock.tell(date);
    return value;
  }

  /** Keeps the mark with what was counted up to it, so that a restart counts no entry twice. */
  #moveTo(entry: ActivityEntry | undefined, otherwise: number): void {
    const { saved } = this.#context;
    this.#mark = { id: entry?.id ?? 0, date: entry?.date ?? otherwise };
    saved.put('mark', this.#mark);
    for (const [key, row] of this.#tally.takeChanges()) saved.put(`row ${key}`, row);
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new ActivityCollector(context);
}
