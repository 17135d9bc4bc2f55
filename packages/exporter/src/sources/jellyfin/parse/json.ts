import type { Parsed } from '../../http/http.ts';

/**
 * Readers of single values of an answer: each answers `undefined` for what is absent, null or of another type, and none
 * throws. Servers leave fields out that are null.
 */
export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text that is not empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A number that is not negative. */
export function amount(value: unknown): number | undefined {
  const known = number(value);
  return known !== undefined && known >= 0 ? known : undefined;
}

/** A number of something that there is: 0 and less stand for unknown. */
export function positive(value: unknown): number | undefined {
  const known = number(value);
  return known !== undefined && known > 0 ? known : undefined;
}

export function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** Milliseconds since the epoch. A date of the year 1 stands for never. */
export function date(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const milliseconds = Date.parse(value);
  return milliseconds > 0 ? milliseconds : undefined;
}

/** A GUID, or `undefined` where it is all zeros, which stands for nobody. */
export function guid(value: unknown): string | undefined {
  const known = text(value);
  return known === undefined || /^[0-]+$/.test(known) ? undefined : known;
}

/** A value of ours by a key of theirs, which may be any text: also one that all objects have. */
export function lookup<T>(table: Readonly<Record<string, T>>, key: unknown): T | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** What is left of a record when its unknown values are. */
export function known<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}

/** The entries of an array that `parse` makes something of. */
export function parseList<T>(json: unknown, parse: (entry: unknown) => T | undefined): Parsed<T[]> {
  if (!Array.isArray(json)) return { ok: false, problem: 'the answer is not a list' };
  return { ok: true, value: json.map(parse).filter((entry) => entry !== undefined) };
}
