import { uuid } from '../random.ts';
import type { SimulatedConsumer } from './consumer.ts';
import type { Context } from './entity.ts';
import { type Media, type PeerOptions, SimulatedPeer, subtype, tuple } from './peer.ts';
import type { SimulatedProducer } from './producer.ts';
import type { SimulatedTransport } from './transport.ts';
import type { Truth } from './truth.ts';
import type { SimulatedRouter, SimulatedWorker } from './worker.ts';

/** Two ends of a pipe between routers, and the media that goes through it. */
interface Pipe {
  readonly from: SimulatedTransport;
  readonly to: SimulatedTransport;
  readonly worker: SimulatedWorker;
  readonly router: SimulatedRouter;
  readonly streams: { readonly consumer: SimulatedConsumer; readonly producer: SimulatedProducer }[];
}

/** A room: a router on one worker, peers, and pipes to routers on other workers. */
export class SimulatedRoom {
  readonly id: string;
  readonly worker: SimulatedWorker;
  readonly router: SimulatedRouter;
  readonly #context: Context;
  readonly #truth: Truth;
  readonly #peers = new Map<string, SimulatedPeer>();
  readonly #pipes: Pipe[] = [];

  constructor(context: Context, worker: SimulatedWorker, truth: Truth, id: string) {
    this.id = id;
    this.worker = worker;
    this.#context = context;
    this.#truth = truth;
    this.router = worker.addRouter({ roomId: id });
  }

  get peers(): ReadonlyMap<string, SimulatedPeer> {
    return this.#peers;
  }

  /** A peer joins; it neither connects nor sends until it is told to. */
  addPeer(id: string, options: Partial<Omit<PeerOptions, 'id' | 'room'>> = {}): SimulatedPeer {
    const peer = new SimulatedPeer(this.#context, this.router, this.#truth, {
      displayName: `Peer ${id}`,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      transport: 'webrtc',
      protocol: 'udp',
      link: { loss: 0, roundTripTime: undefined, jitter: 0 },
      ...options,
      id,
      room: this.id,
    });
    this.#peers.set(id, peer);
    return peer;
  }

  removePeer(id: string): void {
    this.#peers.get(id)?.close();
    this.#peers.delete(id);
  }

  /** A peer joins, connects, sends `media`, and everybody receives everybody else. */
  join(id: string, media: readonly Media[], options: Partial<Omit<PeerOptions, 'id' | 'room'>> = {}): SimulatedPeer {
    const others = [...this.#peers.values()];
    const peer = this.addPeer(id, options).connect();
    for (const other of others) for (const producer of other.sending.producers) peer.consume(producer);
    for (const medium of media) {
      const producer = peer.produce(medium);
      for (const other of others) other.consume(producer);
    }
    return peer;
  }

  /** @internal Pipes a producer to a router on another worker, where it appears under the same id, as `pipeToRouter` does. */
  pipe(producer: SimulatedProducer, worker: SimulatedWorker, context: Context): SimulatedProducer {
    let pipe = this.#pipes.find((candidate) => candidate.worker === worker && !candidate.from.closed);
    if (pipe === undefined) {
      const router = worker.addRouter({ roomId: this.id });
      const link = { loss: 0, roundTripTime: undefined, jitter: 0 };
      const options = { type: 'pipe', link, sctp: true, appData: {} } as const;
      const from = this.router.addTransport({ ...options, tuple: tuple(this.#context, '192.0.2.2', 'udp') });
      const to = router.addTransport({ ...options, tuple: tuple(context, '192.0.2.1', 'udp') });
      from.observer.once('close', () => to.close());
      to.observer.once('close', () => from.close());
      this.router.observer.once('close', () => router.close());
      pipe = { from, to, worker, router, streams: [] };
      this.#pipes.push(pipe);
    }
    const { codec, kind } = producer;
    const identity = { kind, codec: subtype(codec), transport: 'pipe', room: this.id, peer: '' } as const;
    const id = uuid(this.#context.random);
    const sent = pipe.from.consume({
      id,
      producer,
      codec,
      pipe: true,
      appData: {},
      truth: this.#truth.record({ object: 'consumer', id, ...identity }),
    });
    const received = pipe.to.produce({
      id: producer.id,
      kind,
      type: producer.type,
      codec,
      encodings: producer.encodings.map(({ profile }) => profile),
      appData: producer.appData,
      truth: this.#truth.record({ object: 'producer', id: producer.id, ...identity }),
    });
    sent.observer.once('close', () => received.close());
    received.observer.once('close', () => sent.close());
    pipe.streams.push({ consumer: sent, producer: received });
    return received;
  }

  /** @internal Moves `milliseconds` of media through the room. */
  advance(milliseconds: number): void {
    if (this.worker.channel.stalled || this.router.closed) return;
    for (const peer of this.#peers.values()) {
      for (const producer of peer.sending.producers) {
        producer.receive(milliseconds, peer.link, peer.silent || producer.paused);
      }
      if (!peer.silent) for (const data of peer.sending.dataProducers) data.advance(milliseconds);
    }
    forward(this.router, this.worker, milliseconds);
    for (const { worker, router, streams, to } of this.#pipes) {
      if (worker.channel.stalled || router.closed) continue;
      for (const { consumer, producer } of streams) producer.receive(milliseconds, to.link, false, consumer.sent);
      forward(router, worker, milliseconds);
    }
  }

  close(): void {
    for (const id of [...this.#peers.keys()]) this.removePeer(id);
    this.router.close();
  }
}

function forward(router: SimulatedRouter, worker: SimulatedWorker, milliseconds: number): void {
  for (const transport of router.transports) {
    for (const consumer of transport.consumers) consumer.forward(milliseconds, transport.link);
    worker.work(transport.count(milliseconds));
  }
}
