import { fields, flag, known, list, number, text } from '../parse/json.ts';
import type { ActivityEntry } from '../state.ts';
import type { SavedStarts } from './unseen-starts.ts';

/** The starts that waited to be judged before a restart. What cannot be read is left out. */
export function parseStarts(saved: unknown): SavedStarts {
  const raw = fields(saved);
  return {
    waiting: list(raw?.waiting).flatMap((entry) => parseEntry(entry) ?? []),
    polls: list(raw?.polls).flatMap((poll) => {
      const { at, returning, names } = fields(poll) ?? {};
      const seen = Object.entries(fields(names) ?? {}).map(([name, sighting]) => {
        const { begun, mediaType, method } = fields(sighting) ?? {};
        return [
          name,
          { begun: count(begun), mediaType: text(mediaType) ?? '', method: text(method) ?? 'unknown' },
        ] as const;
      });
      return number(at) === undefined
        ? []
        : [{ at: number(at) ?? 0, returning: flag(returning) ?? false, names: Object.fromEntries(seen) }];
    }),
  };
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
