import { expect, test } from 'vitest';
import { readRtp } from './rtp.ts';
import { opusSender, vp8Sender } from './sender.ts';

const half = (): number => 0.5;

test('Opus is 50 packets a second, however uneven the steps', () => {
  const sender = opusSender(1, 100, half);
  for (let now = 0; now < 1000; now += 37) sender.due(now);
  expect(sender.packets).toBe(50);
  expect(sender.bytes).toBe(50 * (12 + 100));
});

test('sequence numbers go up by one and timestamps by the frame', () => {
  const headers = opusSender(5, 100, half).due(0).map(readRtp);
  expect(headers).toMatchObject([{ sequence: 5, timestamp: 0, ssrc: 5 }]);
  const sender = opusSender(5, 100, half);
  sender.due(0);
  expect(sender.due(40).map(readRtp)).toMatchObject([
    { sequence: 6, timestamp: 960 },
    { sequence: 7, timestamp: 1_920 },
  ]);
});

test('a VP8 frame is marked at its end and begins with a key frame', () => {
  const packets = vp8Sender(1, 101, 3).due(0);
  expect(packets.map((packet) => readRtp(packet)?.marker)).toEqual([false, false, true]);
  expect(packets[0]?.readUInt8(12 + 6)).toBe(0);
  expect(vp8Sender(1, 101, 1).due(40)[0]?.length).toBe(1_012);
});

test('after a long pause no flood is sent', () => {
  const sender = opusSender(1, 100, half);
  sender.due(0);
  expect(sender.due(3_600_000)).toHaveLength(10);
});
