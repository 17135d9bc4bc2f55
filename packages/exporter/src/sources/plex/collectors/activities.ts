import type { Clock } from '@media-exporter/metrics';
import type { PlexClient } from '../client.ts';
import type { ActivityReport } from '../parse/notification.ts';
import type { PlexActivity, PlexBackgroundJob } from '../state.ts';
import { allInTurn, OptionalEndpoint } from './endpoint.ts';

/** More than a server ever does at a time. */
const MOST = 1000;

/** What the server does without a viewer: asked for rarely, and followed by events in between. */
export class ActivityCollector {
  readonly #listed: OptionalEndpoint<readonly PlexActivity[]>;
  readonly #jobs: OptionalEndpoint<readonly PlexBackgroundJob[]>;
  #activities = new Map<string, PlexActivity>();

  constructor(client: PlexClient, clock: Clock) {
    this.#listed = new OptionalEndpoint({ clock, ask: () => client.activities() });
    this.#jobs = new OptionalEndpoint({ clock, ask: () => client.backgroundJobs() });
  }

  get activities(): readonly PlexActivity[] | undefined {
    // Without an answer that still holds, events tell only a part.
    return this.#listed.value && [...this.#activities.values()];
  }

  get jobs(): readonly PlexBackgroundJob[] | undefined {
    return this.#jobs.value;
  }

  /** Takes what an event told. */
  report({ ended, activity }: ActivityReport): void {
    if (ended) this.#activities.delete(activity.id);
    else if (this.#activities.size < MOST) this.#activities.set(activity.id, activity);
  }

  /** Told that the server is back, perhaps with another token: what it refused may be there now. */
  reset(): void {
    this.#listed.reset();
    this.#jobs.reset();
  }

  collect(): Promise<void> {
    return allInTurn([() => this.#list(), () => this.#jobs.refresh()]);
  }

  async #list(): Promise<void> {
    const listed = await this.#listed.refresh();
    if (listed !== undefined) this.#activities = new Map(listed.slice(0, MOST).map((item) => [item.id, item]));
  }
}
