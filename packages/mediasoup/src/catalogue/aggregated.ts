import { defineMetric, type Family, family, type Metric, type MetricType } from '@media-exporter/metrics';
import type { Aggregated, SfuState, Statistics } from '../state.ts';

/** One metric of the set, with how the state fills it. */
interface Entry {
  readonly metric: Metric;
  readonly value: (state: SfuState) => number | undefined;
}

/** The original calls every one of them by its name with `MediaSoup` before, and makes it a gauge. */
function gauge(name: string, value: Entry['value']): Entry {
  return { metric: defineMetric({ name: `mediasoup_${name}`, type: 'gauge', help: `MediaSoup ${name}` }), value };
}

type SetField = {
  [K in keyof Aggregated]-?: NonNullable<Aggregated[K]> extends Statistics ? K : never;
}[keyof Aggregated];

const SUMMED = ['sum', 'mean', 'min', 'max', 'p25'] as const;
const UNSUMMED = ['mean', 'min', 'max', 'p25'] as const;

function statistics(name: string, field: SetField, parts: readonly (keyof Statistics)[]): Entry[] {
  return parts.map((part) =>
    gauge(`${name}_${part}`, ({ aggregated }) => {
      if (aggregated === undefined) return undefined;
      // The sum of nothing is 0; its mean is not known.
      return aggregated[field]?.[part] ?? (part === 'sum' ? 0 : undefined);
    }),
  );
}

/** Over all workers alive; undefined when that of one is not known, or there is none. */
function sumOf({ workers }: SfuState, field: 'cores' | 'residentMemory'): number | undefined {
  const values = workers.filter(({ alive }) => alive).map((worker) => worker[field]);
  return values.reduce(
    (a, b) => (a === undefined || b === undefined ? undefined : a + b),
    values.length === 0 ? undefined : 0,
  );
}

/** What prom-client's default metrics told under the prefix of the original: the process that embeds mediasoup. */
function own(name: string, type: MetricType, help: string, value: Entry['value']): Entry {
  return { metric: defineMetric({ name: `mediasoup_${name}`, type, help }), value };
}

const ENTRIES: readonly Entry[] = [
  gauge('workers_count', ({ workers }) => workers.filter(({ alive }) => alive).length),
  gauge('workers_cpu', (state) => sumOf(state, 'cores')),
  gauge('workers_memory', (state) => sumOf(state, 'residentMemory')),
  gauge('rooms', ({ rooms }) => rooms),
  gauge('peers', ({ peers }) => peers),
  gauge('audio_in_count', ({ aggregated }) => aggregated?.audioIn),
  ...statistics('audio_bitrates_in', 'audioBitratesIn', SUMMED),
  ...statistics('audio_scores_in', 'audioScoresIn', UNSUMMED),
  gauge('video_in_count', ({ aggregated }) => aggregated?.videoIn),
  ...statistics('video_bitrates_in', 'videoBitratesIn', SUMMED),
  ...statistics('video_scores_in', 'videoScoresIn', UNSUMMED),
  ...statistics('packets_counts_in', 'packetCountsIn', SUMMED),
  ...statistics('packets_losts_in', 'packetLostsIn', SUMMED),
  ...statistics('packets_retransmitted_in', 'packetsRetransmittedIn', SUMMED),
  gauge('audio_out_count', ({ aggregated }) => aggregated?.audioOut),
  ...statistics('audio_bitrates_out', 'audioBitratesOut', SUMMED),
  gauge('video_out_count', ({ aggregated }) => aggregated?.videoOut),
  ...statistics('video_bitrates_out', 'videoBitratesOut', SUMMED),
  ...statistics('spatial_layers_out', 'spatialLayersOut', UNSUMMED),
  ...statistics('temporal_layers_out', 'temporalLayersOut', UNSUMMED),
  ...statistics('round_trip_times_out', 'roundTripTimesOut', UNSUMMED),
  own(
    'process_cpu_user_seconds_total',
    'counter',
    'User CPU time of the SFU application in seconds.',
    (s) => s.process.cpuUser,
  ),
  own(
    'process_cpu_system_seconds_total',
    'counter',
    'System CPU time of the SFU application in seconds.',
    (s) => s.process.cpuSystem,
  ),
  own(
    'process_cpu_seconds_total',
    'counter',
    'User and system CPU time of the SFU application in seconds.',
    (s) => s.process.cpuUser + s.process.cpuSystem,
  ),
  own(
    'process_start_time_seconds',
    'gauge',
    'When the SFU application started, seconds since the epoch.',
    (s) => s.process.started,
  ),
  own(
    'process_resident_memory_bytes',
    'gauge',
    'Resident memory of the SFU application in bytes.',
    (s) => s.process.residentMemory,
  ),
  own(
    'nodejs_eventloop_lag_mean_seconds',
    'gauge',
    'Mean delay of the event loop between the last two polls, beyond the time between two samples.',
    (s) => s.process.eventLoopLagMean,
  ),
  own(
    'nodejs_eventloop_lag_max_seconds',
    'gauge',
    'Longest delay of the event loop between the last two polls, beyond the time between two samples.',
    (s) => s.process.eventLoopLagMax,
  ),
  own('nodejs_heap_size_total_bytes', 'gauge', 'Size of the heap in bytes.', (s) => s.process.heapTotal),
  own('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use in bytes.', (s) => s.process.heapUsed),
  own('nodejs_external_memory_bytes', 'gauge', 'Memory outside the heap in bytes.', (s) => s.process.externalMemory),
];

const VERSION = defineMetric({
  name: 'mediasoup_nodejs_version_info',
  type: 'gauge',
  help: 'The version of Node.js that the SFU application runs on.',
  labels: { version: 'public', major: 'public', minor: 'public', patch: 'public' },
});

/** What `/metrics` of the original told, under its names. Its Grafana dashboard keeps working with it. */
export const AGGREGATED_CATALOGUE: readonly Metric[] = [...ENTRIES.map(({ metric }) => metric), VERSION];

/** Values from polls are absent until a worker has answered one; a statistic of no streams is absent rather than 0. */
export function aggregatedFamilies(state: SfuState): Family[] {
  const { node } = state.process;
  const [major = '', minor = '', patch = ''] = node.replace(/^v/, '').split('.');
  return [
    ...ENTRIES.map(({ metric, value }) => family(metric, value(state))),
    family(VERSION, [[{ version: node, major, minor, patch }, 1]]),
  ];
}
