import { finite, isRecord } from './shapes.ts';
import type { Direction, MediaKind, RtpTotals, TransportType } from './state.ts';

/** The counters that only grow while a stream lives, by their name in mediasoup's statistics. */
const GROWING = {
  packets: 'packetCount',
  bytes: 'byteCount',
  discarded: 'packetsDiscarded',
  retransmitted: 'packetsRetransmitted',
  repaired: 'packetsRepaired',
  nacks: 'nackCount',
  nackedPackets: 'nackPacketCount',
  plis: 'pliCount',
  firs: 'firCount',
} as const;

type Growing = keyof typeof GROWING;

const NAMES = Object.keys(GROWING) as Growing[];

/** One entry of `getStats()` that is about an RTP stream, with what is not a number left out. */
export interface RtpStat {
  readonly ssrc: number;
  readonly counters: Readonly<Record<Growing, number | undefined>>;
  /** Net loss; it goes down when packets come late. */
  readonly lost: number | undefined;
  /** 0 to 1. */
  readonly lossRatio: number | undefined;
  /** Bits per second. */
  readonly bitrate: number | undefined;
  /** Milliseconds; undefined while it is not known. */
  readonly roundTrip: number | undefined;
  /** In units of the RTP clock. */
  readonly jitter: number | undefined;
  readonly score: number | undefined;
}

/**
 * The entries of an answer that are about this side of the stream. A consumer's answer also has the inbound entry of
 * its producer, which would count everything twice.
 */
export function parseRtpStats(answer: unknown, direction: Direction): RtpStat[] {
  if (!Array.isArray(answer)) return [];
  const wanted = direction === 'receive' ? 'inbound-rtp' : 'outbound-rtp';
  const stats: RtpStat[] = [];
  for (const entry of answer) {
    if (!isRecord(entry) || entry.type !== wanted) continue;
    const ssrc = finite(entry.ssrc);
    if (ssrc === undefined) continue;
    const counters = {} as Record<Growing, number | undefined>;
    for (const name of NAMES) {
      const value = finite(entry[GROWING[name]]);
      counters[name] = value !== undefined && value >= 0 ? Math.floor(value) : undefined;
    }
    const roundTrip = finite(entry.roundTripTime);
    const fraction = finite(entry.fractionLost);
    const jitter = finite(entry.jitter);
    const lost = finite(entry.packetsLost);
    stats.push({
      ssrc,
      counters,
      lost: lost === undefined ? undefined : Math.floor(lost),
      lossRatio: fraction === undefined || fraction < 0 || fraction > 255 ? undefined : fraction / 256,
      bitrate: finite(entry.bitrate),
      // Absent while unknown in 3.8.4, 0 from 3.13 on, and negative in some versions before 3.11.26.
      roundTrip: roundTrip !== undefined && roundTrip > 0 ? roundTrip : undefined,
      jitter: jitter !== undefined && jitter >= 0 ? jitter : undefined,
      score: finite(entry.score),
    });
  }
  return stats;
}

/** Totals of all streams with the same labels. They only grow. */
export type RtpRow = { -readonly [K in keyof RtpTotals]: RtpTotals[K] };

export class RtpTable {
  readonly #rows = new Map<string, RtpRow>();

  row(direction: Direction, kind: MediaKind, codec: string, transport: TransportType): RtpRow {
    const key = `${direction} ${kind} ${transport} ${codec}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = {
        ...{ direction, kind, codec, transport },
        ...{ packets: 0, bytes: 0, lost: 0, discarded: 0, retransmitted: 0, repaired: 0 },
        ...{ nacks: 0, nackedPackets: 0, plis: 0, firs: 0 },
      };
      this.#rows.set(key, row);
    }
    return row;
  }

  totals(): RtpTotals[] {
    return Array.from(this.#rows.values(), (row) => ({ ...row }));
  }
}

/** What an SSRC had counted at the last poll. */
interface Last {
  readonly counters: Record<Growing, number>;
  /** The most that it missed so far. */
  lost: number;
}

/** A sender that makes up new SSRCs for ever must not fill the memory. */
const KEPT_SSRCS = 64;

/** How much a stream grew between two polls. */
export interface Growth {
  readonly packets: number;
  readonly bytes: number;
}

/**
 * Turns the counters of one producer or consumer, which begin again with each SSRC, into growth. A packet count that
 * went down is a stream that began again under its old SSRC: all it has counted since is new.
 */
export class RtpFold {
  readonly #row: RtpRow;
  readonly #last = new Map<number, Last>();

  constructor(row: RtpRow) {
    this.#row = row;
  }

  take(stat: RtpStat): Growth {
    const last = this.#lastOf(stat);
    const growth = { packets: 0, bytes: 0 };
    for (const name of NAMES) {
      const now = stat.counters[name];
      if (now === undefined) continue;
      const grown = now - last.counters[name];
      last.counters[name] = now;
      // Without a restart a counter that shrank is a fault of the worker's: wait until it grows again.
      if (grown <= 0) continue;
      this.#row[name] += grown;
      if (name === 'packets' || name === 'bytes') growth[name] = grown;
    }
    if (stat.lost !== undefined && stat.lost > last.lost) {
      this.#row.lost += stat.lost - last.lost;
      last.lost = stat.lost;
    }
    return growth;
  }

  #lastOf(stat: RtpStat): Last {
    const last = this.#last.get(stat.ssrc);
    const restarted = last !== undefined && (stat.counters.packets ?? 0) < last.counters.packets;
    if (last !== undefined && !restarted) return last;
    const fresh = { counters: Object.fromEntries(NAMES.map((name) => [name, 0])) as Record<Growing, number>, lost: 0 };
    this.#last.delete(stat.ssrc);
    this.#last.set(stat.ssrc, fresh);
    if (this.#last.size > KEPT_SSRCS) {
      const [oldest] = this.#last.keys();
      if (oldest !== undefined) this.#last.delete(oldest);
    }
    return fresh;
  }
}
