import { createHash } from 'node:crypto';

/** Stands for something that is kept and tells of a person: the same each time, and not to be read back. */
export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
