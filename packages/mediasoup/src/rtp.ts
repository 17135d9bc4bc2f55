import { finite, isRecord } from './shapes.ts';
import type { Direction, MediaKind, RtpTotals, TransportType } from './state.ts';

/** The counters that only grow while a stream lives, in the order of {@link RtpStat.counters}. */
const GROWING = [
  ...(['packets', 'bytes', 'discarded', 'retransmitted', 'repaired'] as const),
  ...(['nacks', 'nackedPackets', 'plis', 'firs'] as const),
] as const;
const PACKETS = GROWING.indexOf('packets');
const BYTES = GROWING.indexOf('bytes');
const RETRANSMITTED = GROWING.indexOf('retransmitted');

/** One entry of `getStats()` that is about an RTP stream, with what is not a number left out. */
export interface RtpStat {
  readonly ssrc: number;
  /** NaN where not known. */
  readonly counters: readonly number[];
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
    if (ssrc !== undefined) stats.push(parseEntry(entry, ssrc));
  }
  return stats;
}

/** Field by field rather than by lists of names: this runs for each of thousands of streams at each poll. */
function parseEntry(entry: Readonly<Record<string, unknown>>, ssrc: number): RtpStat {
  const lost = finite(entry.packetsLost);
  const fraction = finite(entry.fractionLost);
  const roundTrip = finite(entry.roundTripTime);
  const jitter = finite(entry.jitter);
  return {
    ssrc,
    counters: [
      whole(entry.packetCount),
      whole(entry.byteCount),
      whole(entry.packetsDiscarded),
      whole(entry.packetsRetransmitted),
      whole(entry.packetsRepaired),
      whole(entry.nackCount),
      whole(entry.nackPacketCount),
      whole(entry.pliCount),
      whole(entry.firCount),
    ],
    lost: lost === undefined ? undefined : Math.floor(lost),
    lossRatio: fraction === undefined || fraction < 0 || fraction > 255 ? undefined : fraction / 256,
    bitrate: finite(entry.bitrate),
    // Absent while unknown in 3.8.4, 0 from 3.13 on, and negative in some versions before 3.11.26.
    roundTrip: roundTrip !== undefined && roundTrip > 0 ? roundTrip : undefined,
    jitter: jitter !== undefined && jitter >= 0 ? jitter : undefined,
    score: finite(entry.score),
  };
}

function whole(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY ? Math.floor(value) : Number.NaN;
}

/** Packets of the stream, as far as they are known. */
export function packetsOf({ counters }: RtpStat): number | undefined {
  return finite(counters[PACKETS]);
}

export function retransmittedOf({ counters }: RtpStat): number | undefined {
  return finite(counters[RETRANSMITTED]);
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
  readonly counters: number[];
  /** The most that it missed so far. */
  lost: number;
}

/** A sender that makes up new SSRCs for ever must not fill the memory. */
const KEPT_SSRCS = 64;

/**
 * Turns the counters of one producer or consumer, which begin again with each SSRC, into growth. A packet count that
 * went down is a stream that began again under its old SSRC: all it has counted since is new.
 */
export class RtpFold {
  /** All that the stream has counted so far, over all its SSRCs. */
  packets = 0;
  bytes = 0;
  readonly #row: RtpRow;
  readonly #last = new Map<number, Last>();

  constructor(row: RtpRow) {
    this.#row = row;
  }

  take(stat: RtpStat): void {
    const last = this.#lastOf(stat);
    const row = this.#row;
    for (let i = 0; i < GROWING.length; i++) {
      const now = stat.counters[i] as number;
      const grown = now - (last.counters[i] as number);
      // False also for NaN. Without a restart a counter that shrank is a fault of the worker's: wait until it grows again.
      if (!(grown > 0)) continue;
      last.counters[i] = now;
      row[GROWING[i] as (typeof GROWING)[number]] += grown;
      if (i === PACKETS) this.packets += grown;
      else if (i === BYTES) this.bytes += grown;
    }
    if (stat.lost !== undefined && stat.lost > last.lost) {
      row.lost += stat.lost - last.lost;
      last.lost = stat.lost;
    }
  }

  #lastOf(stat: RtpStat): Last {
    const last = this.#last.get(stat.ssrc);
    if (last !== undefined && !((stat.counters[PACKETS] as number) < (last.counters[PACKETS] as number))) return last;
    const fresh: Last = { counters: GROWING.map(() => 0), lost: 0 };
    this.#last.delete(stat.ssrc);
    this.#last.set(stat.ssrc, fresh);
    if (this.#last.size > KEPT_SSRCS) {
      const [oldest] = this.#last.keys();
      if (oldest !== undefined) this.#last.delete(oldest);
    }
    return fresh;
  }
}
