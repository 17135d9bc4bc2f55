import { createHash } from 'node:crypto';

/** What a JSON answer is made of. A key whose value is undefined is left out, as the server leaves out null. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

export const TICKS_PER_SECOND = 10_000_000;
export const ZERO_ID: string = '0'.repeat(32);
export const NEVER = '0001-01-01T00:00:00.0000000Z';

/** An id as Jellyfin writes it, 32 lower-case hex digits, always the same for the same words. */
export function idOf(...words: readonly (string | number)[]): string {
  return createHash('md5').update(words.join('\n')).digest('hex');
}

export function ticks(seconds: number): number {
  return Math.round(seconds * TICKS_PER_SECOND);
}

/**
 * Milliseconds since the epoch as the server writes a date: seven digits at a whole second, else as many as are not
 * zero at the end (JsonDateTimeConverter). The digits below a millisecond are made up.
 */
export function dateText(epochMs: number): string {
  const ms = Math.floor(epochMs);
  const iso = new Date(ms).toISOString();
  if (ms % 1000 === 0) return `${iso.slice(0, 19)}.0000000Z`;
  const below = String((ms * 7919) % 10_000).padStart(4, '0');
  return `${`${iso.slice(0, 23)}${below}`.replace(/0+$/, '')}Z`;
}

/** JSON with what System.Text.Json escapes: everything outside ASCII, and & ' " < > + ` within strings. */
export function jsonText(value: Json): string {
  return JSON.stringify(value)
    .replace(/\\(["\\])/g, (pair, char) => (char === '"' ? '\\u0022' : pair))
    .replace(
      /[&'<>+`\u007f-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
    );
}

/** The same value with keys that begin with a small letter, as the setup server answers. */
export function camelCase(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key.charAt(0).toLowerCase() + key.slice(1), of]));
}

/** A whole number from 0 up to, without, `bound`, always the same for the same words. */
export function pick(bound: number, ...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of words.join('\n')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) % bound;
}
