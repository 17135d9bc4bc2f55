import { uuid } from '../random.ts';
import type { Channel } from './channel.ts';
import { type AppData, type Context, Entity, SafeEmitter } from './entity.ts';
import { newTransport, type SimulatedTransport, type TransportOptions } from './transport.ts';

/** A router: one room, or a part of it, on one worker. */
export class SimulatedRouter extends Entity {
  readonly #transports = new Set<SimulatedTransport>();

  constructor(context: Context, appData: AppData) {
    super(context, uuid(context.random), appData);
  }

  get transports(): readonly SimulatedTransport[] {
    return [...this.#transports];
  }

  /** @internal */
  addTransport(options: Omit<TransportOptions, 'id'>): SimulatedTransport {
    const transport = newTransport(this.context, { ...options, id: uuid(this.context.random) });
    this.#transports.add(transport);
    transport.observer.once('close', () => this.#transports.delete(transport));
    this.observer.safeEmit('newtransport', transport);
    return transport;
  }

  protected override closeChildren(): void {
    for (const transport of this.#transports) transport.closeBy('routerclose');
    this.#transports.clear();
  }
}

/** A port that WebRTC transports share (since 3.10.0). */
export class SimulatedWebRtcServer extends Entity {
  constructor(context: Context) {
    super(context, uuid(context.random), {});
  }
}

/** A worker process that is not there: killed, stopped and slowed down without harm. */
export class SimulatedWorker extends SafeEmitter {
  readonly pid: number;
  readonly observer: SafeEmitter = new SafeEmitter();
  readonly appData: AppData = {};
  /** What a monitor sends to this worker is counted here; `latency` makes all answers slow. */
  readonly channel: Channel;
  readonly #context: Context;
  readonly #routers = new Set<SimulatedRouter>();
  readonly #webRtcServers = new Set<SimulatedWebRtcServer>();
  #closed = false;
  #died = false;
  #cpu = 0;

  constructor(context: Context, pid: number) {
    super();
    this.#context = context;
    this.channel = context.channel;
    this.pid = pid;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Undefined in 3.8, which does not have it yet. */
  get died(): boolean | undefined {
    return this.#context.behaviour.diesBeforeClosing ? this.#died : undefined;
  }

  get routers(): readonly SimulatedRouter[] {
    return [...this.#routers];
  }

  /** Times in milliseconds, `ru_maxrss` in KiB, as libuv gives them on Linux. */
  getResourceUsage(): Promise<Record<string, number>> {
    return this.channel.request(String(this.pid), true, () => ({
      ru_utime: Math.round(this.#cpu * 0.6),
      ru_stime: Math.round(this.#cpu * 0.4),
      ru_maxrss: 20_480 + 64 * this.#routers.size,
      ru_ixrss: 0,
      ru_idrss: 0,
      ru_isrss: 0,
      ru_minflt: 1_200,
      ru_majflt: 0,
      ru_nswap: 0,
      ru_inblock: 0,
      ru_oublock: 0,
      ru_msgsnd: 0,
      ru_msgrcv: 0,
      ru_nsignals: 0,
      ru_nvcsw: Math.round(this.#cpu * 2),
      ru_nivcsw: Math.round(this.#cpu / 4),
    }));
  }

  /** @internal */
  addRouter(appData: AppData): SimulatedRouter {
    const router = new SimulatedRouter(this.#context, appData);
    this.#routers.add(router);
    router.observer.once('close', () => this.#routers.delete(router));
    this.observer.safeEmit('newrouter', router);
    return router;
  }

  /** The host makes a server that transports share. */
  addWebRtcServer(): SimulatedWebRtcServer {
    const server = new SimulatedWebRtcServer(this.#context);
    this.#webRtcServers.add(server);
    server.observer.once('close', () => this.#webRtcServers.delete(server));
    this.observer.safeEmit('newwebrtcserver', server);
    return server;
  }

  /** @internal Forwarding so many packets costs this worker CPU time: 10 µs each. */
  work(packets: number): void {
    this.#cpu += packets / 100;
  }

  /** SIGKILL. */
  kill(): void {
    if (this.#closed) return;
    const { diesBeforeClosing, tellsSubprocessClose } = this.#context.behaviour;
    const die = (): void => this.safeEmit('died', new Error(`[pid:${this.pid}, code:null, signal:SIGKILL]`));
    this.#died = true;
    this.#end(() => {
      if (diesBeforeClosing) die();
    });
    if (!diesBeforeClosing) die();
    if (tellsSubprocessClose) this.safeEmit('subprocessclose');
  }

  /** SIGSTOP: no request is answered and no media flows until {@link resume}. */
  stall(): void {
    this.channel.stall();
  }

  /** SIGCONT. */
  resume(): void {
    this.channel.resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#end(() => this.safeEmit('@close'));
  }

  /** Servers and routers close first, then the worker says why it ends, then that it is closed. */
  #end(sayWhy: () => void): void {
    this.#closed = true;
    this.channel.close();
    for (const child of [...this.#webRtcServers, ...this.#routers]) child.closeBy('workerclose');
    sayWhy();
    this.observer.safeEmit('close');
  }
}
