import type { Family, Metric } from '@media-exporter/metrics';
import { ENDPOINTS } from '../endpoints.ts';
import { PLAY_COUNTS_CATALOGUE, playCountFamilies } from '../families/items.ts';
import { itemsQuery } from '../library/items-query.ts';
import { Kept } from '../pacing/kept.ts';
import { LATE } from '../pacing/lately.ts';
import { Rest } from '../pacing/rest.ts';
import { type PlayedItem, parsePlayed } from '../parse/recent.ts';
import { parseUsers } from '../parse/users.ts';
import type { JellyfinState, JellyfinUser } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** The least rest between two users, ms; it is longer where the answer took longer. */
const REST_MS = 1_000;
/** The server does not note each activity of a user, but one a minute. */
const ACTIVITY_MS = 120_000;
/** More users are not asked for. */
const MOST_USERS = 500;

/** What one user has played, as of a time by the server's clock. */
interface Played {
  readonly at: number;
  readonly items: readonly PlayedItem[];
}

/** How often items were played. Each user is asked for alone, and again only after having been active. */
export class PlayCountsCollector implements JellyfinCollector {
  readonly name = 'play_counts';
  readonly line = 'slow';
  /** It knows itself when it is too old. */
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[] = PLAY_COUNTS_CATALOGUE;
  readonly #context: CollectorContext;
  readonly #rest: Rest;
  readonly #most: Kept<readonly PlayedItem[]>;
  #played: ReadonlyMap<string, Played> = new Map();

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#rest = new Rest(context.clock);
    this.#most = new Kept(context.clock, context.settings.counts_interval * 3_000);
  }

  interval(): number {
    return this.#context.settings.counts_interval * 1000;
  }

  /** What a scan interrupts goes on with the next run. */
  async run(): Promise<void> {
    const { client, clock, shared, settings } = this.#context;
    const ask = async (): Promise<readonly JellyfinUser[]> => (await client.json(ENDPOINTS.users, parseUsers)).value;
    const users = await shared.users.get(clock.now(), settings.users_interval * LATE, ask);
    const players = users.filter(({ lastActivity }) => lastActivity !== undefined).slice(0, MOST_USERS);
    const played = new Map(players.flatMap(({ id }) => entry(id, this.#played.get(id))));
    this.#played = played;
    let took = 0;
    for (const { id } of players.filter((user) => isDue(user, played.get(user.id)))) {
      await this.#rest.wait(Math.max(REST_MS, took));
      if (this.#rest.stopped || shared.scanRunning === true) return;
      const started = clock.now();
      const at = shared.serverClock.now();
      const query = playedQuery(id, settings.play_counts_limit);
      const { value: items } = await client.json(ENDPOINTS.items, parsePlayed, { query });
      played.set(id, { at, items });
      took = clock.now() - started;
    }
    this.#most.set(mostPlayed(played.values(), settings.play_counts_limit));
  }

  families(): readonly Family[] {
    const most = this.#context.shared.up === false ? undefined : this.#most.value;
    return most === undefined ? [] : playCountFamilies(most, this.#context.privacy);
  }

  state(): Partial<JellyfinState> {
    return {};
  }

  stop(): void {
    this.#rest.stop();
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new PlayCountsCollector(context);
}

/** Whoever was not active since can have played nothing. */
function isDue({ lastActivity = 0 }: JellyfinUser, known: Played | undefined): boolean {
  return known === undefined || lastActivity >= known.at - ACTIVITY_MS;
}

function entry(id: string, played: Played | undefined): [string, Played][] {
  return played === undefined ? [] : [[id, played]];
}

/** Not only of played items: one that was begun and not finished is none for the server. */
function playedQuery(userId: string, limit: number): string {
  return itemsQuery({
    userId,
    includeItemTypes: 'Movie,Episode,Audio',
    enableImages: false,
    enableTotalRecordCount: false,
    sortBy: 'PlayCount',
    sortOrder: 'Descending',
    limit,
  });
}

function mostPlayed(users: Iterable<Played>, limit: number): PlayedItem[] {
  const sums = new Map<string, PlayedItem>();
  for (const { items } of users) {
    for (const item of items) sums.set(item.id, { ...item, plays: item.plays + (sums.get(item.id)?.plays ?? 0) });
  }
  return [...sums.values()].sort((a, b) => b.plays - a.plays || (a.id < b.id ? -1 : 1)).slice(0, limit);
}
