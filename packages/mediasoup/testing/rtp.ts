import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A sender and receiver of RTP on a loopback port, which counts for itself. */
export class RtpPeer {
  readonly sent: { packets: number; bytes: number } = { packets: 0, bytes: 0 };
  readonly received: { packets: number; bytes: number } = { packets: 0, bytes: 0 };
  /** The middle 32 bits of the NTP time in the last sender report, and when it came. */
  lastReport: { readonly ntp: number; readonly at: number } | undefined;
  highestSequence = 0;
  readonly #socket: Socket;
  #sequence = 1;
  #timestamp = 1;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet) => this.#take(packet));
  }

  static async open(): Promise<RtpPeer> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new RtpPeer(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Sends RTP whose payloads are of all sizes, ten packets at a time so that loopback drops none. */
  async send(port: number, ssrc: number, payloadType: number, packets: number): Promise<void> {
    for (let i = 0; i < packets; i++) {
      const packet = Buffer.alloc(12 + 20 + (i % 50), i);
      packet[0] = 0x80;
      packet[1] = payloadType;
      packet.writeUInt16BE(this.#sequence++ & 0xffff, 2);
      packet.writeUInt32BE(this.#timestamp, 4);
      packet.writeUInt32BE(ssrc, 8);
      this.#timestamp += 960;
      this.#socket.send(packet, port, '127.0.0.1');
      this.sent.packets++;
      this.sent.bytes += packet.length;
      if (i % 10 === 9) await sleep(10);
    }
  }

  /** A datagram of any kind, which also opens a transport that learns its peer from what it receives. */
  sendRaw(port: number, packet: Uint8Array): void {
    this.#socket.send(packet, port, '127.0.0.1');
  }

  /** Sends an RTCP receiver report with one block, RFC 3550 §6.4.2. */
  report(port: number, block: { ssrc: number; fraction: number; lost: number; jitter: number }): void {
    const packet = Buffer.alloc(32);
    packet[0] = 0x81;
    packet[1] = 201;
    packet.writeUInt16BE(7, 2);
    packet.writeUInt32BE(0x1234_5678, 4);
    packet.writeUInt32BE(block.ssrc, 8);
    packet.writeUInt32BE(((block.fraction << 24) | (block.lost & 0xff_ffff)) >>> 0, 12);
    packet.writeUInt32BE(this.highestSequence, 16);
    packet.writeUInt32BE(block.jitter, 20);
    if (this.lastReport !== undefined) {
      packet.writeUInt32BE(this.lastReport.ntp, 24);
      packet.writeUInt32BE(Math.round(((Date.now() - this.lastReport.at) / 1000) * 65_536), 28);
    }
    this.#socket.send(packet, port, '127.0.0.1');
  }

  close(): void {
    this.#socket.close();
  }

  #take(packet: Buffer): void {
    // RFC 5761 §4: payload types 64 to 95 of the second byte are RTCP.
    const type = (packet[1] ?? 0) & 0x7f;
    if (type < 64 || type > 95) {
      this.received.packets++;
      this.received.bytes += packet.length;
      this.highestSequence = packet.readUInt16BE(2);
    } else if (packet[1] === 200) {
      this.lastReport = { ntp: packet.readUInt32BE(10), at: Date.now() };
    }
  }
}
