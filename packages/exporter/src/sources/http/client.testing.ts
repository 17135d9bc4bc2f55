import { createServer, type RequestListener, type Server } from 'node:http';
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Socket,
  type Server as SocketServer,
} from 'node:net';
import { ManualClock } from '@media-exporter/metrics/testing';
import { onTestFinished } from 'vitest';
import { parseSourceUrl, type SourceUrl } from '../../config/url.ts';
import type { RequestReport } from '../source.ts';
import { HttpClient, type HttpClientOptions, type Parsed } from './http.ts';

/** Listens until the test ends, and answers the URL. */
export async function open(server: Server | SocketServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => server.closeAllConnections());
  return open(server);
}

/** A server that speaks bytes, told of each connection that has sent something. */
export async function speaking(onData: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', () => onData(socket));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return open(server);
}

/** A client of a server, and what it reports of its requests. */
export function connect(
  url: string,
  options: Partial<HttpClientOptions> = {},
): { client: HttpClient; reports: RequestReport[] } {
  const reports: RequestReport[] = [];
  const client = new HttpClient({
    url: parseSourceUrl(url) as SourceUrl,
    secret: undefined,
    timeout: 5,
    maxBytes: 1_000,
    clock: new ManualClock(),
    random: () => 1,
    onRequest: (report) => reports.push(report),
    ...options,
  });
  onTestFinished(() => client.close());
  return { client, reports };
}

/** Takes any body as it is. */
export const whole = (body: string): Parsed<string> => ({ ok: true, value: body });
