/** What a list of logs says of one of them. */
export interface LogFile {
  readonly name: string;
  readonly bytes: number;
  /** When it was last written, milliseconds since the epoch. */
  readonly modified: number;
}

export interface LogList {
  readonly files: readonly LogFile[];
  /** The time of the list by the clock that dates the logs, milliseconds since the epoch. */
  readonly at: number;
}

/** The clock that dates a log differs from that which tells the time of a list by no more, ms. */
export const CLOCKS_DIFFER_MS = 10_000;
