import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { HttpFaults, SocketFaults, statusPage } from '../faults/index.ts';
import { accessOf, answer, endpointOf, parseTarget } from './api/routes.ts';
import { Notifications } from './notifications.ts';
import { RequestLog } from './requests.ts';
import type { PlexState } from './state.ts';

/** `gone`: nobody answers. `starting`: everything is answered with 503. */
export type Phase = 'up' | 'starting' | 'gone';

export interface ListenerOptions {
  /** Where a proxy would have put the server: `/plex`. */
  readonly basePath?: string;
  /** PEM, for https. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** The network side of the server. */
export class Listener {
  readonly faults: HttpFaults;
  readonly socketFaults: SocketFaults = new SocketFaults();
  readonly notifications: Notifications = new Notifications(this.socketFaults);
  readonly requests: RequestLog = new RequestLog();
  phase: Phase = 'up';
  readonly #state: PlexState;
  readonly #server: Server;
  readonly #basePath: string;
  readonly #scheme: 'http' | 'https';

  constructor(state: PlexState, { basePath = '', tls }: ListenerOptions) {
    this.#state = state;
    this.#basePath = basePath;
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.faults = new HttpFaults(state.clock, state.random);
    const serve = (request: IncomingMessage, response: ServerResponse): void => this.#serve(request, response);
    this.#server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', () => {
      this.requests.connections += 1;
    });
    // A connection is never closed in the moment in which a client sends its next request.
    this.#server.keepAliveTimeout = 0;
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#scheme}://127.0.0.1:${port}${this.#basePath}`;
  }

  /** Cuts all connections. */
  cut(): void {
    this.notifications.drop();
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (this.phase === 'gone') {
      request.socket.resetAndDestroy();
      return;
    }
    const { url = '/', method = 'GET', headers } = request;
    const inside = url.startsWith(this.#basePath);
    const target = parseTarget(inside ? url.slice(this.#basePath.length) : url);
    const endpoint = endpointOf(target.path);
    const inHeader = headers['x-plex-token'] === undefined ? 'none' : 'header';
    this.requests.add({
      at: this.#state.clock.now(),
      method,
      endpoint,
      path: target.path,
      query: target.query,
      token: target.parameters.has('X-Plex-Token') ? 'query' : inHeader,
    });
    this.requests.open += 1;
    response.once('close', () => {
      this.requests.open -= 1;
    });
    request.resume();
    this.faults.respond(endpoint, response, () => {
      if (this.phase !== 'up') return statusPage(503);
      const known = inside && (method === 'GET' || method === 'HEAD');
      return known ? answer(this.#state, { ...target, headers }) : statusPage(404);
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that goes away in the middle is no error of the server.
    socket.on('error', () => socket.destroy());
    const status = this.phase === 'gone' ? undefined : this.#refusal(request);
    if (this.phase === 'gone') socket.destroy();
    else if (status === undefined) this.notifications.accept(request, socket, head);
    else refuse(socket, status);
  }

  /** The status that a new socket is turned away with. */
  #refusal({ url = '/', headers }: IncomingMessage): number | undefined {
    if (this.phase === 'starting') return 503;
    if (this.socketFaults.refusal !== undefined) return this.socketFaults.refusal;
    const { path, parameters } = parseTarget(url.slice(this.#basePath.length));
    if (!url.startsWith(this.#basePath) || !/^\/:\/websockets?\/notifications$/.test(path)) return 404;
    const access = accessOf(this.#state, { headers, parameters });
    if (access === undefined) return 401;
    return access === 'owner' ? undefined : 403;
  }
}

function refuse(socket: Duplex, status: number): void {
  const { body } = statusPage(status);
  const head = [`HTTP/1.1 ${status} Refused`, 'Content-Type: text/html', 'Connection: close'];
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}
