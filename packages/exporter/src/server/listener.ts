import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@media-exporter/metrics';
import { formatAddress, type ListenAddress } from '../config/address.ts';
import { type ErrorCode, ExporterError } from '../errors.ts';
import { explainListenError } from '../system-errors.ts';
import { createServer } from './node-http.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A socket on which requests come in. */
export interface Listener {
  /** Where it listens in fact, as `HOST:PORT`. */
  readonly address: string;
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
 * Listens on one address.
 *
 * @throws ExporterError `MX_LISTEN_IN_USE`, `MX_LISTEN_DENIED` or `MX_LISTEN_ADDRESS`.
 */
export async function listen({ host, port }: ListenAddress, handler: Handler, clock: Clock): Promise<Listener> {
  let closing = false;
  const server = createServer((request, response) => {
    // A kept connection that became idle after the closing began would hold it up.
    response.once('close', () => closing && setImmediate(() => server.closeIdleConnections()));
    if (closing) response.setHeader('connection', 'close');
    handler(request, response);
  });
  server.timeout = IDLE_MILLISECONDS;
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
    async close(grace) {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const cancel = clock.after(grace, () => server.closeAllConnections());
      await closed;
      cancel();
    },
  };
}
