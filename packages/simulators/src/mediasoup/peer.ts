import { below, uuid } from '../random.ts';
import type { SimulatedConsumer } from './consumer.ts';
import type { SimulatedDataConsumer, SimulatedDataProducer } from './data.ts';
import type { Context } from './entity.ts';
import type { Codec, ProducerType, SimulatedProducer } from './producer.ts';
import type { EncodingProfile, Link, TransportType } from './stream.ts';
import type { SimulatedTransport, Tuple } from './transport.ts';
import type { Truth } from './truth.ts';
import type { SimulatedRouter } from './worker.ts';

/** What a peer sends. `simulcast` has the rids r0 to r2, `svc` three spatial layers in one stream. */
export type Media = 'audio' | 'video' | 'simulcast' | 'svc';

const OPUS: Codec = { mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 };
const VP8: Codec = { mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 };
const VP9: Codec = { mimeType: 'video/VP9', payloadType: 102, clockRate: 90_000 };

const MEDIA: Record<Media, { codec: Codec; type: ProducerType; encodings: readonly EncodingProfile[] }> = {
  audio: { codec: OPUS, type: 'simple', encodings: [{ packetsPerSecond: 50, payload: 100 }] },
  video: { codec: VP8, type: 'simple', encodings: [{ packetsPerSecond: 70, payload: 1_000 }] },
  simulcast: {
    codec: VP8,
    type: 'simulcast',
    encodings: [
      { rid: 'r0', packetsPerSecond: 20, payload: 600 },
      { rid: 'r1', packetsPerSecond: 45, payload: 850 },
      { rid: 'r2', packetsPerSecond: 110, payload: 1_050 },
    ],
  },
  svc: { codec: VP9, type: 'svc', encodings: [{ packetsPerSecond: 120, payload: 1_050 }] },
};

export interface PeerOptions {
  readonly id: string;
  readonly room: string;
  readonly displayName: string;
  readonly userAgent: string;
  /** `webrtc` as browsers, or `plain` as recorders. */
  readonly transport: TransportType;
  readonly protocol: 'udp' | 'tcp';
  readonly link: Link;
}

/** One participant: a transport to send on, a transport to receive on, and what goes over them. */
export class SimulatedPeer {
  readonly id: string;
  readonly displayName: string;
  readonly userAgent: string;
  /** The peer's network, both ways; it may change at any time. */
  readonly link: Link;
  readonly sending: SimulatedTransport;
  readonly receiving: SimulatedTransport;
  /** A silent peer keeps its producers and sends nothing. */
  silent = false;
  readonly #context: Context;
  readonly #truth: Truth;
  readonly #room: string;
  readonly #type: TransportType;

  constructor(context: Context, router: SimulatedRouter, truth: Truth, options: PeerOptions) {
    this.#context = context;
    this.#truth = truth;
    this.#room = options.room;
    this.#type = options.transport;
    this.id = options.id;
    this.displayName = options.displayName;
    this.userAgent = options.userAgent;
    this.link = options.link;
    const remoteIp = `198.51.100.${1 + below(context.random, 254)}`;
    const open = (direction: 'producing' | 'consuming'): SimulatedTransport =>
      router.addTransport({
        type: options.transport,
        link: options.link,
        tuple: tuple(context, remoteIp, options.protocol),
        sctp: options.transport === 'webrtc',
        appData: { peerId: options.id, [direction]: true },
      });
    this.sending = open('producing');
    this.receiving = open('consuming');
  }

  /** Goes through ICE and DTLS to the end, on both transports. */
  connect(): this {
    for (const transport of [this.sending, this.receiving]) {
      if (this.#type !== 'webrtc') continue;
      transport.setIceState('connected');
      transport.setDtlsState('connecting');
      transport.setIceState('completed');
      transport.setDtlsState('connected');
    }
    return this;
  }

  produce(media: Media): SimulatedProducer {
    const { codec, type, encodings } = MEDIA[media];
    const kind = media === 'audio' ? 'audio' : 'video';
    const id = uuid(this.#context.random);
    return this.sending.produce({
      id,
      kind,
      type,
      codec,
      encodings,
      appData: { peerId: this.id, source: kind === 'audio' ? 'mic' : 'webcam' },
      truth: this.#truth.record({ object: 'producer', id, kind, ...this.#identity(codec) }),
    });
  }

  consume(producer: SimulatedProducer): SimulatedConsumer {
    const id = uuid(this.#context.random);
    const { codec } = producer;
    return this.receiving.consume({
      id,
      producer,
      codec,
      pipe: false,
      appData: { peerId: this.id },
      truth: this.#truth.record({ object: 'consumer', id, kind: producer.kind, ...this.#identity(codec) }),
    });
  }

  /** Opens a data channel to the SFU. */
  produceData(label = 'chat'): SimulatedDataProducer {
    const id = uuid(this.#context.random);
    return this.sending.produceData({ id, label, protocol: '', appData: { peerId: this.id } });
  }

  consumeData(producer: SimulatedDataProducer): SimulatedDataConsumer {
    const { label, protocol } = producer;
    const id = uuid(this.#context.random);
    return this.receiving.consumeData(producer, { id, label, protocol, appData: { peerId: this.id } });
  }

  close(): void {
    this.sending.close();
    this.receiving.close();
  }

  #identity(codec: Codec): { codec: string; transport: TransportType; room: string; peer: string } {
    return { codec: subtype(codec), transport: this.#type, room: this.#room, peer: this.id };
  }
}

/** `opus` of `audio/opus`. */
export function subtype(codec: Codec): string {
  return codec.mimeType.slice(codec.mimeType.indexOf('/') + 1);
}

/** A tuple between documentation addresses (RFC 5737). */
export function tuple(context: Context, remoteIp: string, protocol: 'udp' | 'tcp'): Tuple {
  const port = (): number => 40_000 + below(context.random, 10_000);
  return { localIp: '192.0.2.1', localPort: port(), remoteIp, remotePort: port(), protocol };
}
