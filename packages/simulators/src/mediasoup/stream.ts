import { below, type Random } from '../random.ts';
import type { Behaviour } from './shape.ts';

export type MediaKind = 'audio' | 'video';

/** What streams go over. */
export type TransportType = 'webrtc' | 'plain' | 'pipe' | 'direct';

/** What an encoding sends while it is not silent. */
export interface EncodingProfile {
  readonly rid?: string;
  readonly packetsPerSecond: number;
  /** Mean RTP payload, bytes. */
  readonly payload: number;
}

/** The network between a peer and the SFU. */
export interface Link {
  /** Share of packets lost, 0 to 1. */
  loss: number;
  /** Milliseconds; undefined: no RTCP told it yet. */
  roundTripTime: number | undefined;
  /** Milliseconds. */
  jitter: number;
}

/** RTP that moved during one step. */
export interface Burst {
  readonly packets: number;
  readonly bytes: number;
}

/** One RTP stream as the worker counts it. Names and units are those of mediasoup's statistics. */
export class RtpStream {
  ssrc: number;
  readonly rid: string | undefined;
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly clockRate: number;
  readonly layers: number;
  rtxSsrc: number | undefined;
  packetCount = 0;
  byteCount = 0;
  bitrate = 0;
  packetsLost = 0;
  fractionLost = 0;
  packetsDiscarded = 0;
  packetsRetransmitted = 0;
  packetsRepaired = 0;
  nackCount = 0;
  nackPacketCount = 0;
  pliCount = 0;
  firCount = 0;
  rtxPacketsDiscarded = 0;
  jitter = 0;
  roundTripTime: number | undefined;
  score = 0;
  #owedPackets = 0;

  constructor(options: {
    ssrc: number;
    kind: MediaKind;
    mimeType: string;
    clockRate: number;
    rid?: string | undefined;
    rtxSsrc?: number | undefined;
    layers?: number;
  }) {
    this.ssrc = options.ssrc;
    this.kind = options.kind;
    this.mimeType = options.mimeType;
    this.clockRate = options.clockRate;
    this.rid = options.rid;
    this.rtxSsrc = options.rtxSsrc;
    this.layers = options.layers ?? 1;
  }

  /** How many whole packets are due after `milliseconds` at a rate; the rest is owed to the next step. */
  due(packetsPerSecond: number, milliseconds: number): number {
    this.#owedPackets += (packetsPerSecond * milliseconds) / 1000;
    const packets = Math.floor(this.#owedPackets + 1e-9);
    this.#owedPackets -= packets;
    return packets;
  }

  /** Counts what arrives of `sent` over `link`, and gives it. */
  receive(sent: Burst, link: Link, milliseconds: number, random: Random): Burst {
    const lost = loseSome(sent.packets, link.loss, random);
    const packets = sent.packets - lost;
    const bytes = sent.packets === 0 ? 0 : Math.round((sent.bytes * packets) / sent.packets);
    this.#count(packets, bytes, milliseconds);
    this.#report(sent.packets, lost, link);
    return { packets, bytes };
  }

  /** Counts what is sent: all of it. What is lost is what the receiver at the other end of `link` reports. */
  send(sent: Burst, link: Link, milliseconds: number, random: Random): void {
    this.#count(sent.packets, sent.bytes, milliseconds);
    this.#report(sent.packets, loseSome(sent.packets, link.loss, random), link);
  }

  /** A whole new stream in the place of this one: new SSRC, all counters from 0. */
  restart(ssrc: number): void {
    this.ssrc = ssrc;
    this.packetCount = 0;
    this.byteCount = 0;
    this.packetsLost = 0;
    this.packetsDiscarded = 0;
    this.packetsRetransmitted = 0;
    this.packetsRepaired = 0;
    this.nackCount = 0;
    this.nackPacketCount = 0;
    this.pliCount = 0;
    this.firCount = 0;
    this.rtxPacketsDiscarded = 0;
  }

  /** Late packets arrive after all: `packetsLost` goes down, below 0 too. */
  recover(packets: number): void {
    this.packetsLost -= packets;
  }

  #count(packets: number, bytes: number, milliseconds: number): void {
    this.packetCount += packets;
    this.byteCount += bytes;
    this.bitrate = milliseconds === 0 ? 0 : Math.round((bytes * 8000) / milliseconds);
  }

  #report(sent: number, lost: number, link: Link): void {
    this.roundTripTime = link.roundTripTime;
    this.jitter = Math.round((link.jitter * this.clockRate) / 1000);
    if (sent === 0) {
      this.score = 0;
      this.fractionLost = 0;
      return;
    }
    const share = lost / sent;
    this.packetsLost += lost;
    this.fractionLost = Math.min(255, Math.floor(share * 256));
    this.score = Math.max(1, Math.round(10 - 30 * share));
    if (this.kind === 'audio' || lost === 0) return;
    this.nackCount += 1;
    this.nackPacketCount += lost;
    if (this.rtxSsrc !== undefined) {
      const repaired = Math.floor(lost / 2);
      this.packetsRetransmitted += lost;
      this.packetsRepaired += repaired;
      this.rtxPacketsDiscarded += share > 0.2 ? 1 : 0;
    }
    if (share > 0.05) this.pliCount += 1;
  }

  /** The entry of `getStats()`. Only streams with RTX have `rtxPacketsDiscarded`. */
  entry(type: 'inbound-rtp' | 'outbound-rtp', timestamp: number, behaviour: Behaviour): Record<string, unknown> {
    const inbound = type === 'inbound-rtp';
    const entry: Record<string, unknown> = {
      type,
      timestamp,
      ssrc: this.ssrc,
      kind: this.kind,
      mimeType: this.mimeType,
      packetsLost: this.packetsLost,
      fractionLost: this.fractionLost,
      packetsDiscarded: this.packetsDiscarded,
      packetsRetransmitted: this.packetsRetransmitted,
      packetsRepaired: this.packetsRepaired,
      nackCount: this.nackCount,
      nackPacketCount: this.nackPacketCount,
      pliCount: this.pliCount,
      firCount: this.firCount,
      score: this.score,
      packetCount: this.packetCount,
      byteCount: this.byteCount,
      bitrate: this.bitrate,
    };
    if (this.rtxSsrc !== undefined) entry.rtxSsrc = this.rtxSsrc;
    if (this.rid !== undefined && inbound) entry.rid = this.rid;
    if (this.roundTripTime !== undefined) entry.roundTripTime = this.roundTripTime;
    else if (behaviour.unknownRoundTripTimeIsZero) entry.roundTripTime = 0;
    if (inbound || behaviour.outboundJitter) entry.jitter = this.jitter;
    if (this.rtxSsrc !== undefined && !(behaviour.hidesZeroRtxDiscarded && this.rtxPacketsDiscarded === 0)) {
      entry.rtxPacketsDiscarded = this.rtxPacketsDiscarded;
    }
    if (inbound && behaviour.bitrateByLayer && this.layers > 1) {
      entry.bitrateByLayer = Object.fromEntries(
        Array.from({ length: this.layers }, (_, layer) => [`0.${layer}`, Math.round(this.bitrate / (layer + 1))]),
      );
    }
    return entry;
  }
}

/** The bytes of `packets` whose payloads vary by a quarter around a mean, with the 12 bytes of each RTP header (RFC 3550 §5.1). */
export function burst(packets: number, payload: number, random: Random): Burst {
  const spread = Math.floor(payload / 2);
  const mean = payload - Math.floor(spread / 2) + below(random, spread + 1);
  return { packets, bytes: packets * (12 + mean) };
}

/** How many of `packets` are lost: the expected whole number, and one more by chance for the rest. */
function loseSome(packets: number, loss: number, random: Random): number {
  const expected = packets * loss;
  const whole = Math.floor(expected);
  return Math.min(packets, whole + (random() < expected - whole ? 1 : 0));
}
