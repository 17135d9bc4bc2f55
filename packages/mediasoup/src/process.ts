import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessState } from './state.ts';

/** Tells about the process that the host runs in. */
export interface ProcessReader {
  read(): ProcessState;
  /** Begins a new stretch of watching the event loop; {@link read} tells about the one before. */
  turn(): void;
  close(): void;
}

/** @param watchLoop whether to watch the event loop, which wakes it fifty times a second. */
export function readOwnProcess(watchLoop: boolean): ProcessReader {
  const delays = watchLoop ? monitorEventLoopDelay({ resolution: 20 }) : undefined;
  delays?.enable();
  let lag: Pick<ProcessState, 'eventLoopLagMax' | 'eventLoopLagMean'> = {};
  const started = Date.now() / 1000 - process.uptime();
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
      lag = { eventLoopLagMax: delays.max / 1e9, eventLoopLagMean: delays.mean / 1e9 };
      delays.reset();
    },
    close: () => {
      delays?.disable();
    },
  };
}

/** The resident memory in bytes that Linux tells in `/proc/PID/status`, proc(5). */
export function parseResidentMemory(status: string): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
