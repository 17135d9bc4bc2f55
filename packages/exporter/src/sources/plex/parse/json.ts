/** Plex writes the same field as a number, a text or a flag, by endpoint and version: these read whatever it wrote. */
export type Json = Readonly<Record<string, unknown>>;

/** Longer texts are cut: titles have been seen with whole descriptions in them. */
const TEXT_LENGTH = 512;

export function record(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** The objects of a list. A list that is missing is empty, and an object alone is a list of one. */
export function records(value: unknown): readonly Json[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map(record).filter((item) => item !== undefined);
}

export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value.slice(0, TEXT_LENGTH);
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** Like {@link text}, but an empty text is none. */
export function filled(value: unknown): string | undefined {
  return text(value) || undefined;
}

/** What is beyond the integers that are exact stands for nothing: neither for bytes nor for milliseconds. */
export function number(value: unknown): number | undefined {
  if (typeof value === 'string' && !/^\s*[-+]?(\d|\.\d)/.test(value)) return undefined;
  const read = typeof value === 'string' ? Number(value) : value;
  return typeof read === 'number' && Math.abs(read) <= Number.MAX_SAFE_INTEGER ? read : undefined;
}

/** A number that is not below 0: Plex writes -1 and -22 for what it does not know. */
export function amount(value: unknown): number | undefined {
  const read = number(value);
  return read !== undefined && read >= 0 ? read : undefined;
}

export function flag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 'true') return true;
  return value === 0 || value === '0' || value === 'false' ? false : undefined;
}

/** Seconds since the epoch, as milliseconds. 0 stands for never. */
export function instant(value: unknown): number | undefined {
  const seconds = number(value);
  return seconds !== undefined && seconds > 0 ? seconds * 1000 : undefined;
}

/** Leaves out what is not known: an absent field, not one that is `undefined`. */
export function known<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
