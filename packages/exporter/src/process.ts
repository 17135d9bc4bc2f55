import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { type Clock, type Collector, defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';

const CPU = defineMetric({
  name: 'process_cpu_seconds_total',
  type: 'counter',
  unit: 'seconds',
  help: 'User and system CPU time that the exporter has used.',
});
const RESIDENT = defineMetric({
  name: 'process_resident_memory_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'Resident memory of the exporter.',
});
const VIRTUAL = defineMetric({
  name: 'process_virtual_memory_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'Virtual memory of the exporter.',
});
const START = defineMetric({
  name: 'process_start_time_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'When the exporter was started, in seconds since the epoch.',
});
const OPEN_FDS = defineMetric({
  name: 'process_open_fds',
  type: 'gauge',
  help: 'Open file descriptors of the exporter.',
});
const MAX_FDS = defineMetric({
  name: 'process_max_fds',
  type: 'gauge',
  help: 'How many file descriptors the exporter may open.',
});
const LAG_MEAN = defineMetric({
  name: 'nodejs_eventloop_lag_mean_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'Mean delay of the event loop since the scrape before.',
});
const LAG_P99 = defineMetric({
  name: 'nodejs_eventloop_lag_p99_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: '99th percentile of the delay of the event loop since the scrape before.',
});
const LAG_MAX = defineMetric({
  name: 'nodejs_eventloop_lag_max_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'Longest delay of the event loop since the scrape before.',
});
const ACTIVE = defineMetric({
  name: 'nodejs_eventloop_active_seconds_total',
  type: 'counter',
  unit: 'seconds',
  help: 'How long the event loop has been busy.',
});
const HEAP_TOTAL = defineMetric({
  name: 'nodejs_heap_size_total_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'Size of the JavaScript heap.',
});
const HEAP_USED = defineMetric({
  name: 'nodejs_heap_size_used_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'Used part of the JavaScript heap.',
});
const EXTERNAL = defineMetric({
  name: 'nodejs_external_memory_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'Memory outside the JavaScript heap that belongs to objects in it.',
});
const VERSION = defineMetric({
  name: 'nodejs_version_info',
  type: 'gauge',
  help: 'The version of Node.js; always 1.',
  labels: { version: 'public' },
});

/** All metrics of the exporter's own process. */
export const PROCESS_CATALOGUE: readonly Metric[] = [
  CPU,
  RESIDENT,
  VIRTUAL,
  START,
  OPEN_FDS,
  MAX_FDS,
  LAG_MEAN,
  LAG_P99,
  LAG_MAX,
  ACTIVE,
  HEAP_TOTAL,
  HEAP_USED,
  EXTERNAL,
  VERSION,
];

const PROCESS = 'process_';

/** The same where `process_*` are those of the media server: `media_exporter_process_*`. */
export const YIELDING_PROCESS_CATALOGUE: readonly Metric[] = PROCESS_CATALOGUE.map((metric) =>
  metric.name.startsWith(PROCESS) ? Object.freeze({ ...metric, name: `media_exporter_${metric.name}` }) : metric,
);

/** Where the process learns about itself. What cannot be known on a platform is `undefined`. */
export interface ProcessReader {
  /** Microseconds. */
  cpuUsage(): { user: number; system: number };
  memoryUsage(): { rss: number; heapTotal: number; heapUsed: number; external: number };
  virtualMemory(): number | undefined;
  openFiles(): number | undefined;
  maxFiles(): number | undefined;
  /** Seconds since the process started. */
  uptime(): number;
  /** Milliseconds that the event loop was busy. */
  active(): number;
  /** Nanoseconds, of the time up to when something was measured last; `undefined` before that. */
  lag(): { mean: number; p99: number; max: number } | undefined;
  readonly version: string;
}

/** The `process_*` and `nodejs_*` metrics of the exporter's own process. */
export class ProcessCollector implements Collector {
  readonly name = 'process';
  readonly catalogue: readonly Metric[];
  readonly #reader: ProcessReader;
  readonly #started: number;

  /** @param yields whether it leaves the bare `process_*` to somebody else. */
  constructor(reader: ProcessReader, clock: Clock, { yields = false }: { readonly yields?: boolean } = {}) {
    this.catalogue = yields ? YIELDING_PROCESS_CATALOGUE : PROCESS_CATALOGUE;
    this.#reader = reader;
    // Once: computed at each scrape, it would move by the drift between the two clocks.
    this.#started = clock.date() / 1000 - reader.uptime();
  }

  collect(): Family[] {
    return this.#read().map(({ metric, samples }) => ({
      metric: this.catalogue[PROCESS_CATALOGUE.indexOf(metric)] ?? metric,
      samples,
    }));
  }

  #read(): Family[] {
    const reader = this.#reader;
    const cpu = reader.cpuUsage();
    const memory = reader.memoryUsage();
    const lag = reader.lag();
    const nanoseconds = (value: number | undefined): number | undefined =>
      value === undefined ? undefined : value / 1e9;
    return [
      family(CPU, (cpu.user + cpu.system) / 1e6),
      family(RESIDENT, memory.rss),
      family(VIRTUAL, reader.virtualMemory()),
      family(START, this.#started),
      family(OPEN_FDS, reader.openFiles()),
      family(MAX_FDS, reader.maxFiles()),
      family(LAG_MEAN, nanoseconds(lag?.mean)),
      family(LAG_P99, nanoseconds(lag?.p99)),
      family(LAG_MAX, nanoseconds(lag?.max)),
      family(ACTIVE, reader.active() / 1000),
      family(HEAP_TOTAL, memory.heapTotal),
      family(HEAP_USED, memory.heapUsed),
      family(EXTERNAL, memory.external),
      family(VERSION, [[{ version: reader.version }, 1]]),
    ];
  }
}

/**
 * How often the delay of the event loop is sampled, milliseconds. Each sample wakes a process that has nothing to do: at the
 * 10 ms that are usual this alone would take more than all else beside one server.
 */
const RESOLUTION_MS = 250;

/** Reads the process that runs this. */
export function readProcess(): ProcessReader {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let lag: ReturnType<ProcessReader['lag']>;
  return {
    cpuUsage: () => process.cpuUsage(),
    memoryUsage: () => process.memoryUsage(),
    virtualMemory: () => attempt(() => Number(/^VmSize:\s+(\d+) kB$/m.exec(status())?.[1]) * 1024),
    openFiles: () => attempt(() => readdirSync('/proc/self/fd').length - 1),
    maxFiles: () =>
      attempt(() => Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1])),
    uptime: () => process.uptime(),
    active: () => performance.eventLoopUtilization().active,
    lag() {
      // Of two scrapers that ask at the same time the second is told the same, and not of a moment without a measurement.
      if (delay.count === 0) return lag;
      // The monitor counts whole periods: what is beyond its resolution is the delay.
      const beyond = (value: number): number => Math.max(0, value - RESOLUTION_MS * 1e6);
      lag = { mean: beyond(delay.mean), p99: beyond(delay.percentile(99)), max: beyond(delay.max) };
      delay.reset();
      return lag;
    },
    version: process.version,
  };
}

function status(): string {
  return readFileSync('/proc/self/status', 'latin1');
}

/** A number, or nothing where the platform does not tell. */
function attempt(read: () => number): number | undefined {
  try {
    const value = read();
    return Number.isFinite(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
