/** Seconds of a difference between two times in milliseconds, to the microsecond: what is finer is an error of rounding. */
export function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1e6;
}
