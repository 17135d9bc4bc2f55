import type { Clock } from '@media-exporter/metrics';
import { parseListenAddress } from '../config/address.ts';
import { type Encrypt, type Handler, type Listener, listen } from './listener.ts';
import { respond } from './respond.ts';

/** How long running answers may take when a listener is closed, in milliseconds. */
const GRACE = 5_000;

/** Listeners that are open but not in use yet, by their address in the configuration. */
export type Opened = ReadonlyMap<string, Listener>;

/** The addresses that the exporter listens on. They change in two steps, so that a change that fails changes nothing. */
export class Listeners {
  readonly #handler: Handler;
  readonly #clock: Clock;
  readonly #open = new Map<string, Listener>();
  readonly #taken = new WeakSet<Listener>();

  constructor(handler: Handler, clock: Clock) {
    this.#handler = handler;
    this.#clock = clock;
  }

  /** Where it listens in fact, as `HOST:PORT`. */
  get addresses(): readonly string[] {
    return [...this.#open.values()].map((listener) => listener.address);
  }

  /**
   * Opens what is wanted and not open yet, with TLS where `encrypt` is given: all of it, or none. It answers with 503
   * until it is taken: the rules that belong to it are not in use before.
   *
   * @throws ExporterError when an address cannot be listened on.
   */
  async open(wanted: readonly string[], encrypt?: Encrypt): Promise<Opened> {
    const opened = new Map<string, Listener>();
    try {
      for (const text of new Set(wanted)) {
        const address = parseListenAddress(text);
        if (this.#open.has(text) || address === undefined) continue;
        let listener: Listener | undefined;
        const handler: Handler = (request, response) => {
          if (listener !== undefined && this.#taken.has(listener)) this.#handler(request, response);
          else respond(response, 503, 'media-exporter does not serve this address yet.');
        };
        listener = await listen(address, handler, this.#clock, encrypt);
        opened.set(text, listener);
      }
    } catch (error) {
      await this.discard(opened);
      throw error;
    }
    return opened;
  }

  /** Gives up what was opened. */
  async discard(opened: Opened): Promise<void> {
    await Promise.all([...opened.values()].map((listener) => listener.close(0)));
  }

  /** What is open speaks TLS as `encrypt` does, or plain HTTP without one. */
  secure(encrypt: Encrypt | undefined): void {
    for (const listener of this.#open.values()) listener.secure(encrypt);
  }

  /** Adds what was opened, and closes what is no longer wanted; not waiting, since the reload may have come in on it. */
  take(wanted: readonly string[], opened: Opened): void {
    for (const [text, listener] of opened) {
      this.#open.set(text, listener);
      this.#taken.add(listener);
    }
    for (const [text, listener] of [...this.#open]) {
      if (wanted.includes(text)) continue;
      this.#open.delete(text);
      void listener.close(GRACE);
    }
  }

  /** Takes no more connections, and lets running answers end for a while. */
  async close(): Promise<void> {
    const all = [...this.#open.values()];
    await Promise.all(all.map((listener) => listener.close(GRACE)));
    this.#open.clear();
  }
}
