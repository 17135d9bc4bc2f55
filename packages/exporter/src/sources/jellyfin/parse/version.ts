/** The version of a server. There is no 10.12: what followed 10.11 is 12.0. */
export interface ServerVersion {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** Never throws; `undefined` for what begins with no `MAJOR.MINOR`. */
export function parseVersion(text: string): ServerVersion | undefined {
  const [, major, minor] = /^(\d{1,6})\.(\d{1,6})(?!\d)/.exec(text) ?? [];
  return major === undefined ? undefined : { text, major: Number(major), minor: Number(minor) };
}

/** Whether the version is `major.minor` or newer; false when it is not known. */
export function isAtLeast(version: ServerVersion | undefined, major: number, minor: number): boolean {
  if (version === undefined) return false;
  return version.major > major || (version.major === major && version.minor >= minor);
}
