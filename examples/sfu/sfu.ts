import { type ObserveOptions, observe } from '@media-exporter/mediasoup';
import type { Clock } from '@media-exporter/metrics';
import {
  EXAMPLE_ROOMS,
  type MediasoupModule,
  profileOf,
  type RealSfu,
  startRealSfu,
} from '@media-exporter/simulators/mediasoup';

export interface ExampleOptions {
  /** The app's own mediasoup. */
  readonly mediasoup: MediasoupModule;
  readonly clock: Clock;
  /** A port on 127.0.0.1; 0 takes any that is free. */
  readonly port: number;
  /** The path of a Unix socket. */
  readonly socket: string;
  /** Seconds between two polls of the workers at least. */
  readonly period?: number;
}

export interface Example {
  readonly sfu: RealSfu;
  /** Where Prometheus scrapes it. */
  readonly url: string;
  /** Where the daemon reads it. */
  readonly socket: string;
  close(): Promise<void>;
}

/** An SFU app that embeds its exporter: observe first, then make workers, and serve. */
export async function startSfu(options: ExampleOptions): Promise<Example> {
  const { mediasoup, clock, port, socket, period = 5 } = options;

  // All that an app adds: who its routers and transports belong to, and how much of it may be told.
  const metrics = observe(mediasoup, {
    clock,
    period,
    sets: ['default', 'seed', 'aggregated'],
    detail: { rooms: true, streams: true },
    roomOf: (_object, router) => appText(router, 'roomId'),
    peerOf: (object, transport) => appText(object, 'peerId') ?? appText(transport, 'peerId'),
    peerInfo: (peerId) => profileOf(EXAMPLE_ROOMS, peerId),
  });

  const closing: (() => Promise<void>)[] = [() => metrics.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const sfu = await startRealSfu({ mediasoup, clock, rooms: EXAMPLE_ROOMS });
    closing.push(() => sfu.close());
    const onSocket = await metrics.serve({ socket });
    closing.push(() => onSocket.close());
    const onPort = await metrics.serve({ listen: '127.0.0.1', port });
    closing.push(() => onPort.close());
    return { sfu, url: `http://${onPort.address}`, socket, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function appText(object: Parameters<NonNullable<ObserveOptions['roomOf']>>[0], key: string): string | undefined {
  const value = (object.appData as Record<string, unknown> | undefined)?.[key];
  return typeof value === 'string' ? value : undefined;
}
