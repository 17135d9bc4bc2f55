import { EventEmitter } from 'node:events';
import type { Random } from '../random.ts';
import type { Channel } from './channel.ts';
import type { Behaviour } from './shape.ts';

/** An emitter whose listeners may throw without harm, as those of mediasoup. */
export class SafeEmitter extends EventEmitter {
  constructor() {
    super();
    // As mediasoup does: everybody in a room listens to each of its producers.
    this.setMaxListeners(0);
  }

  safeEmit(event: string, ...args: unknown[]): void {
    try {
      this.emit(event, ...args);
    } catch {
      // mediasoup logs the listener's error and goes on.
    }
  }
}

export type AppData = Record<string, unknown>;

/** What every object of one worker shares. */
export interface Context {
  readonly behaviour: Behaviour;
  readonly channel: Channel;
  readonly random: Random;
  /** Milliseconds on the worker's own monotonic clock. */
  now(): number;
}

/** What the next calls of `getStats` do instead of telling the truth. */
export type StatsFault = { readonly reject: Error } | { readonly resolve: unknown };

/** What a router, a transport, a producer and a consumer have in common. */
export abstract class Entity extends SafeEmitter {
  readonly id: string;
  readonly observer: SafeEmitter = new SafeEmitter();
  readonly appData: AppData;
  /** Faults for the calls of `getStats` to come, one each. */
  readonly faults: StatsFault[] = [];
  protected readonly context: Context;
  #closed = false;

  protected constructor(context: Context, id: string, appData: AppData) {
    super();
    this.context = context;
    this.id = id;
    this.appData = appData;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @internal The worker drops the object for a reason of its parent's, named by the event. */
  closeBy(reason: string | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.closeChildren();
    if (reason !== undefined) this.safeEmit(reason);
    else this.safeEmit('@close');
    this.observer.safeEmit('close');
  }

  close(): void {
    this.closeBy(undefined);
  }

  /** Children close before their parent says that it is closed. */
  protected closeChildren(): void {}

  /** The statistics by way of the worker, or what the next fault says. */
  protected requestStats(stats: () => unknown[]): Promise<unknown[]> {
    const fault = this.faults.shift();
    return this.context.channel.request(this.id, !this.#closed, () => {
      if (fault === undefined) return stats();
      if ('reject' in fault) throw fault.reject;
      return fault.resolve as unknown[];
    });
  }

  /** What a getter returns: the object itself, or a clone in versions that clone. */
  protected expose<T>(value: T): T {
    return this.context.behaviour.clonesGetters ? structuredClone(value) : value;
  }
}
