import { type Family, family, type Row } from '@media-exporter/metrics';
import type { Delivery, MediaType, PlaybackState, Scope, TranscodeKind } from '@media-exporter/model';
import type { ServerLabel } from '../labels.ts';
import type { PlexSession, PlexTranscode } from '../state.ts';
import * as plex from './catalogue-plex.ts';

const STATES: readonly PlaybackState[] = ['playing', 'paused', 'buffering'];
const DELIVERIES: readonly Delivery[] = ['direct_play', 'direct_stream', 'transcode'];
const LOCATIONS: readonly Scope[] = ['lan', 'wan'];
const MEDIA_TYPES: readonly MediaType[] = ['movie', 'episode', 'track', 'live', 'photo', 'video', 'other'];
const KINDS: readonly (TranscodeKind | 'none')[] = ['video', 'audio', 'both', 'none'];

/** What the server does not tell. */
const UNKNOWN = 'unknown';

/**
 * What is common has a series with 0 while there is none, so that a graph of an idle server has a line and an alert
 * something to compare; what is rare comes with its first session.
 */
export function sessionFamilies(
  sessions: readonly PlexSession[] | undefined,
  labels: Readonly<Record<ServerLabel, string>>,
  { sessionSeries }: { readonly sessionSeries: boolean },
): Family[] {
  if (sessions === undefined) return [];
  const where = (location: Scope): PlexSession[] => sessions.filter(({ scope }) => scope === location);
  const locations = where('relay').length > 0 ? [...LOCATIONS, 'relay' as const] : LOCATIONS;
  const located = sessions.every(({ scope }) => scope !== undefined);
  const byLocation = (value: (at: readonly PlexSession[]) => number | undefined): Row<ServerLabel | 'location'>[] =>
    located ? locations.map((location) => [{ ...labels, location }, value(where(location))]) : [];
  const transcoding = sessions.flatMap(({ transcode, transcodeKind = 'none' }) =>
    transcode === undefined ? [] : [{ kind: transcodeKind, transcode }],
  );
  return [
    family(
      plex.PLEX_SESSIONS,
      count(
        sessions.map(({ state, delivery = UNKNOWN, scope: location = UNKNOWN }) => ({ state, delivery, location })),
        STATES.flatMap((state) =>
          DELIVERIES.flatMap((delivery) => LOCATIONS.map((location) => ({ state, delivery, location }))),
        ),
        labels,
      ),
    ),
    family(
      plex.SESSIONS_BY_TYPE,
      count(
        sessions.map(({ mediaType: media_type }) => ({ media_type })),
        MEDIA_TYPES.map((media_type) => ({ media_type })),
        labels,
      ),
    ),
    family(
      plex.SESSIONS_BY_SECURITY,
      count(
        sessions.map(({ secure }) => ({ secure: secure === undefined ? UNKNOWN : String(secure) })),
        [{ secure: 'true' }, { secure: 'false' }],
        labels,
      ),
    ),
    family(
      plex.SESSION_BANDWIDTH,
      byLocation((at) => bytes(at.map(({ reservedBitsPerSecond }) => reservedBitsPerSecond))),
    ),
    family(
      plex.SESSION_BITRATE,
      byLocation((at) =>
        bytes(at.filter(({ state }) => state === 'playing').map(({ media }) => media?.bitrateBitsPerSecond)),
      ),
    ),
    family(
      plex.TRANSCODES,
      count(
        transcoding.map(({ kind, transcode }) => ({
          kind,
          hardware: hardwareOf(transcode),
          throttled: transcode.throttled === undefined ? UNKNOWN : String(transcode.throttled),
        })),
        KINDS.map((kind) => ({ kind, hardware: 'none', throttled: 'false' })),
        labels,
      ),
    ),
    ...(sessionSeries ? seriesFamilies(sessions, labels) : []),
  ];
}

function seriesFamilies(sessions: readonly PlexSession[], labels: Readonly<Record<ServerLabel, string>>): Family[] {
  const each = (value: (transcode: PlexTranscode) => number | undefined): Row<ServerLabel | 'session' | 'user'>[] =>
    sessions.flatMap(({ sessionKey: session, user, transcode }) =>
      transcode === undefined ? [] : [[{ ...labels, session, user }, value(transcode)]],
    );
  return [
    family(
      plex.SPEED,
      each(({ speedRatio, throttled, complete }) => (throttled || complete ? undefined : speedRatio)),
    ),
    family(
      plex.PROGRESS,
      each(({ progressRatio }) => progressRatio),
    ),
    family(
      plex.REMAINING,
      each(({ remainingSeconds }) => remainingSeconds),
    ),
  ];
}

/** What hardware does of the work: decoding, encoding, both or none. */
function hardwareOf({ hardwareDecoding, hardwareEncoding }: PlexTranscode): string {
  if (hardwareDecoding === undefined) return hardwareEncoding === undefined ? 'none' : 'encoding';
  return hardwareEncoding === undefined ? 'decoding' : 'both';
}

/** How many there are of each set of labels; `always` are there with 0 at least. */
function count<L extends string>(
  found: readonly Readonly<Record<L, string>>[],
  always: readonly Readonly<Record<L, string>>[],
  labels: Readonly<Record<ServerLabel, string>>,
): Row<ServerLabel | L>[] {
  const counts = new Map(always.map((one) => [JSON.stringify(one), { one, number: 0 }]));
  for (const one of found) {
    const key = JSON.stringify(one);
    counts.set(key, { one, number: (counts.get(key)?.number ?? 0) + 1 });
  }
  return [...counts.values()].map(({ one, number }) => [{ ...labels, ...one }, number]);
}

/** Bits as bytes. Unknown where one of them is. */
function bytes(bits: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const value of bits) {
    if (value === undefined) return undefined;
    total += value;
  }
  return total / 8;
}
