import { type ConsumerOptions, SimulatedConsumer } from './consumer.ts';
import { type DataOptions, SimulatedDataConsumer, SimulatedDataProducer } from './data.ts';
import { type AppData, type Context, Entity } from './entity.ts';
import { type ProducerOptions, SimulatedProducer } from './producer.ts';
import type { Link, TransportType } from './stream.ts';

export type IceState = 'new' | 'connected' | 'completed' | 'disconnected' | 'closed';
export type DtlsState = 'new' | 'connecting' | 'connected' | 'failed' | 'closed';
export type SctpState = 'new' | 'connecting' | 'connected' | 'failed' | 'closed';

export interface Tuple {
  readonly localIp: string;
  readonly localAddress?: string;
  readonly localPort: number;
  readonly remoteIp?: string;
  readonly remotePort?: number;
  readonly protocol: 'udp' | 'tcp';
}

export interface TransportOptions {
  readonly id: string;
  readonly type: TransportType;
  readonly link: Link;
  readonly tuple: Tuple;
  readonly sctp: boolean;
  readonly appData: AppData;
}

const STAT_TYPES = {
  webrtc: 'webrtc-transport',
  plain: 'plain-rtp-transport',
  pipe: 'pipe-transport',
  direct: 'direct-transport',
} as const;

/** One path between the SFU and a peer, a recorder or another worker. Made by {@link newTransport}. */
export class SimulatedTransport extends Entity {
  readonly link: Link;
  readonly #type: TransportType;
  readonly #tuple: Tuple;
  readonly #children = new Set<Entity>();
  #iceState: IceState = 'new';
  #dtlsState: DtlsState = 'new';
  #sctpState: SctpState | undefined;
  #received = { packets: 0, bytes: 0 };
  #sent = { packets: 0, bytes: 0 };
  #lastBytes = { received: 0, sent: 0, milliseconds: 0 };

  constructor(context: Context, options: TransportOptions) {
    super(context, options.id, options.appData);
    this.link = options.link;
    this.#type = options.type;
    const { localAddress: _, ...tuple } = options.tuple;
    this.#tuple = context.behaviour.localAddress ? { ...tuple, localAddress: tuple.localIp } : tuple;
    if (options.sctp) this.#sctpState = 'new';
  }

  /** Undefined before 3.15: look at the name of the class there. */
  get type(): TransportType | undefined {
    return this.context.behaviour.typedTransports ? this.#type : undefined;
  }

  get iceState(): IceState | undefined {
    return this.#type === 'webrtc' ? this.#iceState : undefined;
  }

  get dtlsState(): DtlsState | undefined {
    return this.#type === 'webrtc' ? this.#dtlsState : undefined;
  }

  get sctpState(): SctpState | undefined {
    return this.#sctpState;
  }

  get iceSelectedTuple(): Tuple | undefined {
    const selected = this.#iceState === 'connected' || this.#iceState === 'completed';
    return this.#type === 'webrtc' && selected ? this.expose(this.#tuple) : undefined;
  }

  get tuple(): Tuple | undefined {
    return this.#type === 'plain' || this.#type === 'pipe' ? this.expose(this.#tuple) : undefined;
  }

  getStats(): Promise<unknown[]> {
    return this.requestStats(() => [this.#stat()]);
  }

  /** The peer's ICE gets so far. */
  setIceState(state: Exclude<IceState, 'closed'>): void {
    const selectedBefore = this.iceSelectedTuple !== undefined;
    this.#iceState = state;
    this.#tell('icestatechange', state);
    const selected = this.iceSelectedTuple;
    if (selected !== undefined && !selectedBefore) this.#tell('iceselectedtuplechange', selected);
  }

  /** The peer's DTLS gets so far; SCTP runs over it. */
  setDtlsState(state: Exclude<DtlsState, 'closed'>): void {
    this.#dtlsState = state;
    this.#tell('dtlsstatechange', state);
    if (state !== 'connected' || this.#sctpState === undefined) return;
    this.#sctpState = 'connected';
    this.#tell('sctpstatechange', 'connected');
  }

  /** @internal */
  produce(options: ProducerOptions): SimulatedProducer {
    return this.#add('newproducer', new SimulatedProducer(this.context, options));
  }

  /** @internal */
  consume(options: ConsumerOptions): SimulatedConsumer {
    return this.#add('newconsumer', new SimulatedConsumer(this.context, options));
  }

  /** @internal */
  produceData(options: DataOptions): SimulatedDataProducer {
    return this.#add('newdataproducer', new SimulatedDataProducer(this.context, options));
  }

  /** @internal */
  consumeData(producer: SimulatedDataProducer, options: DataOptions): SimulatedDataConsumer {
    return this.#add('newdataconsumer', new SimulatedDataConsumer(this.context, producer, options));
  }

  get producers(): readonly SimulatedProducer[] {
    return [...this.#children].filter((child) => child instanceof SimulatedProducer);
  }

  get consumers(): readonly SimulatedConsumer[] {
    return [...this.#children].filter((child) => child instanceof SimulatedConsumer);
  }

  get dataProducers(): readonly SimulatedDataProducer[] {
    return [...this.#children].filter((child) => child instanceof SimulatedDataProducer);
  }

  /** @internal Counts on the transport what its producers and consumers moved in one step, and gives the packets. */
  count(milliseconds: number): number {
    const before = { received: this.#received, sent: this.#sent };
    this.#received = { ...before.received };
    this.#sent = { ...before.sent };
    for (const producer of this.producers) {
      for (const { last } of producer.encodings) {
        this.#received.packets += last.packets;
        this.#received.bytes += last.bytes;
      }
    }
    for (const consumer of this.consumers) {
      for (const sent of consumer.sent) {
        this.#sent.packets += sent.packets;
        this.#sent.bytes += sent.bytes;
      }
    }
    this.#lastBytes = {
      received: this.#received.bytes - before.received.bytes,
      sent: this.#sent.bytes - before.sent.bytes,
      milliseconds,
    };
    return this.#received.packets - before.received.packets + this.#sent.packets - before.sent.packets;
  }

  override closeBy(reason: string | undefined): void {
    // mediasoup sets the states without events when the transport itself is closed.
    this.#iceState = 'closed';
    this.#dtlsState = 'closed';
    if (this.#sctpState !== undefined) this.#sctpState = 'closed';
    super.closeBy(reason);
  }

  protected override closeChildren(): void {
    for (const child of this.#children) child.closeBy('transportclose');
    this.#children.clear();
  }

  #add<T extends Entity>(event: string, child: T): T {
    this.#children.add(child);
    child.observer.once('close', () => this.#children.delete(child));
    this.observer.safeEmit(event, child);
    return child;
  }

  #tell(event: string, value: unknown): void {
    this.safeEmit(event, value);
    this.observer.safeEmit(event, value);
  }

  #stat(): Record<string, unknown> {
    const { received, sent, milliseconds } = this.#lastBytes;
    const bitrate = (bytes: number): number => (milliseconds === 0 ? 0 : Math.round((bytes * 8000) / milliseconds));
    const stat: Record<string, unknown> = {
      transportId: this.id,
      timestamp: this.context.now(),
      type: STAT_TYPES[this.#type],
      bytesReceived: this.#received.bytes,
      recvBitrate: bitrate(received),
      bytesSent: this.#sent.bytes,
      sendBitrate: bitrate(sent),
      rtpBytesReceived: this.#received.bytes,
      rtpRecvBitrate: bitrate(received),
      rtpBytesSent: this.#sent.bytes,
      rtpSendBitrate: bitrate(sent),
      rtxBytesReceived: 0,
      rtxRecvBitrate: 0,
      rtxBytesSent: 0,
      rtxSendBitrate: 0,
      probationBytesSent: 0,
      probationSendBitrate: 0,
    };
    if (this.#sctpState !== undefined) stat.sctpState = this.#sctpState;
    if (this.#type === 'webrtc') {
      Object.assign(stat, { iceRole: 'controlled', iceState: this.#iceState, dtlsState: this.#dtlsState });
      if (this.iceSelectedTuple !== undefined) stat.iceSelectedTuple = this.iceSelectedTuple;
      if (this.#sent.bytes > 0) stat.availableOutgoingBitrate = 600_000 + bitrate(sent);
    } else if (this.#type !== 'direct') {
      stat.tuple = this.tuple;
      if (this.#type === 'plain') Object.assign(stat, { rtcpMux: true, comedia: true });
    }
    return stat;
  }
}

/** A transport whose class has the name that its version gives it: `WebRtcTransport`, or `WebRtcTransportImpl` from 3.15 on. */
export function newTransport(context: Context, options: TransportOptions): SimulatedTransport {
  const base = { webrtc: 'WebRtcTransport', plain: 'PlainTransport', pipe: 'PipeTransport', direct: 'DirectTransport' };
  const name = `${base[options.type]}${context.behaviour.typedTransports ? 'Impl' : ''}`;
  const Class = { [name]: class extends SimulatedTransport {} }[name] as typeof SimulatedTransport;
  return new Class(context, options);
}
