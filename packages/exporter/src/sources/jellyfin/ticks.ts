/** .NET counts time in units of 100 ns. */
export const TICKS_PER_MS = 10_000;

export function secondsOf(ticks: number): number;
export function secondsOf(ticks: number | undefined): number | undefined;
export function secondsOf(ticks: number | undefined): number | undefined {
  return ticks === undefined ? undefined : ticks / (1000 * TICKS_PER_MS);
}
