import type { Family, Metric } from '@media-exporter/metrics';
import { ENDPOINTS } from '../endpoints.ts';
import { USERS_CATALOGUE, usersFamilies } from '../families/users.ts';
import { parseUsers } from '../parse/users.ts';
import type { JellyfinState, JellyfinUser } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** Runs are spread a little: by then another list is due. */
const EARLY = 0.9;

/** The accounts. They cost the server some milliseconds each, so they are asked for seldom. */
export class UsersCollector implements JellyfinCollector {
  readonly name = 'users';
  readonly line = 'slow';
  readonly startsDuringScan = true;
  readonly staysVisible = false;
  readonly catalogue: readonly Metric[] = USERS_CATALOGUE;
  readonly #context: CollectorContext;
  #users: readonly JellyfinUser[] | undefined;

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  interval(): number {
    return this.#context.settings.users_interval * 1000;
  }

  async run(): Promise<void> {
    const { client, clock, shared } = this.#context;
    const ask = async (): Promise<readonly JellyfinUser[]> => (await client.json(ENDPOINTS.users, parseUsers)).value;
    this.#users = await shared.users.get(clock.now(), this.interval() * EARLY, ask);
  }

  families(): readonly Family[] {
    return this.#users === undefined ? [] : usersFamilies(this.#users, this.#context.privacy);
  }

  state(): Partial<JellyfinState> {
    return this.#users === undefined ? {} : { users: this.#users };
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new UsersCollector(context);
}
