import {
  type Emitter,
  isRecord,
  isWorker,
  type Mediasoup,
  type MediasoupConsumer,
  type MediasoupData,
  type MediasoupProducer,
  type MediasoupRouter,
  type MediasoupTransport,
  type MediasoupWorker,
} from '../shapes.ts';
import { listen, type TreeContext } from './context.ts';
import { type Slot, WorkerNode } from './worker.ts';

/** All workers of an SFU with what is on them, kept true by mediasoup's observer events. */
export class Tree {
  readonly slots: Slot[] = [];
  readonly #context: TreeContext;
  readonly #workers = new Map<MediasoupWorker, WorkerNode>();
  readonly #stop: () => void;

  constructor(context: TreeContext, observer: Emitter) {
    this.#context = context;
    this.#stop = listen(observer, {
      newworker: (worker: unknown) => {
        if (isWorker(worker)) this.addWorker(worker);
      },
    });
  }

  /** Those alive. */
  get workers(): WorkerNode[] {
    return this.slots.flatMap(({ worker }) => (worker === undefined ? [] : [worker]));
  }

  addWorker(worker: MediasoupWorker): void {
    if (worker.closed || this.#workers.has(worker)) return;
    const node = new WorkerNode(this.#context, worker, this.#freeSlot());
    this.#workers.set(worker, node);
    const forget = listen(worker.observer, {
      close: () => {
        this.#workers.delete(worker);
        forget();
      },
    });
    adopt(node);
  }

  /** Stops listening everywhere. */
  close(): void {
    this.#stop();
    for (const worker of this.#workers.values()) worker.stop();
    this.#workers.clear();
  }

  #freeSlot(): Slot {
    const free = this.slots.find(({ worker }) => worker === undefined);
    if (free !== undefined) return free;
    const slot: Slot = {
      index: this.slots.length,
      worker: undefined,
      cpuUser: 0,
      cpuSystem: 0,
      voluntarySwitches: 0,
      involuntarySwitches: 0,
    };
    this.slots.push(slot);
    return slot;
  }
}

/**
 * Takes over what a worker that comes late has already. mediasoup has no public list of it: 3.8 leaves all its fields
 * readable, later versions show routers and transports for their own tests, and nothing below.
 */
function adopt(worker: WorkerNode): void {
  for (const router of members<MediasoupRouter>(worker.object, 'routersForTesting', '_routers')) {
    worker.addRouter(router);
    for (const transport of members<MediasoupTransport>(router, 'transportsForTesting', '_transports')) {
      const node = worker.addTransport(transport, router);
      for (const producer of members<MediasoupProducer>(transport, '_producers')) node.addProducer(producer);
      for (const consumer of members<MediasoupConsumer>(transport, '_consumers')) node.addConsumer(consumer);
      for (const producer of members<MediasoupData>(transport, '_dataProducers')) {
        node.addData('receive', producer);
      }
      for (const consumer of members<MediasoupData>(transport, '_dataConsumers')) {
        node.addData('send', consumer);
      }
    }
  }
}

function members<T>(object: unknown, ...names: readonly string[]): T[] {
  if (!isRecord(object)) return [];
  const found = names.map((name) => object[name]).find((value) => value instanceof Set || value instanceof Map);
  return found === undefined ? [] : [...(found as Set<T> | Map<string, T>).values()];
}

/** The emitter of `newworker`, from the module or from its observer itself. */
export function observerOf(mediasoup: Mediasoup): Emitter | undefined {
  const candidate: unknown = isRecord(mediasoup) && 'observer' in mediasoup ? mediasoup.observer : mediasoup;
  const { on, off } = (candidate ?? {}) as Partial<Emitter>;
  return typeof on === 'function' && typeof off === 'function' ? (candidate as Emitter) : undefined;
}
