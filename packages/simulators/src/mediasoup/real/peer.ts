import type { Buffer } from 'node:buffer';
import type { Clock } from '@media-exporter/metrics';
import type { Random } from '../../random.ts';
import { listenOnLoopback, type PlainTransport, type Producer, type Router } from './host.ts';
import { newReceiver, type Receiver } from './receiver.ts';
import { opusSender, type Sender, vp8Sender } from './sender.ts';
import { type LoopbackSocket, openSocket } from './socket.ts';

export interface PeerProfile {
  readonly id: string;
  readonly displayName: string;
  readonly userAgent: string;
  /** Sends its video in two encodings. */
  readonly simulcast?: boolean;
  /** The share of packets that its network loses on the way to it, 0 to 1. */
  readonly loss?: number;
}

/** A peer with a UDP socket to send from and one to receive on. */
export interface RealPeer {
  readonly profile: PeerProfile;
  readonly producers: readonly Producer[];
  readonly senders: readonly Sender[];
  /** Sends the RTP that is due. */
  step(): void;
  /** Sends the RTCP that is due. */
  report(): void;
  /** Hears another peer's producer from now on. */
  hear(producer: Producer): Promise<void>;
  close(): void;
}

export interface JoinOptions {
  readonly profile: PeerProfile;
  /** Who is in the room already. */
  readonly others: readonly RealPeer[];
  readonly version: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const AUDIO_PAYLOAD_TYPE = 100;
const VIDEO_PAYLOAD_TYPE = 101;

/** Joins a room: sends audio and video, hears all others and is heard by them. */
export async function joinRoom(router: Router, options: JoinOptions): Promise<RealPeer> {
  const { profile, others, clock, random } = options;
  const appData = { peerId: profile.id, displayName: profile.displayName };
  const transport = { ...listenOnLoopback(options.version), rtcpMux: true };
  const sending = await router.createPlainTransport({ ...transport, comedia: true, appData });
  const receiving = await router.createPlainTransport({ ...transport, comedia: false, appData });
  const clockRates = new Map<number, number>();
  const receiver = newReceiver(clockRates, profile.loss ?? 0, random);
  const out = await openSocket(() => {});
  const into = await openReceiver(receiver, receiving, clock);
  await receiving.connect({ ip: '127.0.0.1', port: into.port });

  const ssrc = (): number => 1 + Math.floor(random() * 0x7ffffffe);
  const audio = opusSender(ssrc(), AUDIO_PAYLOAD_TYPE, random);
  const video = profile.simulcast === true ? [vp8Sender(ssrc(), VIDEO_PAYLOAD_TYPE, 1)] : [];
  video.push(vp8Sender(ssrc(), VIDEO_PAYLOAD_TYPE, 3));
  const senders = [audio, ...video];
  const producers = [
    await sending.produce({ ...audioProducer(audio), appData: { ...appData, source: 'mic' } }),
    await sending.produce({ ...videoProducer(video), appData: { ...appData, source: 'webcam' } }),
  ];
  const send = (packets: readonly Buffer[]): void => {
    for (const packet of packets) out.send(packet, sending.tuple.localPort);
  };

  const peer: RealPeer = {
    profile,
    producers,
    senders,
    step() {
      for (const sender of senders) send(sender.due(clock.now()));
    },
    report() {
      send(senders.map((sender) => sender.report(clock.date())));
      for (const packet of receiver.report(clock.now())) into.send(packet, receiving.tuple.localPort);
    },
    async hear(producer) {
      const consumer = await receiving.consume({
        producerId: producer.id,
        rtpCapabilities: router.rtpCapabilities,
        appData,
      });
      const { encodings, codecs } = consumer.rtpParameters;
      for (const encoding of encodings) {
        if (encoding.ssrc !== undefined) clockRates.set(encoding.ssrc, codecs[0]?.clockRate ?? 90_000);
      }
    },
    close() {
      out.close();
      into.close();
    },
  };
  for (const other of others) {
    for (const producer of other.producers) await peer.hear(producer);
    for (const producer of producers) await other.hear(producer);
  }
  return peer;
}

/** The socket that a peer's media comes to; answers go back to where it came from. */
async function openReceiver(receiver: Receiver, transport: PlainTransport, clock: Clock): Promise<LoopbackSocket> {
  const socket: LoopbackSocket = await openSocket((packet) => {
    for (const answer of receiver.take(packet, clock.now())) socket.send(answer, transport.tuple.localPort);
  });
  return socket;
}

function audioProducer(sender: Sender): object {
  const codec = { mimeType: 'audio/opus', payloadType: AUDIO_PAYLOAD_TYPE, clockRate: 48_000, channels: 2 };
  return { kind: 'audio', rtpParameters: { codecs: [codec], encodings: [{ ssrc: sender.ssrc }] } };
}

function videoProducer(senders: readonly Sender[]): object {
  const rtcpFeedback = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }];
  const codec = { mimeType: 'video/VP8', payloadType: VIDEO_PAYLOAD_TYPE, clockRate: 90_000, rtcpFeedback };
  return { kind: 'video', rtpParameters: { codecs: [codec], encodings: senders.map(({ ssrc }) => ({ ssrc })) } };
}
