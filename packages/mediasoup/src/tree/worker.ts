import { Growing } from '../counters.ts';
import type { Room } from '../directory.ts';
import type { WorkerQueue } from '../queue.ts';
import type { MediasoupObject } from '../shapes.ts';
import { countOf, isRecord, type MediasoupRouter, type MediasoupTransport, type MediasoupWorker } from '../shapes.ts';
import { listen, type TreeContext } from './context.ts';
import type { DataNode } from './data.ts';
import type { StreamNode } from './stream.ts';
import { TransportNode } from './transport.ts';

/** The place of a worker in labels. Its counters go on with the next worker that takes it. */
export interface Slot {
  readonly index: number;
  worker: WorkerNode | undefined;
  /** Seconds. */
  cpuUser: number;
  cpuSystem: number;
  voluntarySwitches: number;
  involuntarySwitches: number;
}

/** A worker process and everything on it. */
export class WorkerNode {
  readonly object: MediasoupWorker;
  readonly slot: Slot;
  readonly pid: number | undefined;
  /** Empty where there is none. */
  readonly pidText: string;
  readonly queue: WorkerQueue;
  readonly transports: Set<TransportNode> = new Set();
  readonly streams: Set<StreamNode> = new Set();
  readonly data: Set<DataNode> = new Set();
  closed = false;
  webRtcServers = 0;
  cores: number | undefined;
  /** Bytes. */
  residentMemory: number | undefined;
  maxResidentMemory: number | undefined;
  /** Seconds, of the last answer to the first question of a poll. */
  roundTrip: number | undefined;
  readonly #context: TreeContext;
  readonly #routers = new Map<MediasoupRouter, () => void>();
  readonly #stop: () => void;
  readonly #servers = new Set<() => void>();
  readonly #usage = {
    cpuUser: new Growing(),
    cpuSystem: new Growing(),
    voluntary: new Growing(),
    involuntary: new Growing(),
  };
  #usageAt: number | undefined;

  constructor(context: TreeContext, object: MediasoupWorker, slot: Slot) {
    this.#context = context;
    this.object = object;
    this.slot = slot;
    this.pid = Number.isInteger(object.pid) && object.pid >= 0 ? object.pid : undefined;
    this.pidText = String(this.pid ?? '');
    this.queue = context.newQueue();
    slot.worker = this;
    context.census.created('worker');
    const stopObserver = listen(object.observer, {
      close: () => this.close(),
      newrouter: (router: MediasoupRouter) => this.addRouter(router),
      newwebrtcserver: (server: MediasoupObject) => this.#addServer(server),
    });
    // In 3.8.4 this comes after the observer's 'close', in later versions before.
    const stopWorker = listen(object, {
      died: () => {
        context.census.deaths++;
      },
    });
    this.#stop = () => {
      stopObserver();
      stopWorker();
    };
  }

  get routers(): number {
    return this.#routers.size;
  }

  addRouter(router: MediasoupRouter): void {
    if (this.#routers.has(router)) return;
    const { census, directory, mapping } = this.#context;
    census.created('router');
    const room: Room = directory.holdRoom(mapping.room(router, router));
    const stop = listen(router.observer, {
      close: () => this.#closeRouter(router),
      newtransport: (transport: MediasoupTransport) => this.addTransport(transport, router),
    });
    this.#routers.set(router, () => {
      stop();
      directory.leaveRoom(room);
    });
  }

  addTransport(transport: MediasoupTransport, router: MediasoupRouter): TransportNode {
    const node = new TransportNode(this.#context, transport, router, this);
    this.transports.add(node);
    return node;
  }

  /**
   * Takes the answer to `getResourceUsage()`: CPU time in milliseconds, the most resident memory in KiB.
   *
   * @param now monotonic milliseconds
   */
  takeUsage(usage: unknown, now: number): void {
    if (!isRecord(usage)) return;
    const { slot } = this;
    const user = this.#usage.cpuUser.take(usage.ru_utime) / 1000;
    const system = this.#usage.cpuSystem.take(usage.ru_stime) / 1000;
    slot.cpuUser += user;
    slot.cpuSystem += system;
    slot.voluntarySwitches += this.#usage.voluntary.take(usage.ru_nvcsw);
    slot.involuntarySwitches += this.#usage.involuntary.take(usage.ru_nivcsw);
    // The first answer counts from the worker's birth: no rate can be made of it.
    const elapsed = this.#usageAt === undefined ? 0 : (now - this.#usageAt) / 1000;
    if (elapsed > 0) this.cores = (user + system) / elapsed;
    this.#usageAt = now;
    const most = countOf(usage.ru_maxrss);
    if (most > 0) this.maxResidentMemory = most * 1024;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const transport of this.transports) transport.close();
    for (const router of this.#routers.keys()) this.#closeRouter(router);
    for (const stop of this.#servers) stop();
    this.queue.close();
    this.slot.worker = undefined;
    this.#context.census.closed('worker');
  }

  /** Stops listening to all that lives. */
  stop(): void {
    this.#stop();
    for (const leave of this.#routers.values()) leave();
    for (const transport of this.transports) transport.stop();
    for (const stop of this.#servers) stop();
    this.queue.close();
  }

  #closeRouter(router: MediasoupRouter): void {
    const leave = this.#routers.get(router);
    if (leave === undefined) return;
    this.#routers.delete(router);
    for (const transport of this.transports) if (transport.router === router) transport.close();
    leave();
    this.#context.census.closed('router');
  }

  #addServer(server: MediasoupObject): void {
    const { census } = this.#context;
    census.created('webrtc_server');
    this.webRtcServers++;
    const stop = listen(server.observer, {
      close: () => {
        stop();
        this.#servers.delete(stop);
        this.webRtcServers--;
        census.closed('webrtc_server');
      },
    });
    this.#servers.add(stop);
  }
}
