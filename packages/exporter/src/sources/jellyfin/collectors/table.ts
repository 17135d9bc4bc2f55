import type { EndpointName } from '../endpoints.ts';
import type { JellyfinSettings } from '../settings.ts';
import type { CollectorName, CreateCollector } from './collector.ts';

/** Where the collectors are: only those that are asked for are loaded. */
export const COLLECTORS: Readonly<Record<CollectorName, () => Promise<{ readonly create: CreateCollector }>>> = {
  system: () => import('./system.ts'),
  sessions: () => import('./sessions.ts'),
  playback: () => import('./playback.ts'),
  activity: () => import('./activity.ts'),
  users: () => import('./users.ts'),
  tasks: () => import('./tasks.ts'),
  storage: () => import('./storage.ts'),
  library: () => import('./library.ts'),
  library_walk: () => import('./library-walk.ts'),
  play_counts: () => import('./play-counts.ts'),
  recently_added: () => import('./recently-added.ts'),
  devices: () => import('./devices.ts'),
  playback_reporting: () => import('./playback-reporting.ts'),
  process: () => import('./process.ts'),
  transcode_jobs: () => import('./transcode-jobs.ts'),
  transcode_logs: () => import('./transcode-logs.ts'),
  geoip: () => import('./geoip.ts'),
};

/** What a collector lives on, which then runs too, unseen. */
const NEEDS: Partial<Readonly<Record<CollectorName, readonly CollectorName[]>>> = {
  playback: ['sessions', 'activity'],
  transcode_jobs: ['tasks'],
  transcode_logs: ['sessions', 'tasks'],
  users: ['tasks'],
  storage: ['tasks'],
  library: ['tasks'],
  library_walk: ['tasks'],
  play_counts: ['tasks'],
  recently_added: ['tasks'],
  devices: ['tasks'],
  playback_reporting: ['tasks'],
  geoip: ['sessions'],
};

/** What every source asks the server for, to see whether it is up. */
const LOOK: readonly EndpointName[] = ['health', 'system_info'];

/** What each asks the server for. */
const ASKS: Readonly<Record<CollectorName, readonly EndpointName[]>> = {
  system: ['plugins', 'encoding'],
  sessions: ['sessions'],
  playback: [],
  activity: ['activity'],
  users: ['users'],
  tasks: ['tasks'],
  storage: ['storage'],
  library: ['items_counts', 'items', 'libraries'],
  library_walk: ['libraries', 'items'],
  play_counts: ['users', 'items'],
  recently_added: ['libraries', 'items'],
  devices: ['devices'],
  playback_reporting: ['playback_reporting'],
  process: ['metrics'],
  transcode_jobs: ['logs'],
  transcode_logs: ['logs', 'log'],
  geoip: [],
};

/** What a source that collects `wanted` asks the server for, by the names of the endpoints. */
export function endpointsOf(wanted: readonly CollectorName[]): ReadonlySet<EndpointName> {
  return new Set([...LOOK, ...withNeeds(wanted).flatMap((name) => ASKS[name])]);
}

/** The collectors that settings ask for. */
export function collectorsOf({ collectors, geoip_file }: JellyfinSettings): readonly CollectorName[] {
  // The one tells what the other does, by the same list.
  const own = collectors.includes('transcode_logs')
    ? collectors.filter((name) => name !== 'transcode_jobs')
    : collectors;
  return geoip_file === undefined ? own : [...own, 'geoip'];
}

/** The collectors that have to run so that `wanted` can, each once. Whether the server is up is always looked at. */
export function collectorsFor(wanted: readonly CollectorName[]): readonly CollectorName[] {
  return [...new Set(['system' as const, ...withNeeds(wanted)])];
}

function withNeeds(wanted: readonly CollectorName[]): readonly CollectorName[] {
  return wanted.flatMap((name) => [...(NEEDS[name] ?? []), name]);
}
