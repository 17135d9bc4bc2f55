import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '@media-exporter/metrics';
import { formatAddress, type ListenAddress } from '../config/address.ts';
import { type ErrorCode, ExporterError } from '../errors.ts';
import { explainListenError } from '../system-errors.ts';
import { createServer } from './node-http.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Speaks TLS on connections; `serve` takes those whose client may send requests. */
export type Encrypt = (serve: (socket: Socket) => void) => Encrypted;

export interface Encrypted {
  accept(socket: Socket): void;
  /** Cuts connections that cannot have sent a request yet. */
  close(): void;
}

/** A socket on which requests come in. */
export interface Listener {
  /** Where it listens in fact, as `HOST:PORT`. */
  readonly address: string;
  /**
   * Speaks TLS as `encrypt` does on connections that come from now on, or plain HTTP without one. Those of before end
   * with the answer that they wait for, and no request that comes on them from now on is handled.
   */
  secure(encrypt: Encrypt | undefined): void;
  /** Takes no more connections, lets running answers end for `grace` milliseconds, and then cuts them. */
  close(grace: number): Promise<void>;
}

/** A client that neither reads nor writes for this long is gone. Longer than any scrape may take. */
const IDLE_MILLISECONDS = 330_000;

const CODES: Readonly<Record<string, ErrorCode>> = {
  EADDRINUSE: 'MX_LISTEN_IN_USE',
  EACCES: 'MX_LISTEN_DENIED',
  EPERM: 'MX_LISTEN_DENIED',
  EADDRNOTAVAIL: 'MX_LISTEN_ADDRESS',
  ENOTFOUND: 'MX_LISTEN_ADDRESS',
  EAI_AGAIN: 'MX_LISTEN_ADDRESS',
};

/**
 * Listens on one address, with TLS where `encrypt` is given.
 *
 * @throws ExporterError `MX_LISTEN_IN_USE`, `MX_LISTEN_DENIED` or `MX_LISTEN_ADDRESS`.
 */
export async function listen(
  { host, port }: ListenAddress,
  handler: Handler,
  clock: Clock,
  encrypt?: Encrypt,
): Promise<Listener> {
  let closing = false;
  /** Connections that were made since it was last said how. */
  let current = new WeakSet<Socket>();
  /** How many answers each connection waits for. */
  const waiting = new WeakMap<Socket, number>();
  const server = createServer((request, response) => {
    const { socket } = request;
    const before = waiting.get(socket) ?? 0;
    if (!current.has(socket)) {
      if (before === 0) socket.destroy();
      return;
    }
    waiting.set(socket, before + 1);
    response.once('close', () => {
      const left = (waiting.get(socket) ?? 1) - 1;
      waiting.set(socket, left);
      // A request that came too late for an answer would keep the connection from being idle.
      if (left === 0 && !current.has(socket)) socket.destroySoon();
      // A kept connection that became idle after the closing began would hold it up.
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
    if (closing) response.setHeader('connection', 'close');
    handler(request, response);
  });
  server.timeout = IDLE_MILLISECONDS;
  // The HTTP server keeps the port, its connections and their limits of time while TLS is put before it and taken away.
  const [speakHttp] = server.listeners('connection');
  const serve = (socket: Socket): void => {
    current.add(socket);
    speakHttp?.call(server, socket);
  };
  let used = encrypt;
  let encrypted = encrypt?.(serve);
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    if (encrypted === undefined) serve(socket);
    else encrypted.accept(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = CODES[error.code ?? ''] ?? 'MX_INTERNAL';
      const detail = `${formatAddress(host, port)}: ${explainListenError(error)}`;
      reject(new ExporterError({ code, detail }, { cause: error }));
    });
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  server.removeAllListeners('error').on('error', () => {});
  const bound = server.address() as AddressInfo;
  return {
    address: formatAddress(bound.address, bound.port),
    secure(next) {
      if (next === used) return;
      used = next;
      encrypted?.close();
      encrypted = next?.(serve);
      current = new WeakSet();
      server.closeIdleConnections();
    },
    async close(grace) {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      encrypted?.close();
      const cancel = clock.after(grace, () => server.closeAllConnections());
      await closed;
      cancel();
    },
  };
}
