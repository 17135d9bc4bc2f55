import type { Clock } from '@media-exporter/metrics';
import { type Random, seededRandom } from '../../random.ts';
import type { MediasoupModule, Router, Worker } from './host.ts';
import { joinRoom, type PeerProfile, type RealPeer } from './peer.ts';

export interface RealSfuOptions {
  /** The host's own mediasoup; attach observers to it first. */
  readonly mediasoup: MediasoupModule;
  readonly clock: Clock;
  readonly random?: Random;
  /** Peers by room. */
  readonly rooms: Readonly<Record<string, readonly PeerProfile[]>>;
}

export interface RealSfu {
  readonly workers: readonly Worker[];
  /** By id. */
  readonly peers: ReadonlyMap<string, RealPeer>;
  /** Closes the workers, which ends their processes, and every socket. */
  close(): Promise<void>;
}

const MEDIA_CODECS = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
] as const;

/** Milliseconds between two steps of all senders. */
const STEP = 20;
const STEPS_PER_REPORT = 50;

/**
 * A real SFU on loopback: one worker process, rooms whose peers send Opus and VP8-like RTP from UDP sockets and hear
 * everybody else in their room, with RTCP both ways, and a chat over data channels.
 *
 * @throws what mediasoup throws when its worker does not start; nothing is left behind then.
 */
export async function startRealSfu(options: RealSfuOptions): Promise<RealSfu> {
  const { mediasoup, clock } = options;
  const random = options.random ?? seededRandom(1);
  const peers = new Map<string, RealPeer>();
  const chats: (() => void)[] = [];
  const worker = await mediasoup.createWorker({ logLevel: 'error' });
  let cancel = (): void => {};
  const close = async (): Promise<void> => {
    cancel();
    for (const peer of peers.values()) peer.close();
    worker.close();
  };
  try {
    for (const [roomId, profiles] of Object.entries(options.rooms)) {
      const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS, appData: { roomId } });
      const room: RealPeer[] = [];
      for (const profile of profiles) {
        const peer = await joinRoom(router, { profile, others: room, version: mediasoup.version, clock, random });
        room.push(peer);
        peers.set(profile.id, peer);
      }
      chats.push(await openChat(router, profiles));
    }
  } catch (error) {
    await close();
    throw error;
  }
  let steps = 0;
  const step = (): void => {
    if (worker.closed) return;
    for (const peer of peers.values()) peer.step();
    steps += 1;
    if (steps % STEPS_PER_REPORT === 0) {
      for (const peer of peers.values()) peer.report();
      for (const chat of chats) chat();
    }
    cancel = clock.after(STEP, step);
  };
  step();
  return { workers: [worker], peers, close };
}

/** A data channel from the first peer of a room to all others, over a direct transport: gives how to say something. */
async function openChat(router: Router, profiles: readonly PeerProfile[]): Promise<() => void> {
  const [speaker, ...listeners] = profiles;
  if (speaker === undefined) return () => {};
  const transport = await router.createDirectTransport({});
  const producer = await transport.produceData({ label: 'chat', appData: { peerId: speaker.id } });
  for (const listener of listeners) {
    await transport.consumeData({ dataProducerId: producer.id, appData: { peerId: listener.id } });
  }
  return () => producer.send(`hello from ${speaker.displayName}`);
}
