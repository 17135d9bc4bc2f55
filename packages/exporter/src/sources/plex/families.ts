import { type Family, family, type Metric, type Sample } from '@media-exporter/metrics';
import * as plex from './families/catalogue-plex.ts';
import * as seed from './families/catalogue-seed.ts';
import { libraryFamilies } from './families/library.ts';
import { sessionFamilies } from './families/session.ts';
import { bit, inSeconds } from './families/units.ts';
import { type ServerLabel, serverLabels } from './labels.ts';
import type { PlexState, PlexTotals } from './state.ts';

export interface PlexFamiliesOptions {
  /** Whether the server answered the last time it was asked. */
  readonly up: boolean | undefined;
  /** Whether there are series of single sessions. */
  readonly sessionSeries: boolean;
}

/** All that {@link plexFamilies} can give. */
export const PLEX_CATALOGUE: readonly Metric[] = [...seed.SEED_CATALOGUE, ...plex.PLEX_ONLY_CATALOGUE];

/**
 * The native families of a Plex server. What is not known has no series. Nothing is hidden here: people and titles have
 * to be in `state` and `totals` as the privacy policy shows them.
 */
export function plexFamilies(state: PlexState, totals: PlexTotals, options: PlexFamiliesOptions): Family[] {
  const labels = serverLabels(state.server ?? state.lastServer);
  return [
    ...connectionFamilies(state, options.up, labels),
    ...playFamilies(totals),
    ...(state.server === undefined
      ? []
      : [
          ...serverFamilies(state, labels),
          ...libraryFamilies(state.server, state.libraries),
          ...sessionFamilies(state.sessions, labels, options),
          ...jobFamilies(state, labels),
          ...totalFamilies(totals, labels),
        ]),
  ];
}

type ServerLabels = Readonly<Record<ServerLabel, string>>;

/** What can be told of a server that has not answered yet. */
function connectionFamilies({ socket }: PlexState, up: boolean | undefined, labels: ServerLabels): Family[] {
  return [
    family(plex.UP, [[labels, bit(up)]]),
    family(plex.SOCKET_CONNECTED, [[labels, bit(socket.connected)]]),
    family(plex.SOCKET_RECONNECTS, [[labels, socket.reconnects]]),
    family(
      plex.SOCKET_MESSAGES,
      Object.entries(socket.messages).map(([type, count]) => [{ ...labels, type }, count]),
    ),
    family(plex.SOCKET_LAST_MESSAGE, [[labels, inSeconds(socket.lastMessageAt)]]),
  ];
}

/** The rows have the labels of their server with them. */
function playFamilies({ plays }: PlexTotals): Family[] {
  const samples = (field: 'plays' | 'seconds'): Sample[] =>
    plays.map((row) => ({ labels: row.labels, value: row[field] }));
  return [
    { metric: seed.PLAYS, samples: samples('plays') },
    { metric: seed.PLAY_SECONDS, samples: samples('seconds') },
  ];
}

function serverFamilies({ server, resources, update, accounts }: PlexState, labels: ServerLabels): Family[] {
  if (server === undefined) return [];
  const { version, platform, platformVersion } = server;
  const info = { ...labels, version, platform, platform_version: platformVersion };
  return [
    family(seed.SERVER_INFO, [[info, 1]]),
    family(plex.INFO, [[info, 1]]),
    family(plex.PASS, [[labels, bit(server.plexPass)]]),
    family(plex.REMOTE_ACCESS, [[labels, bit(server.remoteAccess)]]),
    family(plex.UPDATE, [[labels, bit(update?.available)]]),
    family(plex.ACCOUNTS, [[labels, accounts]]),
    family(plex.TRANSCODER_SESSIONS, [[labels, server.transcoderActiveVideoSessions]]),
    family(seed.HOST_CPU, [[labels, resources?.hostCpuPercent]]),
    family(seed.HOST_MEMORY, [[labels, resources?.hostMemoryPercent]]),
    family(plex.HOST_CPU_RATIO, [[labels, ratio(resources?.hostCpuPercent)]]),
    family(plex.HOST_MEMORY_RATIO, [[labels, ratio(resources?.hostMemoryPercent)]]),
    family(plex.PROCESS_CPU_RATIO, [[labels, ratio(resources?.processCpuPercent)]]),
    family(plex.PROCESS_MEMORY_RATIO, [[labels, ratio(resources?.processMemoryPercent)]]),
  ];
}

const SCAN = 'library.update.section';
const DOWNLOAD = 'media.download';

/** A server that writes anything else as a type gets no series of its own for it. */
const ACTIVITY_TYPE = /^[A-Za-z]{1,32}(\.[A-Za-z]{1,32}){0,5}$/;

function jobFamilies({ activities, backgroundJobs }: PlexState, labels: ServerLabels): Family[] {
  const boundedType = (type: string): string => (ACTIVITY_TYPE.test(type) ? type : 'other');
  const running = activities?.map(({ type }) => boundedType(type));
  const counts = running && [...countEach(running, [SCAN, DOWNLOAD])];
  return [
    family(
      plex.ACTIVITIES_RUNNING,
      counts?.map(([type, count]) => [{ ...labels, type }, count]),
    ),
    family(plex.DOWNLOADS, running && [[labels, running.filter((type) => type === DOWNLOAD).length]]),
    family(plex.BACKGROUND_JOBS, [[labels, backgroundJobs?.length]]),
  ];
}

function totalFamilies(totals: PlexTotals, labels: ServerLabels): Family[] {
  const { transmitted } = totals;
  return [
    family(seed.ESTIMATED_BYTES, [[labels, totals.estimatedBytes]]),
    family(seed.TRANSMIT_BYTES, [[labels, transmitted?.reduce((sum, { bytes }) => sum + bytes, 0)]]),
    family(
      plex.TRANSMITTED,
      transmitted?.map(({ scope, account, bytes }) => [{ ...labels, location: scope, account }, bytes]),
    ),
    family(plex.BUFFERING, [[labels, totals.bufferingEvents]]),
    family(plex.ERRORS, [[labels, totals.errorEvents]]),
  ];
}

/** How often each value is there; `always` are there with 0 at least. */
function countEach(values: readonly string[], always: readonly string[]): Map<string, number> {
  const counts = new Map(always.map((value) => [value, 0]));
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function ratio(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : percent / 100;
}
