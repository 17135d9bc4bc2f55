import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { TlsSettings } from '../config/web-file/tls.ts';
import { admits, asksForCertificate } from './client-certificate.ts';
import type { Encrypt } from './listener.ts';

/** A client that has not shaken hands for this long is gone. */
const HANDSHAKE_MILLISECONDS = 10_000;

const ADVICE = 'This port speaks HTTPS: the URL begins with https://.\n';
const PLAIN_REFUSED = [
  'HTTP/1.1 400 Bad Request',
  'connection: close',
  'content-type: text/plain; charset=utf-8',
  `content-length: ${ADVICE.length}`,
  '',
  ADVICE,
].join('\r\n');

/** TLS as the web configuration file wants it. */
export function encryptWith(settings: TlsSettings): Encrypt {
  return (serve) => {
    /** Connections whose client has not shaken hands yet, by where they come from. */
    const pending = new Map<string, Socket>();
    const server = createServer({
      ...settings.context,
      // Each client is judged here, and not by Node.js, which knows only two of the five ways.
      requestCert: asksForCertificate(settings),
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MILLISECONDS,
      ALPNProtocols: ['http/1.1'],
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'ERR_SSL_HTTP_REQUEST') refusePlain(pending.get(originOf(socket)));
      socket.destroy();
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      pending.delete(originOf(socket));
      if (admits(settings, socket)) serve(socket);
      else socket.destroy();
    });
    return {
      accept(socket) {
        const origin = originOf(socket);
        pending.set(origin, socket);
        socket.once('close', () => pending.delete(origin));
        server.emit('connection', socket);
      },
      close() {
        for (const socket of pending.values()) socket.destroy();
      },
    };
  };
}

/** Answers who speaks plain HTTP here, without TLS as that does. */
function refusePlain(socket: Socket | undefined): void {
  socket?.on('error', () => {}).write(PLAIN_REFUSED);
  socket?.destroySoon();
}

function originOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
