import { Buffer } from 'node:buffer';

/** Length of an RTP header without extensions (RFC 3550 §5.1), bytes. */
export const RTP_HEADER = 12;

export interface RtpHeader {
  readonly payloadType: number;
  /** The last packet of a frame. */
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** One RTP packet (RFC 3550 §5.1). */
export function writeRtp(header: RtpHeader, payload: Buffer): Buffer {
  const packet = Buffer.alloc(RTP_HEADER + payload.length);
  packet[0] = 0x80;
  packet[1] = (header.marker ? 0x80 : 0) | header.payloadType;
  packet.writeUInt16BE(header.sequence & 0xffff, 2);
  packet.writeUInt32BE(header.timestamp >>> 0, 4);
  packet.writeUInt32BE(header.ssrc >>> 0, 8);
  payload.copy(packet, RTP_HEADER);
  return packet;
}

/** True for RTCP where both share a port (RFC 5761 §4). */
export function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return packet.length >= 8 && type >= 192 && type <= 223;
}

/** The header of an RTP packet, or undefined when it is none. */
export function readRtp(packet: Buffer): RtpHeader | undefined {
  if (packet.length < RTP_HEADER || (packet.readUInt8(0) & 0xc0) !== 0x80 || isRtcp(packet)) return undefined;
  const second = packet.readUInt8(1);
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
  };
}

/** 64-bit NTP time (RFC 3550 §4) of milliseconds since the epoch of Unix. */
export function ntp(date: number): { readonly seconds: number; readonly fraction: number } {
  const seconds = Math.floor(date / 1000) + 2_208_988_800;
  return { seconds, fraction: Math.floor(((date % 1000) / 1000) * 2 ** 32) };
}

/** A sender report without blocks (RFC 3550 §6.4.1). */
export function writeSenderReport(report: {
  readonly ssrc: number;
  /** Milliseconds since the epoch. */
  readonly date: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
}): Buffer {
  const packet = Buffer.alloc(28);
  const { seconds, fraction } = ntp(report.date);
  packet[0] = 0x80;
  packet[1] = 200;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(report.ssrc, 4);
  packet.writeUInt32BE(seconds >>> 0, 8);
  packet.writeUInt32BE(fraction >>> 0, 12);
  packet.writeUInt32BE(report.timestamp >>> 0, 16);
  packet.writeUInt32BE(report.packets >>> 0, 20);
  packet.writeUInt32BE(report.octets >>> 0, 24);
  return packet;
}

/** The sender reports in a compound RTCP packet: who sent it and the middle 32 bits of its NTP time. */
export function readSenderReports(packet: Buffer): { readonly ssrc: number; readonly lastReport: number }[] {
  const reports: { ssrc: number; lastReport: number }[] = [];
  let at = 0;
  while (at + 8 <= packet.length) {
    const length = 4 * (packet.readUInt16BE(at + 2) + 1);
    if (packet.readUInt8(at + 1) === 200 && at + 16 <= packet.length) {
      reports.push({ ssrc: packet.readUInt32BE(at + 4), lastReport: packet.readUInt32BE(at + 10) });
    }
    at += length;
  }
  return reports;
}

export interface ReportBlock {
  readonly ssrc: number;
  /** Of the last interval, 0 to 255. */
  readonly fractionLost: number;
  readonly packetsLost: number;
  readonly highestSequence: number;
  /** RTP clock units. */
  readonly jitter: number;
  /** Middle 32 bits of the last sender report's NTP time; 0: none yet. */
  readonly lastReport: number;
  /** Since that report, in units of 1/65536 s. */
  readonly delay: number;
}

/** A receiver report with one block (RFC 3550 §6.4.2). */
export function writeReceiverReport(reporter: number, block: ReportBlock): Buffer {
  const packet = Buffer.alloc(32);
  packet[0] = 0x81;
  packet[1] = 201;
  packet.writeUInt16BE(7, 2);
  packet.writeUInt32BE(reporter, 4);
  packet.writeUInt32BE(block.ssrc, 8);
  packet[12] = block.fractionLost;
  packet.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, block.packetsLost)), 13, 3);
  packet.writeUInt32BE(block.highestSequence >>> 0, 16);
  packet.writeUInt32BE(block.jitter >>> 0, 20);
  packet.writeUInt32BE(block.lastReport >>> 0, 24);
  packet.writeUInt32BE(block.delay >>> 0, 28);
  return packet;
}

/** Asks for a key frame (RFC 4585 §6.3.1). */
export function writePictureLoss(reporter: number, ssrc: number): Buffer {
  const packet = Buffer.alloc(12);
  packet[0] = 0x81;
  packet[1] = 206;
  packet.writeUInt16BE(2, 2);
  packet.writeUInt32BE(reporter, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

/** Asks for one packet again (RFC 4585 §6.2.1). */
export function writeNack(reporter: number, ssrc: number, sequence: number): Buffer {
  const packet = Buffer.alloc(16);
  packet[0] = 0x81;
  packet[1] = 205;
  packet.writeUInt16BE(3, 2);
  packet.writeUInt32BE(reporter, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.writeUInt16BE(sequence & 0xffff, 12);
  return packet;
}
