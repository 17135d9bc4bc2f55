import type { Clock, Family } from '@media-exporter/metrics';
import { Secret } from '../../../config/secrets.ts';
import type { Logger } from '../../../log.ts';
import { PrivacyFilter } from '../../privacy.ts';
import { type HttpStreams, JellyfinClient } from '../client.ts';
import type { CollectorContext } from '../collectors/collector.ts';
import { ServerClock } from '../server-clock.ts';
import { JELLYFIN_DEFAULTS, type JellyfinSettings } from '../settings.ts';
import { Shared } from '../shared.ts';

export interface TestContext extends CollectorContext {
  /** What was put, as it would be read after a restart. */
  readonly kept: Map<string, unknown>;
}

/** What a collector is made with, around a server and a clock of the test's own. Nobody is hidden. */
export function testContext(
  http: HttpStreams,
  clock: Clock,
  settings: Partial<JellyfinSettings> = {},
  shared: Shared = new Shared(new ServerClock(clock)),
): TestContext {
  const kept = new Map<string, unknown>();
  const privacy = new PrivacyFilter({ users: 'clear', titles: 'clear', addresses: 'clear', key: new Secret('test') });
  return {
    settings: { ...JELLYFIN_DEFAULTS, name: 'test', url: 'http://jellyfin', ...settings },
    client: new JellyfinClient(http, JELLYFIN_DEFAULTS.max_response_bytes),
    clock,
    random: () => 0.5,
    log: { info() {}, warn() {}, error() {}, debug() {} } as unknown as Logger,
    privacy,
    renewSecret: async () => false,
    saved: {
      put(key, value) {
        // As JSON, since that is what a store gives back.
        if (value === undefined) kept.delete(key);
        else kept.set(key, JSON.parse(JSON.stringify(value)));
      },
    },
    shared,
    kept,
  };
}

/** The values of a family by its label values, joined with a comma; of none where it is not there. */
export function values(families: Iterable<Family>, name: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { metric, samples } of families) {
    if (metric.name !== name) continue;
    for (const { labels, value } of samples) found[labels.join(',')] = value as number;
  }
  return found;
}
