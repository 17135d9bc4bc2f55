/**
 * A process of its own that sends a stream of RTP to the SFU and takes what is forwarded, so that the event loop of the
 * polling process cannot disturb the measurement. Each packet carries the time at which it was sent.
 */
import { Buffer } from 'node:buffer';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { FromStream, Latencies, ToStream } from './messages.ts';

const PACKETS_PER_SECOND = 500;
const HEADER = 12;
const PAYLOAD = 160;

const tell = (message: FromStream): void => void process.send?.(message);
const socket = createSocket('udp4');
let sequence = 0;
let sent = 0;
let latencies: number[] = [];
let stop = (): void => {};

socket.on('message', (packet) => {
  const type = packet.readUInt8(1);
  if (type >= 192 && type <= 223) return;
  const age = process.hrtime.bigint() - packet.readBigUInt64BE(packet.length - PAYLOAD);
  latencies.push(Number(age) / 1000);
});

process.on('message', (message: ToStream) => {
  if (message.command === 'send') stop = sendForEver(message);
  if (message.command === 'begin') {
    latencies = [];
    sent = 0;
  }
  if (message.command === 'end') tell({ event: 'latencies', latencies: summary() });
  if (message.command === 'quit') {
    stop();
    socket.close();
    process.disconnect();
  }
});

socket.bind(0, '127.0.0.1');
await once(socket, 'listening');
tell({ event: 'listening', port: socket.address().port });

function sendForEver(to: { port: number; payloadType: number; ssrc: number }): () => void {
  const start = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    const wanted = Math.floor(((performance.now() - start) * PACKETS_PER_SECOND) / 1000);
    for (; due < wanted; due += 1) {
      const packet = Buffer.alloc(HEADER + PAYLOAD);
      packet[0] = 0x80;
      packet[1] = to.payloadType;
      packet.writeUInt16BE(sequence & 0xffff, 2);
      packet.writeUInt32BE((sequence * 96) >>> 0, 4);
      packet.writeUInt32BE(to.ssrc, 8);
      packet.writeBigUInt64BE(process.hrtime.bigint(), HEADER);
      sequence += 1;
      sent += 1;
      socket.send(packet, to.port, '127.0.0.1');
    }
  }, 1);
  return () => clearInterval(timer);
}

/** Microseconds. */
function summary(): Latencies {
  const sorted = latencies.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { packets: sorted.length, sent, p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}
