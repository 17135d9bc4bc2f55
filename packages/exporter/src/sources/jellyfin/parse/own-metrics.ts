import { Lines } from '../ffmpeg/lines.ts';
import type { ProcessFigures, RuntimeFigures } from '../process/figures.ts';
import { known } from './json.ts';

/** More different values than that are none of a status or a generation. */
const MOST = 100;

/** Its names for what we tell. On Linux its working set is what everybody else calls resident memory. */
const NAMES = {
  process_cpu_seconds_total: 'cpuSeconds',
  process_working_set_bytes: 'residentBytes',
  process_virtual_memory_bytes: 'virtualBytes',
  process_start_time_seconds: 'startTime',
  process_num_threads: 'threads',
  process_open_handles: 'openFiles',
  process_cpu_count: 'cpus',
  dotnet_sockets_bytes_received_total: 'receivedBytes',
  dotnet_sockets_bytes_sent_total: 'sentBytes',
  dotnet_total_memory_bytes: 'heapBytes',
  dotnet_exceptions_total: 'exceptions',
  dotnet_threadpool_num_threads: 'poolThreads',
} as const;

type Name = (typeof NAMES)[keyof typeof NAMES];

export interface OwnMetrics {
  readonly process: ProcessFigures;
  readonly runtime: RuntimeFigures;
}

/**
 * Reads the server's own metrics as they come: hundreds of kilobytes, of which a dozen lines are kept. Total: what is not
 * on the list is not looked at.
 */
export class OwnMetricsReader {
  readonly #lines = new Lines((line) => this.#line(line));
  readonly #values = new Map<Name, number>();
  readonly #requests = new Map<string, number>();
  readonly #collections = new Map<string, number>();
  #inProgress: number | undefined;

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** `undefined` where it was none of what the server tells of itself. */
  end(): OwnMetrics | undefined {
    this.#lines.end();
    const value = (name: Name): number | undefined => this.#values.get(name);
    if (this.#values.size === 0) return undefined;
    return {
      process: known<ProcessFigures>({
        cpuSeconds: value('cpuSeconds'),
        residentBytes: value('residentBytes'),
        virtualBytes: value('virtualBytes'),
        startTime: value('startTime'),
        threads: value('threads'),
        openFiles: value('openFiles'),
        readBytes: undefined,
        writtenBytes: undefined,
        receivedBytes: value('receivedBytes'),
        sentBytes: value('sentBytes'),
        cpus: value('cpus'),
      }),
      runtime: known<RuntimeFigures>({
        requests: this.#requests,
        requestsInProgress: this.#inProgress,
        heapBytes: value('heapBytes'),
        collections: this.#collections,
        exceptions: value('exceptions'),
        poolThreads: value('poolThreads'),
      }),
    };
  }

  #line(line: string): void {
    const end = line.search(/[{ ]/);
    if (end <= 0) return;
    const name = line.slice(0, end);
    if (name === 'http_requests_received_total') add(this.#requests, /[{,]code="(\d{3})"/.exec(line)?.[1], line);
    else if (name === 'dotnet_collection_count_total') {
      add(this.#collections, /[{,]generation="(\d)"/.exec(line)?.[1], line);
    } else if (name === 'http_requests_in_progress') {
      const value = numberOf(line);
      if (value !== undefined) this.#inProgress = (this.#inProgress ?? 0) + value;
    } else if (Object.hasOwn(NAMES, name)) {
      const value = numberOf(line);
      if (value !== undefined) this.#values.set(NAMES[name as keyof typeof NAMES], value);
    }
  }
}

function add(sums: Map<string, number>, key: string | undefined, line: string): void {
  const value = numberOf(line);
  if (key === undefined || value === undefined || (sums.size >= MOST && !sums.has(key))) return;
  sums.set(key, (sums.get(key) ?? 0) + value);
}

/** What follows the labels; no line has a time. */
function numberOf(line: string): number | undefined {
  const value = Number(line.slice(line.lastIndexOf(' ') + 1));
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
