import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { isRtcp, ntp, readRtp, readSenderReports, writeReceiverReport, writeRtp, writeSenderReport } from './rtp.ts';

const HEADER = { payloadType: 100, marker: true, sequence: 65_535, timestamp: 4_294_967_295, ssrc: 0xdeadbeef };

test('an RTP header reads back as it was written', () => {
  const packet = writeRtp(HEADER, Buffer.from('media'));
  expect(readRtp(packet)).toEqual(HEADER);
  expect(packet.subarray(12).toString()).toBe('media');
});

test('numbers wrap where their fields end', () => {
  const packet = writeRtp({ ...HEADER, sequence: 65_537, timestamp: 2 ** 32 + 5 }, Buffer.alloc(0));
  expect(readRtp(packet)).toMatchObject({ sequence: 1, timestamp: 5 });
});

test('RTCP is told from RTP on the same port', () => {
  const report = writeSenderReport({ ssrc: 7, date: 0, timestamp: 0, packets: 0, octets: 0 });
  expect([isRtcp(report), readRtp(report)]).toEqual([true, undefined]);
  expect(isRtcp(writeRtp(HEADER, Buffer.alloc(8)))).toBe(false);
});

test('a sender report gives the middle of its NTP time for receivers to echo', () => {
  const date = Date.UTC(2026, 0, 1) + 500;
  const report = writeSenderReport({ ssrc: 7, date, timestamp: 1, packets: 2, octets: 3 });
  const { seconds } = ntp(date);
  expect(readSenderReports(report)).toEqual([{ ssrc: 7, lastReport: (((seconds & 0xffff) << 16) | 0x8000) >>> 0 }]);
});

test('a report cut short is no report', () => {
  const report = writeSenderReport({ ssrc: 7, date: 0, timestamp: 0, packets: 0, octets: 0 });
  expect(readSenderReports(report.subarray(0, 12))).toEqual([]);
});

test('a receiver report holds a negative cumulative loss', () => {
  const block = { ssrc: 9, fractionLost: 64, highestSequence: 10, jitter: 480, lastReport: 1, delay: 2 };
  const report = writeReceiverReport(1, { ...block, packetsLost: -3 });
  expect([report.length, report.readUInt8(12), report.readIntBE(13, 3)]).toEqual([32, 64, -3]);
});
