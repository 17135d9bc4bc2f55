import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '@media-exporter/metrics';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SocketFaults } from '../../faults/socket.ts';
import type { Json } from '../text.ts';
import { jsonText } from '../text.ts';

/** A client that says nothing for so long is dropped; before, it is reminded. */
const KEEP_ALIVE_SECONDS = 60;
const REMIND_AFTER_MS = 48_000;
const DROP_AFTER_MS = 60_000;

/** What listeners can subscribe to, and the name under which it comes. */
export type Topic = 'Sessions' | 'ScheduledTasksInfo' | 'ActivityLogEntry';

/** @internal What the socket needs of its server. */
export interface SocketHost {
  readonly clock: Clock;
  readonly faults: SocketFaults;
  /** The whole of what the topic tells. ActivityLogEntry tells nothing: it is a hint to fetch. */
  data(topic: Topic): Json;
  /** A listener is a session without a user; `false`: it was dropped, and its session stays. */
  changed(listening: boolean, clean: boolean): void;
}

interface Listener {
  readonly topics: Set<Topic>;
  heard: number;
  stopTimer: () => void;
}

/** /socket: pokes on events, never by a period, whatever period was asked for. */
export class EventSocket {
  readonly #host: SocketHost;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #listeners = new Map<WebSocket, Listener>();

  constructor(host: SocketHost) {
    this.#host = host;
    host.faults.onHalfOpen((silent) => {
      for (const socket of this.#listeners.keys()) silent ? socket.pause() : socket.resume();
    });
  }

  /** How many listen. */
  get connected(): number {
    return this.#listeners.size;
  }

  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      const listener: Listener = { topics: new Set(), heard: this.#host.clock.now(), stopTimer: () => {} };
      this.#listeners.set(socket, listener);
      socket.on('message', (data) => this.#hear(socket, listener, String(data)));
      socket.on('close', () => this.#forget(socket, true));
      socket.on('error', () => socket.terminate());
      if (this.#host.faults.halfOpen) socket.pause();
      this.#host.changed(true, true);
      this.#send(socket, 'ForceKeepAlive', KEEP_ALIVE_SECONDS);
      this.#watch(socket, listener);
    });
  }

  /** Something happened: whoever subscribed gets all of it anew. */
  tell(topic: Topic): void {
    for (const [socket, { topics }] of this.#listeners) {
      if (topics.has(topic)) this.#send(socket, topic, this.#host.data(topic));
    }
  }

  /** Cuts all connections without a close frame, as the end of the process does; those too that were dropped before. */
  drop(): void {
    for (const { stopTimer } of this.#listeners.values()) stopTimer();
    this.#listeners.clear();
    for (const socket of this.#server.clients) socket.terminate();
  }

  #hear(socket: WebSocket, listener: Listener, text: string): void {
    const type = messageType(text);
    if (type === undefined) return;
    if (type === 'KeepAlive') {
      listener.heard = this.#host.clock.now();
      this.#send(socket, 'KeepAlive');
      this.#watch(socket, listener);
    }
    const [, topic, verb] = /^(Sessions|ScheduledTasksInfo|ActivityLogEntry)(Start|Stop)$/.exec(type) ?? [];
    if (verb === 'Start') listener.topics.add(topic as Topic);
    if (verb === 'Stop') listener.topics.delete(topic as Topic);
    // The first message comes with the first event, not with the subscription.
  }

  /** Reminds, and then drops without a word: the connection stands, nothing comes through it, the session stays. */
  #watch(socket: WebSocket, listener: Listener): void {
    listener.stopTimer();
    const { clock } = this.#host;
    listener.stopTimer = clock.after(REMIND_AFTER_MS, () => {
      this.#send(socket, 'ForceKeepAlive', KEEP_ALIVE_SECONDS);
      listener.stopTimer = clock.after(DROP_AFTER_MS - REMIND_AFTER_MS, () => this.#forget(socket, false));
    });
  }

  #forget(socket: WebSocket, clean: boolean): void {
    const listener = this.#listeners.get(socket);
    if (listener === undefined) return;
    listener.stopTimer();
    this.#listeners.delete(socket);
    this.#host.changed(false, clean);
  }

  #send(socket: WebSocket, type: string, data?: Json): void {
    const id = randomBytes(16).toString('hex');
    const message = jsonText({ MessageId: id, Data: data, MessageType: type });
    const frames = this.#host.faults.pass({ type, message });
    if (this.#host.faults.halfOpen) return;
    for (const frame of frames) socket.send(frame);
  }
}

function messageType(text: string): string | undefined {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message !== 'object' || message === null || !('MessageType' in message)) return undefined;
    return typeof message.MessageType === 'string' ? message.MessageType : undefined;
  } catch {
    return undefined;
  }
}
