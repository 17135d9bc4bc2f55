import { subscribe } from 'node:diagnostics_channel';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The ends of a connection over TCP that are in this process. */
interface Wire {
  client?: Socket;
  server?: Socket;
}

/** What the thread pool or the kernel has yet to answer. */
const ASKED = /^(FSReq|GetAddrInfo|GetNameInfo|QueryReq|TCPConnect|PipeConnect)/;

/** Each by the ports of its client and its server. */
const wires = new Map<string, Wire>();
const servers = new Set<Server>();

/** Puts one end to the other; ports may have been those of an earlier connection. */
function join(client: number | undefined, server: number | undefined, end: Wire): void {
  // An end that is closed at once has no ports any more.
  if (client === undefined || server === undefined) return;
  const key = `${client} ${server}`;
  const other = wires.get(key);
  const earlier = other === undefined || (end.client ? other.client : other.server) !== undefined;
  wires.set(key, earlier ? end : { ...other, ...end });
}

subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  // What it has written is what it has encrypted, or not yet.
  if (socket instanceof TLSSocket) return;
  socket.once('connect', () => join(socket.localPort, socket.remotePort, { client: socket }));
});
subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket };
  join(socket.remotePort, socket.localPort, { server: socket });
});
subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const { server } = message as { server: Server };
  servers.add(server.once('close', () => servers.delete(server)));
});

/** Whether nobody takes what comes to this end. */
function unread(end: Socket): boolean {
  // Who listens for 'readable' reads when it likes, and leaves it paused.
  const paused = end.isPaused() && end.listenerCount('readable') === 0;
  return paused || end.readableLength >= end.readableHighWaterMark;
}

/** Whether all that one end did has come to the other, or waits there for somebody who does not read. */
function delivered(from: Socket, to: Socket): boolean {
  if (to.destroyed) return true;
  const over = from.destroyed || from.writableFinished;
  const come = over ? to.readableEnded : from.writableLength === 0 && from.bytesWritten === to.bytesRead;
  return come || unread(to) || (over && to.readableLength > 0);
}

/** Whether a connection is still in the queue of a server of this process. */
function queued({ destroyed, remotePort }: Socket): boolean {
  return !destroyed && [...servers].some((server) => (server.address() as AddressInfo | null)?.port === remotePort);
}

/** Whether nothing is under way on a wire. Of another process nothing can be told. */
function still({ client, server }: Wire): boolean {
  if (client === undefined) return true;
  if (server === undefined) return !queued(client);
  return delivered(client, server) && delivered(server, client);
}

/**
 * Whether this process has nothing under way but timers: no bytes between two sockets of its own, no connection, no file and
 * no name that is looked up. Threads that compress are not seen, nor TLS, nor sockets that were opened before this was loaded.
 */
export function nothingUnderWay(): boolean {
  for (const [key, wire] of wires) {
    if (!still(wire)) return false;
    const { client, server } = wire;
    if ((client?.destroyed ?? true) && (server?.destroyed ?? true)) wires.delete(key);
  }
  return !process.getActiveResourcesInfo().some((name) => ASKED.test(name));
}
