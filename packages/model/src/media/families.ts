import { type Family, family, type Metric, type Row, type SampleValue } from '@media-exporter/metrics';
import type { Durations, ServerState, TranscodeKind, TranscodeState } from '../state/server.ts';
import {
  BANDWIDTH,
  CHANNELS,
  JOB_DURATION,
  JOBS,
  LIBRARY_DURATION,
  LIBRARY_ITEMS,
  LIBRARY_SIZE,
  PARTICIPANTS,
  PROVIDER_CONNECTIONS,
  PROVIDER_LIMIT,
  PROVIDER_UP,
  ROOMS,
  SERVER_INFO,
  SERVER_UP,
  TRACK_BYTES,
  TRACK_SCORE,
  TRACKS,
  TRANSCODE_SPEED,
  TRANSCODES,
  type TranscodeLabel,
  USERS,
} from './catalogue.ts';
import { type Fold, foldedFamily } from './rows.ts';
import { type Common, type MediaTotals, sessionCount, sessionFamilies, totalFamilies } from './sessions.ts';

export interface MediaOptions {
  /** Whether single sessions are told of, with the people in them. Off unless asked for. */
  readonly sessions?: boolean;
}

/**
 * The `media_*` families of one server. What is not known of it has no family, and no row.
 *
 * @param server the name of the source.
 */
export function mediaFamilies(
  server: string,
  state: ServerState,
  totals: MediaTotals = {},
  options: MediaOptions = {},
): Family[] {
  const common = { server, platform: state.platform };
  const { sessions } = state;
  // It is read twice, and an iterator could be read only once.
  const plays = totals.plays === undefined ? undefined : [...totals.plays];
  const families = [
    ...serverFamilies(common, state),
    ...(sessions === undefined ? [] : [sessionCount(common, sessions, plays ?? [])]),
    ...(sessions !== undefined && options.sessions === true ? sessionFamilies(common, sessions) : []),
    ...totalFamilies(common, { ...totals, ...(plays !== undefined && { plays }) }),
    ...transcodeFamilies(common, state.transcodes),
    ...libraryFamilies(common, state),
    ...providerFamilies(common, state),
    ...jobFamilies(common, state),
    ...roomFamilies(common, state),
  ];
  return families.filter(({ samples }) => !samples[Symbol.iterator]().next().done);
}

const least: Fold = (a, b) => Math.min(a, b);

function serverFamilies(common: Common, { up, version, bandwidth, users }: ServerState): Family[] {
  return [
    family(SERVER_UP, [[common, up === undefined ? undefined : Number(up)]]),
    family(SERVER_INFO, version === undefined ? [] : [[{ ...common, version }, 1]]),
    rows(BANDWIDTH, bandwidth, ({ scope, bitsPerSecond }) => [{ ...common, scope }, bitsPerSecond]),
    family(USERS, [
      [{ ...common, state: 'active' }, users?.active],
      [{ ...common, state: 'inactive' }, users?.inactive],
    ]),
  ];
}

const KINDS: readonly TranscodeKind[] = ['video', 'audio', 'both'];

function transcodeFamilies(common: Common, transcodes: readonly TranscodeState[] | undefined): Family[] {
  if (transcodes === undefined) return [];
  const zeros = KINDS.map((kind): Row<TranscodeLabel> => [{ ...common, kind, hardware: 'none' }, 0]);
  const labels = ({ kind, hardware = '' }: TranscodeState) => ({ ...common, kind, hardware });
  const told = transcodes.filter(({ speedRatio }) => speedRatio !== undefined);
  return [
    foldedFamily(TRANSCODES, [...zeros, ...transcodes.map((job): Row<TranscodeLabel> => [labels(job), 1])]),
    rows(TRANSCODE_SPEED, told, (job) => [labels(job), job.speedRatio], least),
  ];
}

function libraryFamilies(common: Common, { libraries }: ServerState): Family[] {
  const held = (library: string, mediaType: string) => ({ ...common, library, media_type: mediaType });
  return [
    rows(LIBRARY_ITEMS, libraries, ({ library, mediaType, items }) => [held(library, mediaType), items]),
    rows(LIBRARY_SIZE, libraries, ({ library, mediaType, sizeBytes }) => [held(library, mediaType), sizeBytes]),
    rows(LIBRARY_DURATION, libraries, ({ library, mediaType, durationSeconds }) => [
      held(library, mediaType),
      durationSeconds,
    ]),
  ];
}

function providerFamilies(common: Common, { channels, providers }: ServerState): Family[] {
  return [
    rows(CHANNELS, channels, ({ provider, channels: count }) => [{ ...common, provider }, count]),
    rows(PROVIDER_UP, providers, ({ provider, up }) => [{ ...common, provider }, up === undefined ? up : +up], least),
    rows(PROVIDER_CONNECTIONS, providers, ({ provider, connections }) => [{ ...common, provider }, connections]),
    rows(PROVIDER_LIMIT, providers, ({ provider, connectionsLimit }) => [{ ...common, provider }, connectionsLimit]),
  ];
}

function jobFamilies(common: Common, { jobs = [] }: ServerState): Family[] {
  return [
    rows(JOBS, jobs, ({ job, outcome, runs }) => [{ ...common, job, outcome }, runs]),
    family(
      JOB_DURATION,
      jobs.map(({ job, outcome, durations }) => [{ ...common, job, outcome }, durations && histogram(durations)]),
    ),
  ];
}

function roomFamilies(common: Common, { rooms, tracks }: ServerState): Family[] {
  const tracked = (direction: string, kind: string) => ({ ...common, direction, kind });
  return [
    family(ROOMS, [[common, rooms?.rooms]]),
    family(PARTICIPANTS, [[common, rooms?.participants]]),
    rows(TRACKS, tracks, ({ direction, kind, tracks: count }) => [tracked(direction, kind), count]),
    family(
      TRACK_SCORE,
      (tracks ?? []).map(({ direction, kind, meanScore }) => [tracked(direction, kind), meanScore]),
    ),
    rows(TRACK_BYTES, tracks, ({ direction, kind, bytes }) => [tracked(direction, kind), bytes]),
  ];
}

function rows<L extends string, T>(
  metric: Metric<L>,
  items: readonly T[] | undefined,
  row: (item: T) => Row<L>,
  fold?: Fold,
): Family {
  return foldedFamily(metric, (items ?? []).map(row), fold);
}

function histogram({ count, sumSeconds, buckets }: Durations): SampleValue {
  return {
    count,
    sum: sumSeconds,
    buckets: buckets.map((bucket) => ({ upperBound: bucket.upToSeconds, count: bucket.count })),
  };
}
