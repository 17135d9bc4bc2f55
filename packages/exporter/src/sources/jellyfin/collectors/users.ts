import type { Family, Metric } from '@media-exporter/metrics';
import { ENDPOINTS } from '../endpoints.ts';
import { USERS_CATALOGUE, usersFamilies } from '../families/users.ts';
import { parseUsers } from '../parse/users.ts';
import type { JellyfinState, JellyfinUser } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** The accounts. They cost the server some milliseconds each, so they are asked for seldom. */
export class UsersCollector implements JellyfinCollector {
  readonly name = 'users';
  readonly line = 'slow';
  readonly keeps = false;
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
    this.#users = (await client.json(ENDPOINTS.users, parseUsers)).value;
    shared.users.set(this.#users, clock.now());
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
