import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '@media-exporter/metrics';
import { HttpFaults, SocketFaults, statusPage } from '../faults/index.ts';
import { type Random, seededRandom } from '../mediasoup/random.ts';
import { accessOf, answer, endpointOf, parseTarget } from './api/routes.ts';
import { inDialect } from './api/sessions.ts';
import { ACCOUNTS, ITEMS, LIBRARIES, PLAYERS } from './household.ts';
import type { Item, Library } from './library.ts';
import { Notifications } from './notifications.ts';
import type { Account, Player } from './people.ts';
import { RequestLog } from './requests.ts';
import { type SessionHost, type SessionOptions, SimulatedSession } from './session.ts';
import { PlexState, type ServerSettings } from './state.ts';
import type { Truth } from './truth.ts';

export interface SimulatedPlexOptions {
  readonly clock?: Clock;
  /** The owner's. */
  readonly token?: string;
  readonly libraries?: readonly Library[];
  /** The first is the owner, and has the id 1. */
  readonly accounts?: readonly Account[];
  readonly players?: readonly Player[];
  readonly items?: readonly Item[];
  readonly settings?: Partial<ServerSettings>;
  /** Where a proxy would have put the server: `/plex`. */
  readonly basePath?: string;
  /** PEM, for https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** How far back the rows of /statistics/bandwidth by second go. */
  readonly bandwidthWindowSeconds?: number;
  /** Defaults to a generator with a fixed seed, so that two runs give the same ids. */
  readonly random?: Random;
}

export interface PlayOptions extends Partial<Omit<SessionOptions, 'user' | 'player' | 'item'>> {
  /** Its name. Defaults to the owner. */
  readonly user?: string;
  /** Its title. Defaults to the first. */
  readonly player?: string;
  /** Its rating key, or one that the server did not have yet. */
  readonly item: string | Item;
}

const DEFAULT_SETTINGS: ServerSettings = {
  name: 'Simulated Plex',
  machineIdentifier: 'a7d1f3c09b2e4d5f8a6b7c8d9e0f1a2b3c4d5e6f',
  version: '1.42.1.10060-4e8b05daf',
  platform: 'Linux',
  platformVersion: '6.12.0 (Debian 13)',
  plexPass: true,
  dialect: 'current',
  reachable: true,
  update: undefined,
};

/**
 * A small Plex Media Server on loopback: its HTTP API and its notification socket, with sessions whose life is told by
 * {@link play} and the handles that it returns. What time does, the clock does. Nothing is played by itself.
 */
export class SimulatedPlex {
  /** What the server says of itself; may be changed at any time. */
  readonly settings: ServerSettings;
  readonly token: string;
  /** Faults of the HTTP side. */
  readonly faults: HttpFaults;
  /** Faults of the WebSocket. */
  readonly socketFaults: SocketFaults = new SocketFaults();
  readonly notifications: Notifications = new Notifications(this.socketFaults);
  readonly requests: RequestLog = new RequestLog();
  readonly #clock: Clock;
  readonly #state: PlexState;
  readonly #host: SessionHost;
  readonly #players: readonly Player[];
  readonly #server: Server;
  readonly #basePath: string;
  readonly #scheme: 'http' | 'https';
  readonly #timers = new Set<() => void>();
  #phase: 'up' | 'starting' | 'gone' = 'up';
  #lastKey = 0;
  #plays = 0;

  constructor(options: SimulatedPlexOptions = {}) {
    const random = options.random ?? seededRandom(1);
    this.#clock = options.clock ?? systemClock;
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.token = options.token ?? 'simulated-plex-token';
    this.faults = new HttpFaults(this.#clock, random);
    this.#players = options.players ?? PLAYERS;
    this.#basePath = options.basePath ?? '';
    this.#state = new PlexState({
      clock: this.#clock,
      random,
      settings: this.settings,
      token: this.token,
      libraries: options.libraries ?? LIBRARIES,
      accounts: options.accounts ?? ACCOUNTS,
      items: options.items ?? ITEMS,
      bandwidthWindowSeconds: options.bandwidthWindowSeconds ?? 1200,
    });
    this.#host = this.#newHost();
    this.#scheme = options.tls === undefined ? 'http' : 'https';
    const listener = (request: IncomingMessage, response: ServerResponse): void => this.#serve(request, response);
    this.#server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
    this.#server.on(options.tls === undefined ? 'connection' : 'secureConnection', () => {
      this.requests.connections += 1;
    });
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#state.measure();
  }

  /** Listens on loopback, on a free port unless told, and lets time do its work. */
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    this.#every(1000, () => {
      for (const session of [...this.#state.sessions]) session.tick();
    });
    this.#every(5000, () => {
      if (this.#phase === 'up') this.#state.measure();
    });
  }

  /** Without a slash at the end. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#basePath}`;
  }

  async close(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.notifications.drop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Those that the server still knows of, killed ones among them. */
  get sessions(): readonly SimulatedSession[] {
    return [...this.#state.sessions];
  }

  get libraries(): readonly Library[] {
    return this.#state.libraries;
  }

  /** What really was played and sent, up to now. */
  get truth(): Truth {
    this.#state.settle();
    return this.#state.truth;
  }

  /**
   * Somebody plays something from now on.
   *
   * @throws RangeError when there is no such user, player or item.
   */
  play({ user, player, item, ...options }: PlayOptions): SimulatedSession {
    const account = this.#state.accounts.find(({ name }) => user === undefined || name === user);
    const device = this.#players.find(({ title }) => player === undefined || title === player);
    const media = this.item(item);
    if (account === undefined || device === undefined) throw new RangeError('no such user or player');
    const session = new SimulatedSession(this.#host, {
      location: 'lan',
      ...options,
      user: account,
      player: device,
      item: media,
    });
    this.#state.sessions.add(session);
    return session;
  }

  /**
   * The item with this rating key; one that is given is made known first.
   *
   * @throws RangeError when there is none.
   */
  item(item: string | Item): Item {
    if (typeof item !== 'string') {
      this.#state.addItem(item);
      return item;
    }
    const known = this.#state.items.get(item);
    if (known === undefined) throw new RangeError('no such item');
    return known;
  }

  /** Bytes that no session takes, such as a download: they stand in /statistics/bandwidth. */
  transmit(bytes: number, { user, player, location = 'lan' }: Pick<PlayOptions, 'user' | 'player' | 'location'>): void {
    const account = this.#state.accounts.find(({ name }) => user === undefined || name === user);
    const device = this.#players.find(({ title }) => player === undefined || title === player);
    if (account === undefined || device === undefined) throw new RangeError('no such user or player');
    const to = { accountID: account.id, deviceID: this.#state.device(device).id, location, owed: 0 };
    this.#state.bandwidth.add(to, this.#clock.date(), bytes);
  }

  /**
   * The server goes away: connections are cut and, for `goneForMs`, nobody answers; then it starts and answers 503 for
   * `startsForMs`. Players wait, come back under new session keys that begin at 1 again, in another order than before,
   * and play on. Killed ones do not come back.
   */
  restart({ goneForMs = 2000, startsForMs = 10_000 }: { goneForMs?: number; startsForMs?: number } = {}): void {
    this.#state.settle();
    const waiting = [...this.#state.sessions];
    for (const session of waiting) session.disconnect();
    this.#state.sessions.clear();
    this.#state.resources = [];
    this.#lastKey = 0;
    this.#phase = 'gone';
    this.notifications.drop();
    this.#server.closeAllConnections();
    this.#after(goneForMs, () => {
      this.#phase = 'starting';
    });
    this.#after(goneForMs + startsForMs, () => {
      this.#phase = 'up';
      this.#state.measure();
      for (const session of waiting.reverse()) {
        if (session.ended) continue;
        this.#state.sessions.add(session);
        session.reconnect();
      }
    });
  }

  #newHost(): SessionHost {
    const state = this.#state;
    return {
      clock: this.#clock,
      truth: state.truth,
      bandwidth: state.bandwidth,
      library: (id) => state.library(id),
      deviceId: (player) => state.device(player).id,
      newId: () => state.newId(),
      nextKey: () => {
        this.#lastKey += 1;
        return String(this.#lastKey);
      },
      nextPlay: () => {
        this.#plays += 1;
        return this.#plays;
      },
      notify: (type, name, entry) => {
        if (this.#phase !== 'up') return;
        const told = type.startsWith('transcodeSession.') ? inDialect(this.settings.dialect, entry) : entry;
        this.notifications.notify(type, name, told);
      },
      forget: (session) => state.sessions.delete(session),
    };
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (this.#phase === 'gone') {
      request.socket.resetAndDestroy();
      return;
    }
    const target = request.url ?? '/';
    const inside = target.startsWith(this.#basePath);
    const parsed = parseTarget(inside ? target.slice(this.#basePath.length) : target);
    const endpoint = endpointOf(parsed.path);
    const { method = 'GET', headers } = request;
    const token = headers['x-plex-token'] !== undefined ? 'header' : 'none';
    this.requests.add({
      at: this.#clock.now(),
      method,
      endpoint,
      path: parsed.path,
      query: parsed.query,
      token: parsed.parameters.has('X-Plex-Token') ? 'query' : token,
    });
    request.resume();
    this.faults.respond(endpoint, response, () => {
      if (this.#phase !== 'up') return statusPage(503);
      return inside && (method === 'GET' || method === 'HEAD')
        ? answer(this.#state, { ...parsed, headers })
        : statusPage(404);
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that goes away in the middle is no error of the server.
    socket.on('error', () => socket.destroy());
    if (this.#phase === 'gone') {
      socket.destroy();
      return;
    }
    const target = (request.url ?? '/').slice(this.#basePath.length);
    const { path, parameters } = parseTarget(target);
    const known = /^\/:\/websockets?\/notifications$/.test(path);
    const access = accessOf(this.#state, { headers: request.headers, parameters });
    const status =
      this.#phase === 'starting' ? 503 : (this.socketFaults.refusal ?? (known ? ACCESS_STATUS[access ?? 'none'] : 404));
    if (status === undefined) {
      this.notifications.accept(request, socket, head);
      return;
    }
    const { body } = statusPage(status);
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  }

  #after(delay: number, task: () => void): void {
    const cancel = this.#clock.after(delay, () => {
      this.#timers.delete(cancel);
      task();
    });
    this.#timers.add(cancel);
  }

  #every(interval: number, task: () => void): void {
    this.#after(interval, () => {
      task();
      this.#every(interval, task);
    });
  }
}

/** Undefined: come in. */
const ACCESS_STATUS: Readonly<Record<'owner' | 'user' | 'none', number | undefined>> = {
  owner: undefined,
  user: 403,
  none: 401,
};
