import { defineMetric, type Family, family, type Metric, type MetricType } from '@media-exporter/metrics';
import type { GroupFigures, ProcessFigures, ProcessSource, RuntimeFigures } from '../process/figures.ts';

const COST = '/metrics of Jellyfin, or none';
const OWN = '/metrics of Jellyfin';

type Figure = keyof ProcessFigures;

function processMetric(name: string, type: MetricType, unit: string | undefined, help: string): Metric<'source'> {
  return defineMetric({
    name: `jellyfin_process_${name}`,
    type,
    help: `${help} source: its own metrics, pid (of this machine), or cgroup (with each ffmpeg).`,
    ...(unit === undefined ? {} : { unit }),
    labels: { source: 'public' },
    cost: COST,
  });
}

const FIGURES: Readonly<Record<Figure, Metric<'source'>>> = {
  cpuSeconds: processMetric(
    'cpu_seconds_total',
    'counter',
    'seconds',
    "Processor time of Jellyfin's process; ffmpeg's is not in it, unless from cgroup.",
  ),
  residentBytes: processMetric('resident_memory_bytes', 'gauge', 'bytes', "Memory of Jellyfin's process."),
  virtualBytes: processMetric('virtual_memory_bytes', 'gauge', 'bytes', "Address space of Jellyfin's process."),
  startTime: processMetric(
    'start_time_seconds',
    'gauge',
    'seconds',
    "When Jellyfin's process was started, since the epoch. A restart from its dashboard stays in the process.",
  ),
  threads: processMetric('threads', 'gauge', undefined, "Threads of Jellyfin's process."),
  openFiles: processMetric('open_fds', 'gauge', undefined, "Open files of Jellyfin's process."),
  readBytes: processMetric('read_bytes_total', 'counter', 'bytes', 'Bytes that were read from disks.'),
  writtenBytes: processMetric('written_bytes_total', 'counter', 'bytes', 'Bytes that were written to disks.'),
  receivedBytes: processMetric(
    'network_receive_bytes_total',
    'counter',
    'bytes',
    "Bytes that came over all sockets of Jellyfin's process.",
  ),
  sentBytes: processMetric(
    'network_transmit_bytes_total',
    'counter',
    'bytes',
    "Bytes that went over all sockets of Jellyfin's process: nearly all that is streamed.",
  ),
  cpus: processMetric(
    'cpus',
    'gauge',
    undefined,
    "Processors that Jellyfin's process may use; from cgroup its limit (cpu.max), if there is one.",
  ),
};

const SOURCE_UP = defineMetric({
  name: 'jellyfin_process_source_up',
  type: 'gauge',
  help: "Whether figures of Jellyfin's process could be read where they were looked for (1) or not (0). metrics is 0 where they are not switched on in system.xml, with EnableMetrics.",
  labels: { source: 'public' },
});
const REQUESTS = defineMetric({
  name: 'jellyfin_http_requests_total',
  type: 'counter',
  help: 'Requests that Jellyfin has answered, by status.',
  labels: { code: 'public' },
  cost: OWN,
});
const IN_PROGRESS = defineMetric({
  name: 'jellyfin_http_requests_in_progress',
  type: 'gauge',
  help: 'Requests that Jellyfin is answering.',
  cost: OWN,
});
const HEAP = defineMetric({
  name: 'jellyfin_dotnet_memory_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'Memory that the garbage collector of Jellyfin manages.',
  cost: OWN,
});
const COLLECTIONS = defineMetric({
  name: 'jellyfin_dotnet_collections_total',
  type: 'counter',
  help: 'Garbage collections of Jellyfin by generation.',
  labels: { generation: 'public' },
  cost: OWN,
});
const EXCEPTIONS = defineMetric({
  name: 'jellyfin_dotnet_exceptions_total',
  type: 'counter',
  help: 'Exceptions that were thrown in Jellyfin, caught ones included.',
  cost: OWN,
});
const POOL_THREADS = defineMetric({
  name: 'jellyfin_dotnet_threadpool_threads',
  type: 'gauge',
  help: 'Threads of the thread pool of Jellyfin.',
  cost: OWN,
});
const GROUP_CPU = defineMetric({
  name: 'jellyfin_cgroup_cpu_seconds_total',
  type: 'counter',
  unit: 'seconds',
  help: 'Processor time of the control group of Jellyfin, with each ffmpeg that it has started.',
});
const GROUP_MEMORY = defineMetric({
  name: 'jellyfin_cgroup_memory_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'Memory of the control group of Jellyfin, with each ffmpeg and with caches of files.',
});
const GROUP_PROCESSES = defineMetric({
  name: 'jellyfin_cgroup_processes',
  type: 'gauge',
  help: 'Processes and threads in the control group of Jellyfin.',
});

const BARE_CPU = defineMetric({
  name: 'process_cpu_seconds_total',
  type: 'counter',
  unit: 'seconds',
  help: "Processor time of Jellyfin's process: jellyfin_process_cpu_seconds_total under the name that dashboards have.",
  cost: COST,
});
const BARE_MEMORY = defineMetric({
  name: 'process_resident_memory_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: "Memory of Jellyfin's process: jellyfin_process_resident_memory_bytes under the name that dashboards have.",
  cost: COST,
});

export const PROCESS_CATALOGUE: readonly Metric[] = [
  ...Object.values(FIGURES),
  SOURCE_UP,
  REQUESTS,
  IN_PROGRESS,
  HEAP,
  COLLECTIONS,
  EXCEPTIONS,
  POOL_THREADS,
  GROUP_CPU,
  GROUP_MEMORY,
  GROUP_PROCESSES,
];

/** What the drop-in mode shows in the place of the exporter's own `process_*`. */
export const BARE_PROCESS_CATALOGUE: readonly Metric[] = [BARE_CPU, BARE_MEMORY];

export interface ProcessView {
  /** In the order of preference: each figure is the first one's that knows it. */
  readonly sources: readonly { readonly source: ProcessSource; readonly figures: ProcessFigures | undefined }[];
  readonly runtime: RuntimeFigures | undefined;
  readonly group: GroupFigures | undefined;
}

export function processFamilies(view: ProcessView): Family[] {
  const { sources, runtime, group } = view;
  const figures = (Object.keys(FIGURES) as Figure[]).map((figure) => {
    const first = firstOf(view, figure);
    return family(FIGURES[figure], first === undefined ? [] : [[{ source: first.source }, first.value]]);
  });
  return [
    ...figures,
    family(
      SOURCE_UP,
      sources.map(({ source, figures: read }) => [{ source }, read === undefined ? 0 : 1]),
    ),
    family(
      REQUESTS,
      Array.from(runtime?.requests ?? [], ([code, value]) => [{ code }, value]),
    ),
    family(IN_PROGRESS, runtime?.requestsInProgress),
    family(HEAP, runtime?.heapBytes),
    family(
      COLLECTIONS,
      Array.from(runtime?.collections ?? [], ([generation, value]) => [{ generation }, value]),
    ),
    family(EXCEPTIONS, runtime?.exceptions),
    family(POOL_THREADS, runtime?.poolThreads),
    family(GROUP_CPU, group?.cpuSeconds),
    family(GROUP_MEMORY, group?.memoryBytes),
    family(GROUP_PROCESSES, group?.processes),
  ];
}

function firstOf({ sources }: ProcessView, figure: Figure): { source: ProcessSource; value: number } | undefined {
  for (const { source, figures } of sources) {
    const value = figures?.[figure];
    if (value !== undefined) return { source, value };
  }
  return undefined;
}
