import { Growing } from '../counters.ts';
import type { Pollable } from '../queue.ts';
import { isRecord, type MediasoupData, text } from '../shapes.ts';
import type { Direction, ObjectKind } from '../state.ts';
import type { Place } from '../tally.ts';
import { listen, type TreeContext } from './context.ts';

/** What a data producer or consumer needs of the transport and the worker that it is on. */
export interface DataTransport {
  readonly data: Set<DataNode>;
  readonly worker: { readonly slot: { readonly index: number }; readonly data: Set<DataNode> };
}

/** A data producer or a data consumer. */
export class DataNode implements Pollable {
  readonly direction: Direction;
  closed = false;
  readonly #context: TreeContext;
  readonly #object: MediasoupData;
  readonly #transport: DataTransport;
  readonly #place: Place;
  readonly #stop: () => void;
  readonly #messages = new Growing();
  readonly #bytes = new Growing();

  constructor(context: TreeContext, direction: Direction, object: MediasoupData, transport: DataTransport) {
    this.#context = context;
    this.direction = direction;
    this.#object = object;
    this.#transport = transport;
    const worker = transport.worker.slot.index;
    this.#place = context.census.dataChannels.enter({ worker, direction, type: text(object.type) });
    context.census.created(this.#kind);
    this.#stop = listen(object.observer, { close: () => this.close() });
  }

  ask(): Promise<unknown> {
    return this.#object.getStats();
  }

  take(answer: unknown): void {
    const stat: unknown = Array.isArray(answer) ? answer[0] : undefined;
    if (!isRecord(stat)) return;
    const totals = this.#context.dataTotals[this.direction];
    const received = this.direction === 'receive';
    totals.messages += this.#messages.take(received ? stat.messagesReceived : stat.messagesSent);
    totals.bytes += this.#bytes.take(received ? stat.bytesReceived : stat.bytesSent);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#stop();
    this.#place.leave();
    this.#context.census.closed(this.#kind);
    this.#transport.data.delete(this);
    this.#transport.worker.data.delete(this);
  }

  stop(): void {
    this.#stop();
  }

  get #kind(): ObjectKind {
    return this.direction === 'receive' ? 'data_producer' : 'data_consumer';
  }
}
