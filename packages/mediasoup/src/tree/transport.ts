import { Growing } from '../counters.ts';
import type { Peer, Room } from '../directory.ts';
import { hostPort } from '../identity.ts';
import type { Pollable } from '../queue.ts';
import {
  isRecord,
  type MediasoupConsumer,
  type MediasoupData,
  type MediasoupProducer,
  type MediasoupRouter,
  type MediasoupTransport,
  text,
  transportTypeOf,
  tupleOf,
} from '../shapes.ts';
import type { Direction, TransportType } from '../state.ts';
import type { Place } from '../tally.ts';
import { listen, type TreeContext } from './context.ts';
import { DataNode, type DataTransport } from './data.ts';
import { StreamNode, type StreamTransport } from './stream.ts';

/** What a transport and what goes over it need of the worker that they are on. */
export type TransportWorker = StreamTransport['worker'] &
  DataTransport['worker'] & { readonly transports: Set<TransportNode> };

/** A transport and what goes over it. */
export class TransportNode implements Pollable {
  readonly object: MediasoupTransport;
  readonly router: MediasoupRouter;
  readonly worker: TransportWorker;
  readonly id: string;
  readonly type: TransportType;
  readonly streams: Set<StreamNode> = new Set();
  readonly data: Set<DataNode> = new Set();
  closed = false;
  protocol = '';
  localAddress = '';
  remoteAddress = '';
  readonly #context: TreeContext;
  readonly #stop: () => void;
  readonly #received = new Growing();
  readonly #sent = new Growing();
  #place: Place;
  #iceState: string;
  #dtlsState: string;
  #room: Room;
  #peer: Peer | undefined;

  constructor(context: TreeContext, object: MediasoupTransport, router: MediasoupRouter, worker: TransportWorker) {
    this.#context = context;
    this.object = object;
    this.router = router;
    this.worker = worker;
    this.id = text(object.id);
    this.type = transportTypeOf(object);
    this.#iceState = text(object.iceState);
    this.#dtlsState = text(object.dtlsState);
    this.#place = this.#enter();
    context.census.created('transport');
    this.#room = context.directory.holdRoom(context.mapping.room(object, router));
    this.#join();
    this.#readTuple();
    const readTuple = (): void => this.#readTuple();
    this.#stop = listen(object.observer, {
      close: () => this.close(),
      newproducer: (producer: MediasoupProducer) => this.addProducer(producer),
      newconsumer: (consumer: MediasoupConsumer) => this.addConsumer(consumer),
      newdataproducer: (producer: MediasoupData) => this.addData('receive', producer),
      newdataconsumer: (consumer: MediasoupData) => this.addData('send', consumer),
      icestatechange: (state: unknown) => this.#setIceState(text(state)),
      dtlsstatechange: (state: unknown) => this.#setDtlsState(text(state)),
      iceselectedtuplechange: readTuple,
      tuple: readTuple,
    });
  }

  addProducer(producer: MediasoupProducer): void {
    this.#addStream(new StreamNode(this.#context, 'receive', producer, this));
  }

  addConsumer(consumer: MediasoupConsumer): void {
    this.#addStream(new StreamNode(this.#context, 'send', consumer, this));
  }

  addData(direction: Direction, object: MediasoupData): void {
    const node = new DataNode(this.#context, direction, object, this);
    this.data.add(node);
    this.worker.data.add(node);
  }

  ask(): Promise<unknown> {
    return this.object.getStats();
  }

  take(answer: unknown): void {
    const stat: unknown = Array.isArray(answer) ? answer[0] : undefined;
    if (!isRecord(stat)) return;
    const totals = this.#context.transportBytes[this.type];
    totals.received += this.#received.take(stat.bytesReceived);
    totals.sent += this.#sent.take(stat.bytesSent);
    if (this.closed) return;
    if (this.#peer === undefined) this.#join();
    // A plain transport with comedia learns its remote address without an event in some versions; the getter is a clone in others.
    if (this.remoteAddress === '') this.#readTuple();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    // mediasoup closes the children first and says so; a host's fake may not.
    for (const stream of this.streams) stream.close();
    for (const data of this.data) data.close();
    this.#stop();
    this.#place.leave();
    const { census, directory } = this.#context;
    census.closed('transport');
    if (this.#peer !== undefined) {
      this.#peer.transports--;
      directory.leavePeer(this.#peer);
    }
    directory.leaveRoom(this.#room);
    this.worker.transports.delete(this);
  }

  stop(): void {
    this.#stop();
    for (const stream of this.streams) stream.stop();
    for (const data of this.data) data.stop();
  }

  #addStream(stream: StreamNode): void {
    this.streams.add(stream);
    this.worker.streams.add(stream);
  }

  #join(): void {
    const { directory, mapping } = this.#context;
    if (this.type === 'pipe') return;
    const peerId = mapping.peer(this.object, this.object);
    if (peerId === '') return;
    const roomId = mapping.room(this.object, this.router);
    if (roomId !== this.#room.id) {
      directory.leaveRoom(this.#room);
      this.#room = directory.holdRoom(roomId);
    }
    this.#peer = directory.holdPeer(this.#room, peerId, this.object);
    this.#peer.transports++;
  }

  #readTuple(): void {
    const tuple = tupleOf(this.object);
    if (tuple === undefined) return;
    const { identity } = this.#context;
    const changed = (): void => {
      if (!this.closed) this.#readTuple();
    };
    this.protocol = tuple.protocol;
    this.localAddress = hostPort(identity.address(tuple.localIp, changed), tuple.localPort);
    this.remoteAddress = hostPort(identity.address(tuple.remoteIp, changed), tuple.remotePort);
  }

  #setIceState(state: string): void {
    if (state === 'disconnected' && this.#iceState !== state) this.#context.census.troubles.iceDisconnected++;
    this.#iceState = state;
    this.#move();
  }

  #setDtlsState(state: string): void {
    if (state === 'failed' && this.#dtlsState !== state) this.#context.census.troubles.dtlsFailed++;
    this.#dtlsState = state;
    this.#move();
  }

  #move(): void {
    if (this.closed) return;
    this.#place.leave();
    this.#place = this.#enter();
  }

  #enter(): Place {
    const { type, worker } = this;
    const states = { iceState: this.#iceState, dtlsState: this.#dtlsState };
    return this.#context.census.transports.enter({ worker: worker.slot.index, type, ...states });
  }
}
