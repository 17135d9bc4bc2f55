import { channel } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** How many turns of the event loop must pass without news before nothing more is on its way on loopback. */
const TURNS = 4;
/** Real milliseconds: something hangs that should not. */
const PATIENCE = 20_000;

/**
 * Tells when this process waits for nothing but its clock: no request of undici is under way, and no upgrade to a
 * WebSocket. With it a test can turn the clock on only when all that the last turn began has happened.
 */
export class Quiet {
  #running = 0;
  #news = 0;
  readonly #pending = new Set<object>();

  constructor() {
    const began = (message: unknown): void => {
      this.#pending.add((message as { request: object }).request);
      this.#news += 1;
    };
    const ended = (message: unknown): void => {
      this.#pending.delete((message as { request: object }).request);
      this.#news += 1;
    };
    channel('undici:request:create').subscribe(began);
    channel('undici:request:trailers').subscribe(ended);
    channel('undici:request:error').subscribe(ended);
    channel('http.client.request.start').subscribe((message) => {
      const { request } = message as { request: ClientRequest };
      if (!/websocket/i.test(String(request.getHeader('upgrade') ?? ''))) return;
      this.#running += 1;
      this.#news += 1;
      let over = false;
      const end = (): void => {
        if (over) return;
        over = true;
        this.#running -= 1;
        this.#news += 1;
      };
      for (const event of ['upgrade', 'response', 'error', 'close']) request.once(event, end);
    });
  }

  /** Requests that wait for an answer. */
  get waiting(): number {
    return this.#pending.size + this.#running;
  }

  /** Resolves once no more than `held` requests wait: those that a server keeps on purpose. */
  async settled(held: () => number = () => 0): Promise<void> {
    const started = performance.now();
    for (let still = 0, seen = this.#news; still < TURNS; ) {
      await new Promise((resolve) => setImmediate(resolve));
      const calm = seen === this.#news && this.waiting <= held();
      still = calm ? still + 1 : 0;
      seen = this.#news;
      if (performance.now() - started > PATIENCE) throw new Error(`${this.waiting} requests get no answer`);
    }
  }
}
