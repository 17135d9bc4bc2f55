import type { Buffer } from 'node:buffer';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A bound UDP socket on loopback that talks to one port. */
export interface LoopbackSocket {
  readonly port: number;
  send(packet: Buffer, port: number): void;
  close(): void;
}

/** Binds a socket to a free port of 127.0.0.1. Datagrams that cannot be sent are lost, as on any network. */
export async function openSocket(onPacket: (packet: Buffer) => void): Promise<LoopbackSocket> {
  const socket: Socket = createSocket('udp4');
  socket.on('message', onPacket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('error', () => {});
  let open = true;
  return {
    port: socket.address().port,
    send(packet, port) {
      if (open) socket.send(packet, port, '127.0.0.1', () => {});
    },
    close() {
      if (!open) return;
      open = false;
      socket.close();
    },
  };
}
