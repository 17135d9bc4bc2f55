import { restoreTracker, Tally, type TrackerState } from '@media-exporter/model';
import { PLAYBACK_LABELS, type PlaybackField } from '../families/playback.ts';
import { fields, known, list, number, text } from '../parse/json.ts';
import { type KnownPlay, PlayBook } from './play-book.ts';
import type { Watch } from './watch-time.ts';

const FIELDS: readonly PlaybackField[] = ['plays', 'seconds', 'streamed'];

type Saved = ReadonlyMap<string, unknown>;

/** Entries whose key begins with a prefix, without it. */
function* under(saved: Saved, prefix: string): Generator<readonly [string, unknown]> {
  for (const [key, value] of saved) if (key.startsWith(prefix)) yield [key.slice(prefix.length), value];
}

/** What was counted, and the names of the users in it. What cannot be read is left out. */
export function restoreTally(saved: Saved): { tally: Tally<PlaybackField>; names: Map<string, string> } {
  const rows = [...under(saved, 'row ')].flatMap(([, row]) => Tally.parseRow(row, FIELDS, PLAYBACK_LABELS) ?? []);
  const names = [...under(saved, 'name ')].flatMap(([id, name]) =>
    typeof name === 'string' ? [[id, name] as const] : [],
  );
  return { tally: new Tally(FIELDS, rows), names: new Map(names) };
}

/** The plays that were known when the last poll was made. */
export function restoreBook(saved: Saved): { book: PlayBook; polledAt: number | undefined } {
  const about = fields(saved.get('polled'));
  const plays = [...under(saved, 'play ')].flatMap(([name, value]) => {
    const play = parseKnown(value);
    return play === undefined ? [] : [[name, play] as const];
  });
  return { book: new PlayBook(number(about?.epoch) ?? 0, plays), polledAt: number(about?.at) };
}

function parseKnown(value: unknown): KnownPlay | undefined {
  const raw = fields(value);
  const key = text(raw?.key);
  const seenAt = number(raw?.seenAt);
  const generation = number(raw?.generation);
  const epoch = number(raw?.epoch);
  if (key === undefined || seenAt === undefined || generation === undefined || epoch === undefined) return undefined;
  const { positionTicks, pausedAt, reportedAt, silentMs, endedAt, sessionGone } = raw ?? {};
  return known<KnownPlay>({
    key,
    generation,
    seenAt,
    epoch,
    positionTicks: number(positionTicks),
    pausedAt: number(pausedAt),
    reportedAt: number(reportedAt),
    silentMs: number(silentMs),
    endedAt: number(endedAt),
    sessionGone: sessionGone === true ? true : undefined,
  });
}

/** The time that is being earned. */
export function restoreWatch(saved: Saved): TrackerState<Watch> {
  const plays = [...under(saved, 'time ')].map(([, play]) => play);
  return restoreTracker(saved.get('tracker'), plays, parseWatch);
}

function parseWatch(value: unknown): Watch | undefined {
  const raw = fields(value);
  const session = text(raw?.session);
  const mediaType = text(raw?.mediaType);
  const method = text(raw?.method);
  const users = list(raw?.users).filter((user) => typeof user === 'string');
  if (session === undefined || mediaType === undefined || method === undefined || users.length === 0) return undefined;
  const positionTicks = number(raw?.positionTicks) ?? 0;
  return { session, mediaType, method, users, positionTicks, silentMs: number(raw?.silentMs) ?? 0 };
}
