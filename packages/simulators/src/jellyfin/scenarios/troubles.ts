import type { HttpFault, HttpFaultScope } from '../../faults/index.ts';
import type { SimulatedJellyfin } from '../jellyfin.ts';

/** A fault with its time. */
export interface Trouble {
  /** Milliseconds from the beginning. */
  readonly at: number;
  readonly forMs: number;
  readonly fault: HttpFault;
  /** All of them where none is told. */
  readonly endpoint?: string;
}

const SECOND = 1000;
const MINUTE = 60_000;
const SESSIONS = '/Sessions';

/**
 * What goes wrong in an evening, one after the other: the list of sessions fails in each way for a few seconds only, so
 * that the truth can still be known within one poll; the rest fails for minutes.
 */
export const TROUBLES: readonly Trouble[] = [
  { at: 4 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'status', status: 503 } },
  { at: 8 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'truncated' }, endpoint: SESSIONS },
  { at: 12 * MINUTE, forMs: 3 * MINUTE, fault: { kind: 'status', status: 500 }, endpoint: '/System/Logs' },
  { at: 18 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'html' } },
  { at: 22 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'wrong-types' }, endpoint: SESSIONS },
  { at: 26 * MINUTE, forMs: 4 * MINUTE, fault: { kind: 'wrong-types', twist: 'nulls' }, endpoint: '/ScheduledTasks' },
  { at: 32 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'reset' } },
  { at: 36 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'oversized', mebibytes: 64 }, endpoint: SESSIONS },
  { at: 40 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'status', status: 401 } },
  { at: 44 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'slow', ms: 3 * SECOND }, endpoint: SESSIONS },
  { at: 60 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'broken-off' }, endpoint: SESSIONS },
  {
    at: 64 * MINUTE,
    forMs: 3 * MINUTE,
    fault: { kind: 'status', status: 403 },
    endpoint: '/System/ActivityLog/Entries',
  },
  { at: 70 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'redirect', to: 'http://192.0.2.1/' }, endpoint: SESSIONS },
  { at: 75 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'wrong-types', twist: 'containers' }, endpoint: SESSIONS },
  { at: 80 * MINUTE, forMs: 5 * MINUTE, fault: { kind: 'shuffled' }, endpoint: '/System/ActivityLog/Entries' },
  { at: 90 * MINUTE, forMs: 30 * SECOND, fault: { kind: 'status', status: 429, retryAfter: 20 }, endpoint: '/metrics' },
];

/** Switches faults on and off by the server's clock. */
export function causeTroubles(jellyfin: SimulatedJellyfin, troubles: readonly Trouble[] = TROUBLES): void {
  for (const { at, forMs, fault, endpoint } of troubles) {
    const scope: HttpFaultScope = endpoint === undefined ? {} : { endpoint };
    jellyfin.after(at, () => {
      const handle = jellyfin.faults.switchOn(fault, scope);
      jellyfin.after(forMs, () => handle.end());
    });
  }
}
