import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { observe, type SfuObserver } from '@media-exporter/mediasoup';
import type { Clock } from '@media-exporter/metrics';
import {
  EXAMPLE_ROOMS,
  fillRooms,
  type MediasoupModule,
  profileOf,
  SimulatedSfu,
  startRealSfu,
} from '@media-exporter/simulators/mediasoup';
import type { Logger } from '../log.ts';
import type { DemoServer } from './demo.ts';
import { loadMediasoup } from './mediasoup.ts';

export interface DemoSfuOptions {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  /** The mediasoup module with a worker to run, or why there is none. Defaults to looking for both. */
  readonly load?: () => Promise<MediasoupModule | string>;
}

/** Milliseconds between two steps of the simulated media. */
const STEP = 500;
/** Seconds: the demo shall look alive. */
const PERIOD = 2;

/**
 * An SFU with two rooms, a real one if a mediasoup worker is there, else a simulated one. Both embed
 * `@media-exporter/mediasoup` and are read as any SFU is.
 *
 * @throws when no socket can be opened; nothing is left behind then.
 */
export async function startDemoSfu(options: DemoSfuOptions): Promise<DemoServer> {
  const { clock, log } = options;
  const found = await (options.load ?? loadMediasoup)();
  if (typeof found === 'string') return serveSimulated(clock, found);
  try {
    return await serveReal(found, clock);
  } catch (error) {
    log.warn({ err: error }, 'the mediasoup worker does not start, so the demo simulates one');
    return serveSimulated(clock, 'its worker does not start');
  }
}

async function serveReal(mediasoup: MediasoupModule, clock: Clock): Promise<DemoServer> {
  const observer = observeRooms(mediasoup, clock);
  const sfu = await startRealSfu({ mediasoup, clock, rooms: EXAMPLE_ROOMS }).catch(async (error: unknown) => {
    await observer.close();
    throw error;
  });
  const line = `a real mediasoup ${mediasoup.version ?? ''} SFU with real RTP, worker process ${sfu.workers[0]?.pid ?? ''}`;
  return serve(observer, line, () => sfu.close());
}

async function serveSimulated(clock: Clock, reason: string): Promise<DemoServer> {
  const sfu = new SimulatedSfu({ clock, shape: '3.27', workers: 1 });
  const observer = observeRooms(sfu.mediasoup, clock);
  fillRooms(sfu.start(), EXAMPLE_ROOMS);
  sfu.run(STEP);
  return serve(observer, `a simulated mediasoup SFU, no real one: ${reason}`, async () => sfu.close());
}

function observeRooms(mediasoup: Parameters<typeof observe>[0], clock: Clock): SfuObserver {
  return observe(mediasoup, {
    clock,
    sets: ['default', 'seed'],
    detail: { rooms: true, streams: true },
    period: PERIOD,
    peerInfo: (peerId) => profileOf(EXAMPLE_ROOMS, peerId),
  });
}

/** Serves an observer where only this user can read it: on a Unix socket, or on loopback where there are none. */
async function serve(observer: SfuObserver, what: string, stop: () => Promise<void>): Promise<DemoServer> {
  const folder = await mkdtemp(join(tmpdir(), 'media-exporter-demo-'));
  const close = async (): Promise<void> => {
    await observer.close();
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const windows = process.platform === 'win32';
    const socket = join(folder, 'sfu.sock');
    const server = await observer.serve(windows ? { listen: '127.0.0.1', port: 0 } : { socket });
    const url = windows ? `http://${server.address}` : `unix:${socket}`;
    const rooms = Object.entries(EXAMPLE_ROOMS).map(([id, peers]) => `${id} with ${peers.length} peers`);
    return {
      source: { name: 'demo-sfu', type: 'mediasoup', url },
      describe: [`Demo: ${what}`, `Rooms: ${rooms.join(', ')}`],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
