import type { Location, Truth } from './truth.ts';

/** Where bytes go. */
export interface Recipient {
  readonly accountID: number;
  readonly deviceID: number;
  readonly location: Location;
  /** The fraction of a byte that is still to be sent. */
  owed: number;
}

export interface BandwidthRow {
  readonly accountID: number;
  readonly deviceID: number;
  /** 6 seconds, 4 hours, 3 days, 2 weeks, 1 months. */
  readonly timespan: number;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly lan: boolean;
  bytes: number;
}

/** The seconds that a row of a timespan stands for. */
const SPANS: ReadonlyMap<number, number> = new Map([
  [6, 1],
  [4, 3600],
  [3, 86_400],
  [2, 604_800],
  [1, 2_592_000],
]);

/** What the server has sent, in rows by second, account, device and network. Rows grow until their second is over. */
export class BandwidthLedger {
  readonly #rows = new Map<string, BandwidthRow>();
  readonly #truth: Truth;
  readonly #windowSeconds: number;
  #newest = 0;

  /** @param windowSeconds how far back the rows by second go. */
  constructor(truth: Truth, windowSeconds: number) {
    this.#truth = truth;
    this.#windowSeconds = windowSeconds;
  }

  /** A stream of `kbps` to somebody, for so many milliseconds from `from`, which is in milliseconds since the epoch. */
  stream(to: Recipient, from: number, milliseconds: number, kbps: number): void {
    const end = from + milliseconds;
    for (let at = from; at < end; ) {
      const next = Math.min(end, (Math.floor(at / 1000) + 1) * 1000);
      const exact = to.owed + ((next - at) * kbps) / 8;
      const bytes = Math.floor(exact);
      to.owed = exact - bytes;
      this.add(to, at, bytes);
      at = next;
    }
  }

  /** So many bytes at once. */
  add(to: Recipient, at: number, bytes: number): void {
    if (bytes === 0) return;
    this.#truth.transmittedBytes[to.location] += bytes;
    const second = Math.floor(at / 1000);
    for (const [timespan, length] of SPANS) this.#book(to, timespan, Math.floor(second / length) * length, bytes);
    if (second > this.#newest) {
      this.#newest = second;
      this.#forget();
    }
  }

  /** By account, device and network, and by time only within: as a whole they are in no order of time. */
  rows(timespan: number, wanted: (row: BandwidthRow) => boolean): readonly BandwidthRow[] {
    const rows = [...this.#rows.values()].filter((row) => row.timespan === timespan && wanted(row));
    return rows.sort((a, b) => b.accountID - a.accountID || a.deviceID - b.deviceID || a.at - b.at);
  }

  #book(to: Recipient, timespan: number, at: number, bytes: number): void {
    const { accountID, deviceID, location } = to;
    const key = `${timespan} ${at} ${accountID} ${deviceID} ${location}`;
    const row = this.#rows.get(key);
    if (row !== undefined) row.bytes += bytes;
    else this.#rows.set(key, { accountID, deviceID, timespan, at, lan: location === 'lan', bytes });
  }

  /** Drops what has left the window. Rows by second were made about in the order of their time. */
  #forget(): void {
    for (const [key, row] of this.#rows) {
      if (row.timespan !== 6) continue;
      if (row.at >= this.#newest - this.#windowSeconds) break;
      this.#rows.delete(key);
    }
  }
}
