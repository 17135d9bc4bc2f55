import type { HttpFault, HttpFaultScope, SocketFault } from '../faults/index.ts';
import type { SimulatedPlex } from './plex.ts';

/** A fault with its time. */
export interface Trouble {
  /** Milliseconds from the beginning. */
  readonly at: number;
  readonly forMs: number;
  readonly fault: HttpFault | SocketFault | { readonly kind: 'drop' };
  /** Of a fault of the HTTP side. */
  readonly endpoint?: string;
}

const SECOND = 1000;
const MINUTE = 60_000;
const SESSIONS = '/status/sessions';
const BANDWIDTH = '/statistics/bandwidth';

/**
 * What goes wrong in an evening, one after the other: the list of sessions fails in each way for a few seconds only, so
 * that the truth can still be known within one poll; sockets and the rest fail for minutes.
 */
export const TROUBLES: readonly Trouble[] = [
  { at: 4 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'status', status: 503 } },
  { at: 8 * MINUTE, forMs: 0, fault: { kind: 'drop' } },
  { at: 12 * MINUTE, forMs: 3 * MINUTE, fault: { kind: 'lost', state: 'stopped' } },
  { at: 17 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'truncated' }, endpoint: SESSIONS },
  { at: 20 * MINUTE, forMs: 5 * MINUTE, fault: { kind: 'half-open' } },
  { at: 27 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'html' } },
  { at: 30 * MINUTE, forMs: 5 * MINUTE, fault: { kind: 'duplicated' } },
  { at: 36 * MINUTE, forMs: 2 * MINUTE, fault: { kind: 'shuffled' }, endpoint: BANDWIDTH },
  { at: 40 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'wrong-types' }, endpoint: SESSIONS },
  { at: 43 * MINUTE, forMs: 5 * MINUTE, fault: { kind: 'reordered' } },
  { at: 49 * MINUTE, forMs: 1 * MINUTE, fault: { kind: 'status', status: 429, retryAfter: 20 }, endpoint: BANDWIDTH },
  { at: 52 * MINUTE, forMs: 3 * MINUTE, fault: { kind: 'refuse' } },
  { at: 52 * MINUTE, forMs: 0, fault: { kind: 'drop' } },
  { at: 58 * MINUTE, forMs: 5 * MINUTE, fault: { kind: 'garbage' } },
  { at: 65 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'reset' } },
  { at: 68 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'oversized', mebibytes: 64 }, endpoint: SESSIONS },
  { at: 71 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'status', status: 401 } },
  { at: 74 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'slow', ms: 3 * SECOND }, endpoint: SESSIONS },
  { at: 77 * MINUTE, forMs: 3 * MINUTE, fault: { kind: 'status', status: 404 }, endpoint: '/library/metadata/{id}' },
  { at: 82 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'broken-off' }, endpoint: SESSIONS },
  { at: 85 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'redirect', to: 'http://192.0.2.1/' }, endpoint: SESSIONS },
  {
    at: 100 * MINUTE,
    forMs: 10 * MINUTE,
    fault: { kind: 'wrong-types', twist: 'nulls' },
    endpoint: '/media/providers',
  },
  { at: 112 * MINUTE, forMs: 8 * SECOND, fault: { kind: 'wrong-types', twist: 'containers' }, endpoint: SESSIONS },
  { at: 116 * MINUTE, forMs: 10 * MINUTE, fault: { kind: 'lost' } },
];

/** Switches faults on and off by the server's clock. */
export function causeTroubles(plex: SimulatedPlex, troubles: readonly Trouble[] = TROUBLES): void {
  for (const { at, forMs, fault, endpoint } of troubles) {
    plex.after(at, () => {
      if (fault.kind === 'drop') {
        plex.notifications.drop();
        return;
      }
      const handle = isSocketFault(fault)
        ? plex.socketFaults.switchOn(fault)
        : plex.faults.switchOn(fault, scopeOf(endpoint));
      plex.after(forMs, () => handle.end());
    });
  }
}

const SOCKET_KINDS: readonly string[] = ['refuse', 'half-open', 'lost', 'duplicated', 'reordered', 'garbage'];

function isSocketFault(fault: HttpFault | SocketFault): fault is SocketFault {
  return SOCKET_KINDS.includes(fault.kind);
}

function scopeOf(endpoint: string | undefined): HttpFaultScope {
  return endpoint === undefined ? {} : { endpoint };
}
