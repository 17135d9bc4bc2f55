import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { SfuError } from '../errors.ts';
import { hostPort } from '../identity.ts';
import type { ServeOptions } from '../options.ts';
import { guard } from './access.ts';
import { handle, type RouteContext } from './routes.ts';
import { listenOnSocket } from './socket.ts';

export interface SfuServer {
  /** `HOST:PORT`, or the path of the Unix socket. */
  readonly address: string;
  /** Takes no more requests, lets those under way finish for a second, and takes the socket away. */
  close(): Promise<void>;
}

const PORT = 8889;
const HOST = 'localhost';
/** How long requests under way may go on after the end, in milliseconds. */
const LINGER_MS = 1_000;

/** @throws SfuError `MX_SFU_LISTEN` or `MX_SFU_SOCKET_IN_USE` when it cannot listen there. */
export async function startServer(options: ServeOptions, routes: Omit<RouteContext, 'admit'>): Promise<SfuServer> {
  const context: RouteContext = { ...routes, admit: guard(options.secret) };
  const server = createServer({ maxHeaderSize: 16_384 }, (request, response) => {
    void handle(context, request, response);
  });
  const { socket, listen = HOST, port = PORT } = options;
  try {
    if (socket !== undefined) await listenOnSocket(server, socket);
    else await listenOnPort(server, listen, port);
  } catch (error) {
    if (error instanceof SfuError) throw error;
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new SfuError('MX_SFU_LISTEN', `${socket ?? hostPort(listen, port)}: ${code}`, { cause: error });
  }
  let closing: Promise<void> | undefined;
  return {
    address: socket ?? addressOf(server),
    close: () => {
      closing ??= new Promise((resolve) => {
        const cancel = routes.clock.after(LINGER_MS, () => server.closeAllConnections());
        server.close(() => {
          cancel();
          resolve();
        });
        server.closeIdleConnections();
      });
      return closing;
    },
  };
}

function listenOnPort(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return hostPort(address, port);
}
