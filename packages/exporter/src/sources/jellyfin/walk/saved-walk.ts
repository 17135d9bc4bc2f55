import { amount, fields, list, text } from '../parse/json.ts';
import type { WalkProgress, WalkResult } from './progress.ts';
import type { LibrarySums, TypeSums } from './sums.ts';

/** What was kept of a walk under way; `undefined` for what cannot be read, and then it begins anew. */
export function parseWalkProgress(saved: unknown): WalkProgress | undefined {
  const raw = fields(saved);
  const startIndex = amount(raw?.startIndex);
  const pages = amount(raw?.pages);
  const done = sumsOf(raw?.done);
  const readAt = amount(raw?.readAt);
  if (raw === undefined || startIndex === undefined || pages === undefined || done === undefined) return undefined;
  if (readAt === undefined) return undefined;
  const left = list(raw.left).flatMap((entry) => {
    const { id, name } = fields(entry) ?? {};
    return typeof id === 'string' && typeof name === 'string' ? [{ id, name }] : [];
  });
  if (left.length === 0) return undefined;
  return { readAt, left, done, current: parseSums(raw.current), startIndex, pages };
}

export function parseWalkResult(saved: unknown): WalkResult | undefined {
  const raw = fields(saved);
  const at = amount(raw?.at);
  const libraries = sumsOf(raw?.libraries);
  return at === undefined || libraries === undefined ? undefined : { at, libraries };
}

function sumsOf(value: unknown): LibrarySums[] | undefined {
  const sums = list(value).map(parseSums);
  return sums.every((one) => one !== undefined) ? sums : undefined;
}

function parseSums(value: unknown): LibrarySums | undefined {
  const raw = fields(value);
  const id = text(raw?.id);
  const sizeUnknown = amount(raw?.sizeUnknown);
  if (raw === undefined || id === undefined || sizeUnknown === undefined) return undefined;
  return {
    id,
    name: text(raw.name) ?? id,
    types: Object.fromEntries(Object.entries(fields(raw.types) ?? {}).map(([type, sums]) => [type, parseType(sums)])),
    sizeUnknown,
    video: counts(raw.video),
    audio: counts(raw.audio),
    resolutions: counts(raw.resolutions),
    ranges: counts(raw.ranges),
  };
}

function parseType(value: unknown): TypeSums {
  const raw = fields(value) ?? {};
  return { items: amount(raw.items) ?? 0, bytes: amount(raw.bytes) ?? 0, seconds: amount(raw.seconds) ?? 0 };
}

function counts(value: unknown): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fields(value) ?? {}).flatMap(([name, found]) => {
      const known = amount(found);
      return known === undefined ? [] : [[name, known]];
    }),
  );
}
