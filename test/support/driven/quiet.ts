import { channel } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { PATIENCE } from '../until.ts';
import { nothingUnderWay } from './wires.ts';

/** How many turns of the event loop must pass without news before nothing more follows from what has come. */
const TURNS = 4;

/**
 * Tells when this process waits for nothing but its clock: no request of undici is under way, no upgrade to a WebSocket,
 * and nothing that {@link nothingUnderWay} knows of. With it a test can turn the clock on only when all that the last turn began has happened.
 */
export class Quiet {
  #news = 0;
  readonly #pending = new Set<object>();
  readonly #upgrades = new Set<object>();
  #ended = 0;

  readonly #subscriptions: readonly (readonly [name: string, listener: (message: unknown) => void])[];

  constructor() {
    const began = (message: unknown): void => {
      this.#pending.add((message as { request: object }).request);
      this.#news += 1;
    };
    const ended = (message: unknown): void => {
      if (this.#pending.delete((message as { request: object }).request)) this.#ended += 1;
      this.#news += 1;
    };
    this.#subscriptions = [
      ['undici:request:create', began],
      ['undici:request:trailers', ended],
      ['undici:request:error', ended],
      ['http.client.request.start', (message) => this.#follow((message as { request: ClientRequest }).request)],
    ];
    for (const [name, listener] of this.#subscriptions) channel(name).subscribe(listener);
  }

  /** Counts no longer. */
  close(): void {
    for (const [name, listener] of this.#subscriptions) channel(name).unsubscribe(listener);
  }

  /** Requests that wait for an answer. */
  get waiting(): number {
    return this.#pending.size + this.#upgrades.size;
  }

  /** Requests of undici that were answered to the end, or have failed. */
  get ended(): number {
    return this.#ended;
  }

  /** Resolves once no more than `held` requests wait: those that a server keeps on purpose. */
  async settled(held: () => number = () => 0): Promise<void> {
    let seen = this.#news;
    await this.until(() => {
      const calm = seen === this.#news && this.waiting <= held();
      seen = this.#news;
      return calm;
    });
  }

  /** Resolves once `calm` has held for some turns of the event loop. */
  async until(calm: () => boolean): Promise<void> {
    const started = performance.now();
    for (let still = 0; still < TURNS; ) {
      await new Promise((resolve) => setImmediate(resolve));
      // A close look costs more than a turn: at the first and at the last.
      const look = still === 0 || still === TURNS - 1;
      still = calm() && (!look || nothingUnderWay()) ? still + 1 : 0;
      if (performance.now() - started > PATIENCE)
        throw new Error(`it does not become quiet: ${this.waiting} requests wait`);
    }
  }

  /** An upgrade to a WebSocket, until it is decided. */
  #follow(request: ClientRequest): void {
    if (!/websocket/i.test(String(request.getHeader('upgrade') ?? ''))) return;
    this.#upgrades.add(request);
    this.#news += 1;
    const end = (): void => {
      this.#upgrades.delete(request);
      this.#news += 1;
    };
    for (const event of ['upgrade', 'response', 'error', 'close']) request.once(event, end);
  }
}
