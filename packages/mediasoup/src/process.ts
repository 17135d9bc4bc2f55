import { monitorEventLoopDelay } from 'node:perf_hooks';
import { toSeconds } from './seconds.ts';
import type { ProcessState } from './state.ts';

/** How often the delay of the event loop is sampled, milliseconds. */
const RESOLUTION_MS = 20;

/** Tells about the process that the host runs in. */
export interface ProcessReader {
  read(): ProcessState;
  /** Begins a new stretch of watching the event loop; {@link read} tells about the one before. */
  turn(): void;
  close(): void;
}

/** @param watchLoop whether to watch the event loop, which wakes it fifty times a second. */
export function readOwnProcess(watchLoop: boolean): ProcessReader {
  const delays = watchLoop ? monitorEventLoopDelay({ resolution: RESOLUTION_MS }) : undefined;
  delays?.enable();
  let lag: Pick<ProcessState, 'eventLoopLagMax' | 'eventLoopLagMean'> = {};
  const started = toSeconds(Date.now() - process.uptime() * 1000);
  return {
    read: () => {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
      return {
        cpuUser: user / 1e6,
        cpuSystem: system / 1e6,
        residentMemory: rss,
        heapUsed,
        heapTotal,
        externalMemory: external,
        started,
        ...lag,
        node: process.version,
      };
    },
    turn: () => {
      if (delays === undefined || delays.count === 0) return;
      lag = { eventLoopLagMax: lagOf(delays.max), eventLoopLagMean: lagOf(delays.mean) };
      delays.reset();
    },
    close: () => {
      delays?.disable();
    },
  };
}

/**
 * How late the event loop was, in seconds.
 *
 * @param interval nanoseconds between two samples, which is what `monitorEventLoopDelay` records
 */
export function lagOf(interval: number): number {
  return toSeconds(Math.max(0, interval / 1e6 - RESOLUTION_MS));
}

/** The resident memory in bytes that Linux tells in `/proc/PID/status`, proc(5). */
export function parseResidentMemory(status: string): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
