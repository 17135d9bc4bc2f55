import { Buffer } from 'node:buffer';
import type { Random } from '../../random.ts';
import { writeRtp, writeSenderReport } from './rtp.ts';

/** One stream of RTP, such as a microphone's or a camera's. Pure: gives the packets of each step. */
export interface Sender {
  readonly ssrc: number;
  /** What really was sent, RTP headers included. */
  readonly packets: number;
  readonly bytes: number;
  /** The packets that are due until `now`, milliseconds on any monotonic clock. */
  due(now: number): Buffer[];
  /** A sender report for `date`, milliseconds since the epoch. */
  report(date: number): Buffer;
}

interface Frame {
  readonly payloads: readonly Buffer[];
}

interface Profile {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly clockRate: number;
  /** Milliseconds from frame to frame. */
  readonly interval: number;
  frame(number: number): Frame;
}

/** Frames that are due together after a pause are left out but for so many: a sleeping laptop sends no flood. */
const MOST_FRAMES = 10;

/** 50 packets a second that look like Opus speech of about 40 kbit/s (RFC 7587). */
export function opusSender(ssrc: number, payloadType: number, random: Random): Sender {
  return newSender({
    ssrc,
    payloadType,
    clockRate: 48_000,
    interval: 20,
    frame: () => ({ payloads: [Buffer.alloc(80 + Math.floor(random() * 40), 0x78)] }),
  });
}

/** 25 frames a second that look like VP8 (RFC 7741 §4.2), `packets` of 1,000 bytes each, a key frame every two seconds. */
export function vp8Sender(ssrc: number, payloadType: number, packets: number): Sender {
  return newSender({
    ssrc,
    payloadType,
    clockRate: 90_000,
    interval: 40,
    frame: (number) => ({
      payloads: Array.from({ length: packets }, (_, index) => {
        const payload = Buffer.alloc(1_000);
        payload.set(vp8Descriptor(number, index === 0));
        payload[VP8_DESCRIPTOR] = index === 0 && number % 50 === 0 ? 0x00 : 0x01;
        return payload;
      }),
    }),
  });
}

const VP8_DESCRIPTOR = 6;

/** With picture id, TL0PICIDX and temporal layer 0: an SFU switches layers by them. */
function vp8Descriptor(frame: number, starts: boolean): Buffer {
  return Buffer.from([starts ? 0x90 : 0x80, 0xe0, 0x80 | ((frame >> 8) & 0x7f), frame & 0xff, frame & 0xff, 0x00]);
}

function newSender(profile: Profile): Sender {
  const { ssrc, payloadType, clockRate, interval } = profile;
  let sequence = ssrc & 0x7fff;
  let frames = 0;
  let start: number | undefined;
  let packets = 0;
  let bytes = 0;
  const timestamp = (): number => (frames * clockRate * interval) / 1000;
  return {
    ssrc,
    get packets() {
      return packets;
    },
    get bytes() {
      return bytes;
    },
    due(now) {
      start ??= now;
      const wanted = Math.floor((now - start) / interval) + 1;
      frames = Math.max(frames, wanted - MOST_FRAMES);
      const out: Buffer[] = [];
      for (; frames < wanted; frames += 1) {
        const { payloads } = profile.frame(frames);
        for (const [index, payload] of payloads.entries()) {
          const marker = index === payloads.length - 1;
          out.push(writeRtp({ payloadType, marker, sequence, timestamp: timestamp(), ssrc }, payload));
          sequence += 1;
        }
      }
      packets += out.length;
      bytes += out.reduce((sum, packet) => sum + packet.length, 0);
      return out;
    },
    report: (date) => writeSenderReport({ ssrc, date, timestamp: timestamp(), packets, octets: bytes - 12 * packets }),
  };
}
