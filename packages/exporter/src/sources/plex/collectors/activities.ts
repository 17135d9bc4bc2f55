import type { Clock } from '@media-exporter/metrics';
import type { PlexClient } from '../client.ts';
import type { ActivityReport } from '../parse/notification.ts';
import type { PlexActivity, PlexBackgroundJob } from '../state.ts';
import { OptionalEndpoint } from './endpoint.ts';

/** More than a server ever does at a time. */
const MOST = 1000;

/** What the server does without a viewer: asked for rarely, and followed by events in between. */
export class ActivityCollector {
  readonly #listed: OptionalEndpoint<readonly PlexActivity[]>;
  readonly #jobs: OptionalEndpoint<readonly PlexBackgroundJob[]>;
  #activities: Map<string, PlexActivity> | undefined;

  constructor(client: PlexClient, clock: Clock) {
    this.#listed = new OptionalEndpoint({ clock, ask: () => client.activities() });
    this.#jobs = new OptionalEndpoint({ clock, ask: () => client.backgroundJobs() });
  }

  get activities(): readonly PlexActivity[] | undefined {
    return this.#activities && [...this.#activities.values()];
  }

  get jobs(): readonly PlexBackgroundJob[] | undefined {
    return this.#jobs.value;
  }

  /** Takes what an event told; before the first answer it would be only a part. */
  report({ ended, activity }: ActivityReport): void {
    if (ended) this.#activities?.delete(activity.id);
    else if ((this.#activities?.size ?? 0) < MOST) this.#activities?.set(activity.id, activity);
  }

  /** Forgets what was known: it is too old. */
  forget(): void {
    this.#activities = undefined;
  }

  async collect(): Promise<void> {
    const listed = await this.#listed.refresh();
    if (listed !== undefined) this.#activities = new Map(listed.slice(0, MOST).map((item) => [item.id, item]));
    else if (this.#listed.missing) this.#activities = undefined;
    await this.#jobs.refresh();
  }
}
