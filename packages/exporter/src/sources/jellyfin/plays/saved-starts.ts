import { fields, flag, known, list, number, text } from '../parse/json.ts';
import type { ActivityEntry } from '../state.ts';
import type { SavedStarts } from './unseen-starts.ts';

/** The starts that waited to be judged before a restart. What cannot be read is left out. */
export function parseStarts(saved: unknown): SavedStarts {
  const raw = fields(saved);
  const waiting = list(raw?.waiting).flatMap((entry) => parseEntry(entry) ?? []);
  const polls: SavedStarts['polls'][number][] = [];
  let settledAt = 0;
  for (const poll of list(raw?.polls)) {
    const { at: polledAt, after, returning, names } = fields(poll) ?? {};
    const at = number(polledAt);
    if (at === undefined) continue;
    polls.push({ at, after: number(after) ?? settledAt, names: parseNames(names) });
    // An older shape, which has the polls in which nothing played too.
    if (flag(returning) === false) settledAt = at;
  }
  return { waiting, from: number(raw?.from) ?? polls[0]?.at, polls };
}

function parseNames(names: unknown): SavedStarts['polls'][number]['names'] {
  const seen = Object.entries(fields(names) ?? {}).map(([name, sighting]) => {
    const { begun, mediaType, method } = fields(sighting) ?? {};
    return [
      name,
      { begun: count(begun), mediaType: text(mediaType) ?? '', method: text(method) ?? 'unknown' },
    ] as const;
  });
  return Object.fromEntries(seen);
}

function parseEntry(entry: unknown): ActivityEntry | undefined {
  const raw = fields(entry);
  const id = number(raw?.id);
  const date = number(raw?.date);
  const type = text(raw?.type);
  const userId = text(raw?.userId);
  if (id === undefined || date === undefined || type === undefined || userId === undefined) return undefined;
  const severity = text(raw?.severity) ?? 'other';
  return known<ActivityEntry>({ id, date, type, severity, userId, itemId: text(raw?.itemId) });
}

function count(value: unknown): number {
  return Math.max(0, number(value) ?? 0);
}
