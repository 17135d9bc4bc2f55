/** Where figures of the server's process are from: its own metrics, `/proc` of this machine, or its control group. */
export type ProcessSource = 'metrics' | 'pid' | 'cgroup';

/** What is known of the server's process. In seconds and bytes; counters begin when the process does. */
export interface ProcessFigures {
  readonly cpuSeconds?: number;
  readonly residentBytes?: number;
  readonly virtualBytes?: number;
  /** Seconds since the epoch. */
  readonly startTime?: number;
  readonly threads?: number;
  readonly openFiles?: number;
  /** From and to disks. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** Over all sockets. */
  readonly receivedBytes?: number;
  readonly sentBytes?: number;
  /** Processors that it may use. */
  readonly cpus?: number;
}

/** What only its own metrics tell. */
export interface RuntimeFigures {
  /** Answered requests by status. */
  readonly requests: ReadonlyMap<string, number>;
  readonly requestsInProgress?: number;
  readonly heapBytes?: number;
  /** By generation. */
  readonly collections: ReadonlyMap<string, number>;
  readonly exceptions?: number;
  readonly poolThreads?: number;
}

/** The whole unit, with each ffmpeg that it has started. */
export interface GroupFigures {
  readonly cpuSeconds?: number;
  readonly memoryBytes?: number;
  /** Without caches of files. */
  readonly anonymousBytes?: number;
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  readonly processes?: number;
  /** The limit of processor time, in processors. */
  readonly cpus?: number;
}
