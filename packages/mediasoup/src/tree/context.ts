import type { Census } from '../census.ts';
import type { Directory } from '../directory.ts';
import type { Identity } from '../identity.ts';
import type { SafeMapping } from '../mapping.ts';
import type { QualityTable } from '../quality.ts';
import type { WorkerQueue } from '../queue.ts';
import type { RtpTable } from '../rtp.ts';
import type { Emitter } from '../shapes.ts';
import type { DataTotals, Direction, TransportBytes, TransportType } from '../state.ts';

/** What all nodes of a tree write into. */
export interface TreeContext {
  readonly census: Census;
  readonly directory: Directory;
  readonly mapping: SafeMapping;
  readonly identity: Identity;
  readonly rtp: RtpTable;
  readonly quality: QualityTable;
  readonly transportBytes: Readonly<
    Record<TransportType, { -readonly [K in keyof TransportBytes]: TransportBytes[K] }>
  >;
  readonly dataTotals: Readonly<Record<Direction, { -readonly [K in keyof DataTotals]: DataTotals[K] }>>;
  /** The ids of streams and transports are not told. */
  readonly quiet: boolean;
  /** Whether single streams are told at all. */
  readonly streams: boolean;
  newQueue(): WorkerQueue;
}

// biome-ignore lint/suspicious/noExplicitAny: the listeners of each event have their own arguments.
type Listeners = Readonly<Record<string, (...args: any[]) => void>>;

/**
 * Listens to several events; the returned function stops that. What a listener throws goes no further: mediasoup would
 * leave out the listeners of the host that come after it.
 */
export function listen(emitter: Emitter, listeners: Listeners): () => void {
  const guarded = Object.entries(listeners).map(([event, listener]) => [event, guard(listener)] as const);
  for (const [event, listener] of guarded) emitter.on(event, listener);
  return () => {
    for (const [event, listener] of guarded) emitter.off(event, listener);
  };
}

function guard<A extends unknown[]>(listener: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      listener(...args);
    } catch {
      // An object that is not as mediasoup's are is not counted.
    }
  };
}
