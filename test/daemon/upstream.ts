import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** The state of an SFU with two rooms, as its `/stats` gives it. */
export const STATE: string = readFileSync(
  new URL('../../packages/exporter/testdata/sfu/state.json', import.meta.url),
  'utf8',
);

/** Stands in for an SFU that embeds the package: healthy, or at fault as the test says. */
export class Upstream {
  /** How requests are answered from now on. */
  answer: RequestListener = healthy;
  /** The paths that were asked for. */
  readonly paths: string[] = [];
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens; after {@link Upstream.stop}, on the same port again. */
  async start(): Promise<this> {
    const server = createServer((request, response) => {
      this.paths.push(request.url ?? '');
      this.answer(request, response);
    });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  /** Goes away at once, as a process that is killed does. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }
}

/** Answers `/stats` with the state, and nothing else. */
export const healthy: RequestListener = (request, response) => {
  if (request.url === '/stats') response.setHeader('content-type', 'application/json').end(STATE);
  else response.writeHead(404).end();
};

/** Takes the request and never answers. */
export const silent: RequestListener = () => {};
