import { connect } from 'node:net';
import type { Clock } from '@media-exporter/metrics';
import { type ClientOptions, WebSocket } from 'ws';
import type { Secret } from '../../config/secrets.ts';
import type { SourceUrl } from '../../config/url.ts';
import type { TlsOptions } from '../http/http.ts';
import { authorize, IDENTITY } from './client.ts';
import { type Notification, parseMessage } from './parse/notification.ts';
import type { PlexSocketState } from './state.ts';

export interface NotificationSocketOptions {
  readonly url: SourceUrl;
  readonly tls: TlsOptions;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** The token in use, and how it is read again; the latter answers whether it is another one now. */
  readonly secret: () => Secret | undefined;
  readonly renewSecret: () => Promise<boolean>;
  readonly onNotification: (notification: Notification) => void;
  /** Told when the connection is there, and when it is lost. */
  readonly onChange: () => void;
}

const PATH = '/:/websockets/notifications';
const FILTERS = [
  'playing',
  'transcodeSession.start',
  'transcodeSession.update',
  'transcodeSession.end',
  'timeline',
  'activity',
  'status',
  'reachability',
  'update.statechange',
].join(',');

/** All in milliseconds. */
const PING = 15_000;
const HANDSHAKE = 10_000;
const RECONNECT = { least: 100, first: 1_000, most: 60_000, refused: 300_000 };
/** A connection that lasted so long was a good one: the waits begin anew after it. */
const STABLE = 30_000;

const MOST_BYTES = 1024 ** 2;

/**
 * The notifications of a Plex server: connects again for ever, pings, and gives a connection up that is silent. What it
 * tells is a hint, so a lost or unreadable message costs nothing but time.
 */
export class NotificationSocket {
  readonly #options: NotificationSocketOptions;
  readonly #messages = new Map<string, number>();
  #socket: WebSocket | undefined;
  #connectedAt: number | undefined;
  #wasConnected = false;
  #reconnects = 0;
  #failures = 0;
  #lastMessageAt: number | undefined;
  /** Whether anything came since the last ping. */
  #alive = false;
  #cancel: (() => void) | undefined;
  #stopped = false;
  /** The token that the server refused last. */
  #refused: Secret | undefined;

  constructor(options: NotificationSocketOptions) {
    this.#options = options;
  }

  /** Since when it is connected, by the clock's `now`; `undefined` while it is not. */
  get connectedAt(): number | undefined {
    return this.#connectedAt;
  }

  /** Whether it waits before it connects again. */
  get resting(): boolean {
    return this.#socket === undefined;
  }

  state(): PlexSocketState {
    return {
      connected: this.#connectedAt !== undefined,
      reconnects: this.#reconnects,
      messages: Object.fromEntries(this.#messages),
      ...(this.#lastMessageAt === undefined ? {} : { lastMessageAt: this.#lastMessageAt }),
    };
  }

  /** Connects, and goes on trying. */
  start(): void {
    const { url, tls, clock } = this.#options;
    if (this.#stopped) return;
    const { socketPath } = url;
    const secret = this.#options.secret();
    const options: ClientOptions = {
      headers: { ...IDENTITY, ...(secret === undefined ? {} : authorize(secret.reveal())) },
      maxPayload: MOST_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
      ...(socketPath !== undefined && { createConnection: () => connect(socketPath) }),
      ...(tls.ca !== undefined && { ca: tls.ca }),
      ...(tls.servername !== undefined && { servername: tls.servername }),
      ...(tls.insecure === true && { rejectUnauthorized: false }),
    };
    const address = `${url.origin.replace(/^http/, 'ws')}${url.basePath}${PATH}?filters=${FILTERS}`;
    const socket = this.#create(address, options);
    if (socket === undefined) {
      this.#retry(RECONNECT.refused);
      return;
    }
    this.#socket = socket;
    this.#cancel = clock.after(HANDSHAKE, () => socket.terminate());
    let status: number | undefined;
    socket.on('unexpected-response', (request, response) => {
      status = response.statusCode;
      response.destroy();
      request.destroy();
      // With a listener of its own, nobody else ends the attempt.
      socket.emit('close');
    });
    socket.on('open', () => this.#open());
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#lose(socket, status));
  }

  /** Told that the server takes requests: a token that was refused and is another one by now is tried at once. */
  welcome(): void {
    if (this.#refused === undefined || !this.resting || this.#refused === this.#options.secret()) return;
    this.#refused = undefined;
    this.#retry(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#socket?.terminate();
  }

  #create(address: string, options: ClientOptions): WebSocket | undefined {
    try {
      return new WebSocket(address, options);
    } catch {
      // The token has characters that a header cannot carry; the requests tell it better.
      return undefined;
    }
  }

  #open(): void {
    this.#cancel?.();
    this.#connectedAt = this.#options.clock.now();
    this.#refused = undefined;
    if (this.#wasConnected) this.#reconnects += 1;
    this.#wasConnected = true;
    this.#alive = true;
    this.#ping();
    this.#options.onChange();
  }

  #ping(): void {
    if (!this.#alive) {
      this.#socket?.terminate();
      return;
    }
    this.#alive = false;
    this.#socket?.ping();
    this.#cancel = this.#options.clock.after(PING, () => this.#ping());
  }

  #receive(body: string): void {
    this.#alive = true;
    this.#lastMessageAt = this.#options.clock.date();
    const message = parseMessage(body);
    const name = message?.name ?? 'other';
    this.#messages.set(name, (this.#messages.get(name) ?? 0) + 1);
    if (message !== undefined && !this.#stopped) this.#options.onNotification(message.notification);
  }

  #lose(socket: WebSocket, status: number | undefined): void {
    // A close may be told twice.
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#cancel?.();
    const { clock } = this.#options;
    const connected = this.#connectedAt;
    this.#connectedAt = undefined;
    if (this.#stopped) return;
    this.#failures = connected !== undefined && clock.now() - connected >= STABLE ? 0 : this.#failures + 1;
    if (status === 401) void this.#renew();
    else this.#retry(Math.min(RECONNECT.most, RECONNECT.first * 2 ** this.#failures));
    if (connected !== undefined) this.#options.onChange();
  }

  /** A token that is refused is read again once; what is refused then too is tried rarely. */
  async #renew(): Promise<void> {
    const { secret, renewSecret } = this.#options;
    const used = secret();
    const again = this.#refused !== undefined && this.#refused === used;
    this.#refused = used;
    const renewed = !again && (await renewSecret());
    this.#retry(renewed ? RECONNECT.first : RECONNECT.refused);
  }

  /** Connects after a part of `longest` that is left to chance. */
  #retry(longest: number): void {
    if (this.#stopped) return;
    const { clock, random } = this.#options;
    this.#cancel?.();
    this.#cancel = clock.after(Math.max(RECONNECT.least, random() * longest), () => this.start());
  }
}
