import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '@media-exporter/metrics';
import type { Answer, HttpFaults, SocketFaults } from '../../faults/index.ts';
import type { ApiRequest } from '../api/answer.ts';
import { answer, endpointOf } from '../api/routes.ts';
import type { ServerState } from '../state.ts';
import { pick } from '../text.ts';
import { callerOf, credentialsOf, takesLegacy } from './gate.ts';
import type { Phase } from './phases.ts';
import type { RequestLog } from './requests.ts';
import { setupAnswer } from './setup.ts';
import type { EventSocket } from './socket.ts';

/** @internal What the front needs of its server. */
export interface FrontHost {
  readonly clock: Clock;
  readonly state: ServerState;
  readonly basePath: string;
  readonly keys: ReadonlySet<string>;
  readonly faults: HttpFaults;
  readonly socketFaults: SocketFaults;
  readonly requests: RequestLog;
  readonly socket: EventSocket;
  phase(): Phase;
}

/** Takes what comes in on the port, and answers it as the phase of the server allows. */
export class Front {
  readonly #host: FrontHost;
  /** Of this process, by status and endpoint. */
  readonly #answered = new Map<string, number>();
  #bytesSent = 0;

  constructor(host: FrontHost) {
    this.#host = host;
  }

  /** Requests by `200 System/Info`. */
  get answered(): ReadonlyMap<string, number> {
    return this.#answered;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** With another process. */
  forget(): void {
    this.#answered.clear();
    this.#bytesSent = 0;
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const { clock, faults, requests, state, keys } = this.#host;
    const url = targetOf(request);
    const path = this.#inside(url.pathname);
    const endpoint = endpointOf(path ?? url.pathname) ?? path ?? url.pathname;
    const { token, form } = credentialsOf(request.headers, url.searchParams, this.#legacy);
    const caller = callerOf(token, keys, state.people.accounts);
    // A user's token leaves traces: the very ones that a monitor reads.
    if (caller.kind === 'user') caller.user.lastActivity = state.date();
    const method = request.method ?? 'GET';
    response.once('close', requests.hold(endpoint));
    const query = url.search.replace(/(api_?key=)[^&]*/gi, '$1…');
    requests.add({ at: clock.now(), method, endpoint, query, token: form });
    faults.respond(endpoint, response, () => {
      const called = { method, query: url.searchParams, headers: request.headers, caller };
      return this.#dress(this.#answer(url.pathname, path, called), endpoint);
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that goes away in the middle is no error of the server.
    socket.on('error', () => socket.destroy());
    const status = this.#host.socketFaults.refusal ?? this.#refusal(request);
    if (status === undefined) {
      this.#host.socket.accept(request, socket, head);
      return;
    }
    const text = `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\nServer: Kestrel\r\n`;
    socket.end(`${text}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  get #legacy(): boolean {
    const { dialect, settings } = this.#host.state;
    return takesLegacy(dialect, settings.legacyAuth);
  }

  /** The status that turns a listener away: 403, and not 401, for a token that is not good. */
  #refusal(request: IncomingMessage): number | undefined {
    const { keys, state } = this.#host;
    const url = targetOf(request);
    if (this.#host.phase() !== 'ready') return 503;
    if (this.#inside(url.pathname)?.toLowerCase() !== '/socket') return 404;
    const { token } = credentialsOf(request.headers, url.searchParams, this.#legacy);
    return callerOf(token, keys, state.people.accounts).kind === 'none' ? 403 : undefined;
  }

  #answer(whole: string, path: string | undefined, request: ApiRequest & { readonly method: string }): Answer {
    const { state } = this.#host;
    const phase = this.#host.phase();
    if (path === undefined) {
      // Only /health is sent to its prefixed self, all else to the page of the web client.
      const location = endpointOf(whole) === '/health' ? `${state.address}/health` : `${state.address}/web/`;
      return { status: 302, headers: { location }, body: '' };
    }
    return phase === 'setup' ? setupAnswer(state, path) : answer(state, path, request, phase === 'ready');
  }

  /** The path behind the base path and the old prefixes; undefined outside of them. */
  #inside(path: string): string | undefined {
    const base = this.#host.basePath.toLowerCase();
    if (base !== '' && path.toLowerCase() !== base && !path.toLowerCase().startsWith(`${base}/`)) return undefined;
    const inner = path.slice(base.length) || '/';
    return this.#host.state.dialect.embyPrefixes ? inner.replace(/^\/(emby|mediabrowser)(?=\/)/i, '') : inner;
  }

  /** What every answer carries: the date of the server, and how long it took until the answer began. */
  #dress(plain: Answer, endpoint: string): Answer {
    const key = `${plain.status} ${endpoint.slice(1)}`;
    this.#answered.set(key, (this.#answered.get(key) ?? 0) + 1);
    this.#bytesSent += plain.body.length;
    const timed = this.#host.phase() !== 'setup' && plain.status !== 302;
    const took = (0.2 + plain.body.length / 100_000 + pick(1000, key, this.#bytesSent) / 10_000).toFixed(4);
    return {
      ...plain,
      headers: {
        date: new Date(this.#host.state.date()).toUTCString(),
        server: 'Kestrel',
        ...(timed && { 'x-response-time-ms': took }),
        ...plain.headers,
      },
    };
  }
}

/** A path that begins with two slashes is one that nobody knows, and no host. */
function targetOf({ url }: IncomingMessage): URL {
  return new URL((url ?? '/').replace(/^\/\//, '/%2F'), 'http://localhost');
}
