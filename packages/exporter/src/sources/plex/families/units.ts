/** What is not known has no value in any unit. */
export function bit(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

export function inSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
