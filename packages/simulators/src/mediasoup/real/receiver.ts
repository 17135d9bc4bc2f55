import type { Buffer } from 'node:buffer';
import type { Random } from '../../random.ts';
import { isRtcp, readRtp, readSenderReports, writeNack, writePictureLoss, writeReceiverReport } from './rtp.ts';

export interface Receiver {
  /** Takes a packet that came at `now`, and gives what to answer at once. */
  take(packet: Buffer, now: number): Buffer[];
  /** The receiver reports that are due each second or so. */
  report(now: number): Buffer[];
}

interface Stream {
  readonly clockRate: number;
  base: number;
  highest: number;
  received: number;
  expectedBefore: number;
  receivedBefore: number;
  jitter: number;
  transit: number | undefined;
  lastReport: number;
  lastReportAt: number;
}

/**
 * The receiving end of a peer: counts as RFC 3550 appendix A says, loses a share of what comes, and tells the SFU about it
 * by receiver reports, a NACK for each lost video packet and a picture loss indication for each lossy report.
 *
 * @param clockRates the streams to expect, by SSRC; 90,000 is taken for video.
 */
export function newReceiver(clockRates: ReadonlyMap<number, number>, loss: number, random: Random): Receiver {
  const reporter = 1 + Math.floor(random() * 0x7fffffff);
  const streams = new Map<number, Stream>();

  return {
    take(packet, now) {
      if (isRtcp(packet)) {
        for (const { ssrc, lastReport } of readSenderReports(packet)) {
          const stream = streams.get(ssrc);
          if (stream !== undefined) Object.assign(stream, { lastReport, lastReportAt: now });
        }
        return [];
      }
      const header = readRtp(packet);
      const clockRate = header === undefined ? undefined : clockRates.get(header.ssrc);
      if (header === undefined || clockRate === undefined) return [];
      const stream = streams.get(header.ssrc) ?? newStream(header.sequence, clockRate);
      streams.set(header.ssrc, stream);
      stream.highest = extend(stream.highest, header.sequence);
      if (random() < loss) return clockRate === 90_000 ? [writeNack(reporter, header.ssrc, header.sequence)] : [];
      stream.received += 1;
      const transit = Math.round((now * clockRate) / 1000) - header.timestamp;
      if (stream.transit !== undefined) stream.jitter += (Math.abs(transit - stream.transit) - stream.jitter) / 16;
      stream.transit = transit;
      return [];
    },
    report(now) {
      return [...streams].flatMap(([ssrc, stream]) => {
        const expected = stream.highest - stream.base + 1;
        const expectedNow = expected - stream.expectedBefore;
        const lostNow = Math.max(0, expectedNow - (stream.received - stream.receivedBefore));
        stream.expectedBefore = expected;
        stream.receivedBefore = stream.received;
        const report = writeReceiverReport(reporter, {
          ssrc,
          fractionLost: expectedNow === 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
          packetsLost: expected - stream.received,
          highestSequence: stream.highest,
          jitter: Math.round(stream.jitter),
          lastReport: stream.lastReport,
          delay: stream.lastReport === 0 ? 0 : Math.round(((now - stream.lastReportAt) * 65_536) / 1000),
        });
        const lossy = stream.clockRate === 90_000 && lostNow > 0;
        return lossy ? [report, writePictureLoss(reporter, ssrc)] : [report];
      });
    },
  };
}

function newStream(sequence: number, clockRate: number): Stream {
  return {
    clockRate,
    base: sequence,
    highest: sequence,
    received: 0,
    expectedBefore: 0,
    receivedBefore: 0,
    jitter: 0,
    transit: undefined,
    lastReport: 0,
    lastReportAt: 0,
  };
}

/** The highest extended sequence number after `sequence` came, with the cycles of 2^16 (RFC 3550 appendix A.1). */
function extend(highest: number, sequence: number): number {
  const ahead = (sequence - highest) & 0xffff;
  return ahead < 0x8000 ? highest + ahead : highest;
}
