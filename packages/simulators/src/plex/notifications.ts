import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SocketFaults } from '../faults/socket.ts';

/** The WebSocket of /:/websockets/notifications: what happens on the server, told to who listens. */
export class Notifications {
  readonly #server = new WebSocketServer({ noServer: true });
  /** Each listener with the types that it asked for; undefined is all. */
  readonly #listeners = new Map<WebSocket, ReadonlySet<string> | undefined>();
  readonly #faults: SocketFaults;

  constructor(faults: SocketFaults) {
    this.#faults = faults;
    faults.onHalfOpen((silent) => {
      for (const socket of this.#listeners.keys()) silent ? socket.pause() : socket.resume();
    });
  }

  /** How many listen. */
  get connected(): number {
    return this.#listeners.size;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const filters = /[?&]filters=([^&]+)/.exec(request.url ?? '')?.[1];
    this.#server.handleUpgrade(request, socket, head, (listener) => {
      this.#listeners.set(listener, filters === undefined ? undefined : new Set(filters.split(',')));
      listener.on('close', () => this.#listeners.delete(listener));
      // What a client sends is ignored, also when it is no WebSocket frame.
      listener.on('error', () => listener.terminate());
      if (this.#faults.halfOpen) listener.pause();
    });
  }

  /** A message of one entry, as the server sends them. */
  notify(type: string, name: string, entry: Record<string, unknown>): void {
    if (this.#listeners.size === 0) return;
    const message = JSON.stringify({ NotificationContainer: { type, size: 1, [name]: [entry] } });
    const told = { type, state: typeof entry.state === 'string' ? entry.state : undefined };
    const frames = this.#faults.pass({ ...told, message });
    if (this.#faults.halfOpen) return;
    for (const [listener, filters] of this.#listeners) {
      if (filters !== undefined && !filters.has(type)) continue;
      for (const frame of frames) listener.send(frame);
    }
  }

  /** Resolves when all who listen have taken what was sent to them, those apart that hear nothing. */
  async settled(): Promise<void> {
    if (this.#faults.halfOpen) return;
    await Promise.all(
      [...this.#listeners.keys()].map(async (listener) => {
        const taken = new AbortController();
        const { signal } = taken;
        listener.ping();
        await Promise.race([once(listener, 'pong', { signal }), once(listener, 'close', { signal })]);
        taken.abort();
      }),
    );
  }

  /** Sends something as it is. */
  sendRaw(frame: string | Uint8Array): void {
    for (const listener of this.#listeners.keys()) listener.send(frame);
  }

  /** Cuts all connections without a close frame. */
  drop(): void {
    for (const listener of this.#listeners.keys()) listener.terminate();
    this.#listeners.clear();
  }
}
