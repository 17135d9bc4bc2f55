import type { Earned, ObservedSession, Play, TrackerState } from './observation.ts';
import { isTime } from './session.ts';
import { isAmount, isRecord } from './value.ts';

/** What a tracker remembers besides its plays. */
export type TrackerMeta = Omit<TrackerState<unknown>, 'plays'>;

export function trackerMeta({ plays: _, ...meta }: TrackerState<unknown>): TrackerMeta {
  return meta;
}

/** The plays that have to be saved after a step, by id; `undefined` for those that are gone. */
export function changedPlays<A>(
  before: TrackerState<A>,
  after: TrackerState<A>,
): ReadonlyMap<string, Play<A> | undefined> {
  const changes = new Map<string, Play<A> | undefined>();
  for (const [id, play] of after.plays) if (before.plays.get(id) !== play) changes.set(id, play);
  for (const id of before.plays.keys()) if (!after.plays.has(id)) changes.set(id, undefined);
  return changes;
}

/**
 * The tracker that was kept as JSON: {@link trackerMeta} and the plays, in any order. Never throws. A play that is not
 * valid is left out; ids of plays are not given again, whatever the meta says.
 *
 * @param parseAttributes `undefined` for attributes that are not valid, or whose shape has changed since.
 */
export function restoreTracker<A>(
  meta: unknown,
  plays: Iterable<unknown>,
  parseAttributes: (value: unknown) => A | undefined,
): TrackerState<A> {
  const read = [...plays].flatMap((play) => parsePlay(play, parseAttributes) ?? []).sort((a, b) => +a.id - +b.id);
  const { at, completeAt, epoch, next } = isRecord(meta) ? meta : {};
  const highest = read.reduce((most, { id }) => Math.max(most, Number(id)), 0);
  return {
    ...(isTime(at) && { at }),
    ...(isTime(completeAt) && { completeAt }),
    ...(typeof epoch === 'string' && { epoch }),
    next: Math.max(isId(next) ? next : 1, highest + 1),
    plays: new Map(read.map((play) => [play.id, play])),
  };
}

type Parse<A> = (value: unknown) => A | undefined;

function parsePlay<A>(value: unknown, parse: Parse<A>): Play<A> | undefined {
  if (!isRecord(value)) return undefined;
  const { id, key, item, party, epoch, counted, settled, endedAt, creditedPosition } = value;
  const { seenAt, firstSeenAt, creditedTo } = value;
  const session = parseSession(value.session, parse);
  if (typeof id !== 'string' || !/^\d+$/.test(id) || !isId(Number(id))) return undefined;
  if (typeof key !== 'string' || typeof item !== 'string' || typeof party !== 'string') return undefined;
  if (session === undefined || typeof counted !== 'boolean' || typeof settled !== 'boolean') return undefined;
  if (!isTime(seenAt) || !isTime(firstSeenAt) || !isTime(creditedTo)) return undefined;
  if (endedAt !== undefined && !isTime(endedAt)) return undefined;
  const pending = Array.isArray(value.pending)
    ? value.pending.flatMap((one) => parseEarned(one, parse) ?? [])
    : undefined;
  return {
    ...{ id, key, item, party, session, seenAt, firstSeenAt, counted, settled, creditedTo },
    ...(typeof epoch === 'string' && { epoch }),
    ...(endedAt !== undefined && { endedAt }),
    ...(pending !== undefined && { pending }),
    ...(isAmount(creditedPosition) && { creditedPosition }),
  };
}

function parseSession<A>(value: unknown, parse: Parse<A>): ObservedSession<A> | undefined {
  if (!isRecord(value)) return undefined;
  const { key, item, party, playing, bitrateBitsPerSecond, positionSeconds, confirmedAt, startedAt } = value;
  const attributes = parse(value.attributes);
  if (typeof key !== 'string' || typeof item !== 'string' || typeof party !== 'string') return undefined;
  if (typeof playing !== 'boolean' || attributes === undefined) return undefined;
  return {
    ...{ key, item, party, playing, attributes },
    ...(isAmount(bitrateBitsPerSecond) && { bitrateBitsPerSecond }),
    ...(isAmount(positionSeconds) && { positionSeconds }),
    ...(typeof confirmedAt === 'number' && Number.isFinite(confirmedAt) && { confirmedAt }),
    ...(isTime(startedAt) && { startedAt }),
    ...(typeof value.countsAsPlay === 'boolean' && { countsAsPlay: value.countsAsPlay }),
  };
}

function parseEarned<A>(value: unknown, parse: Parse<A>): Earned<A> | undefined {
  if (!isRecord(value)) return undefined;
  const { seconds, bytes } = value;
  const attributes = parse(value.attributes);
  return attributes !== undefined && isAmount(seconds) && isAmount(bytes) ? { attributes, seconds, bytes } : undefined;
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
