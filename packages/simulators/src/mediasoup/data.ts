import { type AppData, type Context, Entity } from './entity.ts';

export interface DataOptions {
  readonly id: string;
  readonly label: string;
  readonly protocol: string;
  readonly appData: AppData;
}

/** What both ends of a data channel have in common. */
abstract class DataEntity extends Entity {
  readonly type = 'sctp';
  readonly label: string;
  readonly protocol: string;
  #paused = false;

  protected constructor(context: Context, options: DataOptions) {
    super(context, options.id, options.appData);
    this.label = options.label;
    this.protocol = options.protocol;
  }

  /** Undefined in versions that cannot pause data. */
  get paused(): boolean | undefined {
    return this.context.behaviour.pausesData ? this.#paused : undefined;
  }

  async pause(): Promise<void> {
    if (!this.context.behaviour.pausesData) throw new TypeError('pause is not a function');
    this.#paused = true;
    this.observer.safeEmit('pause');
  }

  async resume(): Promise<void> {
    if (!this.context.behaviour.pausesData) throw new TypeError('resume is not a function');
    this.#paused = false;
    this.observer.safeEmit('resume');
  }
}

/** A peer that has a data channel open says something this often, and so much. */
const MESSAGE_INTERVAL_MS = 1_000;
const MESSAGE_BYTES = 80;

/** Messages that the SFU receives. */
export class SimulatedDataProducer extends DataEntity {
  messagesReceived = 0;
  bytesReceived = 0;
  /** Since the last message that came by itself, milliseconds. */
  #quiet = 0;

  constructor(context: Context, options: DataOptions) {
    super(context, options);
  }

  getStats(): Promise<unknown[]> {
    return this.requestStats(() => [
      {
        type: 'data-producer',
        timestamp: this.context.now(),
        label: this.label,
        protocol: this.protocol,
        messagesReceived: this.messagesReceived,
        bytesReceived: this.bytesReceived,
      },
    ]);
  }

  /** @internal What the peer says in so many milliseconds. */
  advance(milliseconds: number): void {
    this.#quiet += milliseconds;
    for (; this.#quiet >= MESSAGE_INTERVAL_MS; this.#quiet -= MESSAGE_INTERVAL_MS) this.receive(MESSAGE_BYTES);
  }

  /** The peer sends a message of so many bytes; the data consumers forward it at once. */
  receive(bytes: number): void {
    if (this.closed || this.paused === true) return;
    this.messagesReceived += 1;
    this.bytesReceived += bytes;
    this.safeEmit('@message', bytes);
  }
}

/** Messages that the SFU sends. */
export class SimulatedDataConsumer extends DataEntity {
  readonly dataProducerId: string;
  messagesSent = 0;
  bytesSent = 0;
  /** Bytes that wait in the SCTP send buffer. */
  bufferedAmount = 0;

  constructor(context: Context, producer: SimulatedDataProducer, options: DataOptions) {
    super(context, options);
    this.dataProducerId = producer.id;
    producer.on('@message', (bytes: number) => this.#send(bytes));
    for (const event of ['@close', 'transportclose']) {
      producer.once(event, () => context.channel.notify(() => this.closeBy('dataproducerclose')));
    }
  }

  getStats(): Promise<unknown[]> {
    return this.requestStats(() => [
      {
        type: 'data-consumer',
        timestamp: this.context.now(),
        label: this.label,
        protocol: this.protocol,
        messagesSent: this.messagesSent,
        bytesSent: this.bytesSent,
        bufferedAmount: this.bufferedAmount,
      },
    ]);
  }

  #send(bytes: number): void {
    if (this.closed || this.paused === true) return;
    this.messagesSent += 1;
    this.bytesSent += bytes;
  }
}
