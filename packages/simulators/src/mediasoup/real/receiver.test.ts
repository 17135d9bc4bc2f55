import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { newReceiver } from './receiver.ts';
import { writeRtp, writeSenderReport } from './rtp.ts';

const packet = (sequence: number, ssrc = 7): Buffer =>
  writeRtp({ payloadType: 100, marker: false, sequence, timestamp: sequence * 960, ssrc }, Buffer.alloc(10));
const OPUS = new Map([[7, 48_000]]);

test('what was never sent through is told as lost, over the wrap of sequence numbers too', () => {
  const receiver = newReceiver(OPUS, 0, () => 0.5);
  for (const sequence of [65_533, 65_534, 1, 2]) receiver.take(packet(sequence), 0);
  const [report] = receiver.report(1000);
  expect(report?.readIntBE(13, 3)).toBe(2);
  expect(report?.readUInt8(12)).toBe(Math.floor((2 * 256) / 6));
  expect(report?.readUInt32BE(16)).toBe(65_538);
  expect(receiver.report(2000)[0]?.readUInt8(12)).toBe(0);
});

test('a report echoes the last sender report and the time since', () => {
  const receiver = newReceiver(OPUS, 0, () => 0.5);
  receiver.take(packet(1), 0);
  receiver.take(writeSenderReport({ ssrc: 7, date: 500, timestamp: 0, packets: 1, octets: 10 }), 1000);
  const [report] = receiver.report(1500);
  expect(report?.readUInt32BE(24)).not.toBe(0);
  expect(report?.readUInt32BE(28)).toBe(32_768);
});

test('a lost video packet is asked for again, and a key frame with the report', () => {
  const receiver = newReceiver(new Map([[7, 90_000]]), 1, () => 0.5);
  expect(receiver.take(packet(1), 0).map((answer) => answer.readUInt8(1))).toEqual([205]);
  expect(receiver.report(1000).map((answer) => answer.readUInt8(1))).toEqual([201, 206]);
});

test('unknown streams and garbage are passed over', () => {
  const receiver = newReceiver(OPUS, 0, () => 0.5);
  expect(receiver.take(packet(1, 8), 0)).toEqual([]);
  expect(receiver.take(Buffer.from('garbage'), 0)).toEqual([]);
  expect(receiver.report(1000)).toEqual([]);
});
