import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { ManualClock } from '@media-exporter/metrics/testing';
import { WebSocket } from 'ws';
import { SimulatedPlex, type SimulatedPlexOptions } from '../src/plex/index.ts';

/** An entry of a JSON answer or message. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look into JSON of every shape.
export type Json = any;

/** A listener on the notification socket. */
export interface Listening {
  readonly socket: WebSocket;
  /** Frames as they came. */
  readonly frames: string[];
  /** Messages without their wrapper: the type, and the one entry. */
  messages(type?: string): Promise<{ readonly type: string; readonly entry: Json }[]>;
}

/** A simulated server on a clock that the test turns, with clients of it. */
export class PlexTest {
  readonly clock: ManualClock = new ManualClock();
  readonly plex: SimulatedPlex;
  readonly #sockets: WebSocket[] = [];
  readonly #agent = new Agent({ keepAlive: true });

  constructor(options: SimulatedPlexOptions = {}) {
    this.plex = new SimulatedPlex({ clock: this.clock, ...options });
  }

  static async start(options: SimulatedPlexOptions = {}): Promise<PlexTest> {
    const test = new PlexTest(options);
    await test.plex.listen();
    return test;
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#agent.destroy();
    await this.plex.close();
  }

  /** Moves on by so many seconds. */
  pass(seconds: number): void {
    this.clock.advance(seconds * 1000);
  }

  fetch(path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> {
    const polite = { accept: 'application/json', 'x-plex-token': this.plex.token };
    return fetch(this.plex.url + path, { redirect: 'manual', ...init, headers: { ...polite, ...headers } });
  }

  /** The MediaContainer of an answer to a path that is sent as it is; fetch would encode some of it. */
  async getRaw(path: string, agent: Agent = this.#agent): Promise<Json> {
    const headers = { accept: 'application/json', 'x-plex-token': this.plex.token };
    const { port } = new URL(this.plex.url);
    const [response] = (await once(request({ agent, host: '127.0.0.1', port, path, headers }).end(), 'response')) as [
      IncomingMessage,
    ];
    return JSON.parse(Buffer.concat(await response.toArray()).toString()).MediaContainer;
  }

  /** The MediaContainer of an answer. */
  async get(path: string, headers: Record<string, string> = {}): Promise<Json> {
    const response = await this.fetch(path, headers);
    return ((await response.json()) as Json).MediaContainer;
  }

  /** The entries of /status/sessions. */
  async sessions(): Promise<Json[]> {
    return (await this.get('/status/sessions')).Metadata ?? [];
  }

  async listen(query = '', headers: Record<string, string> = { 'x-plex-token': this.plex.token }): Promise<Listening> {
    const url = `${this.plex.url.replace('http', 'ws')}/:/websockets/notifications${query}`;
    const socket = new WebSocket(url, { headers });
    this.#sockets.push(socket);
    const frames: string[] = [];
    socket.on('message', (data) => frames.push(String(data)));
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_request, { statusCode }) => reject(new Error(`status ${statusCode}`)));
      socket.once('error', reject);
    });
    return { socket, frames, messages: async (type) => this.#messages(socket, frames, type) };
  }

  /** All that was sent so far has come once the pong is here: frames keep their order. */
  async #messages(
    socket: WebSocket,
    frames: readonly string[],
    type?: string,
  ): Promise<{ type: string; entry: Json }[]> {
    await new Promise<void>((resolve) => {
      socket.once('pong', () => resolve());
      socket.ping();
    });
    const containers = frames.map((frame) => JSON.parse(frame).NotificationContainer as Json);
    return containers
      .filter((container) => type === undefined || container.type === type)
      .map((container) => {
        const name = Object.keys(container).find((key) => Array.isArray(container[key])) ?? '';
        return { type: container.type, entry: container[name][0] };
      });
  }
}
