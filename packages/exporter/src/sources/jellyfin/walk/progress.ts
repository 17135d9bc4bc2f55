import type { LibrarySums } from './sums.ts';

/** Where a walk is: plain, so that it goes on after a restart. */
export interface WalkProgress {
  /** When the last page was read, milliseconds since the epoch. */
  readonly readAt: number;
  /** Libraries that are still to be walked, the one under way first. */
  readonly left: readonly { readonly id: string; readonly name: string }[];
  readonly done: readonly LibrarySums[];
  /** Of the library under way. */
  readonly current: LibrarySums | undefined;
  readonly startIndex: number;
  /** How many texts of seen ids are kept. */
  readonly pages: number;
}

/** What a whole walk has found. */
export interface WalkResult {
  /** When it ended, milliseconds since the epoch. */
  readonly at: number;
  readonly libraries: readonly LibrarySums[];
}
