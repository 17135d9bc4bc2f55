import { type Family, family, type Row } from '@media-exporter/metrics';
import type { Delivery, MediaType, PlaybackState, Scope, SessionState } from '../state/server.ts';
import {
  PLAY_SECONDS,
  PLAYS,
  SESSION_BITRATE,
  SESSION_INFO,
  SESSION_PROGRESS,
  SESSIONS,
  type SessionLabel,
  TRANSMITTED,
} from './catalogue.ts';
import { foldedFamily } from './rows.ts';

/** Counters of a server. They never go back. */
export interface MediaTotals {
  /** Absent where plays are not tracked. */
  readonly plays?: Iterable<PlayTotal>;
  /** Absent where the server does not tell what it sent. */
  readonly transmitted?: Iterable<{ readonly scope: Scope; readonly bytes: number }>;
}

export interface PlayTotal {
  readonly mediaType: MediaType;
  readonly delivery: Delivery;
  readonly plays: number;
  readonly seconds: number;
}

/** The labels that all families of one server have. */
export interface Common {
  readonly server: string;
  readonly platform: string;
}

const MEDIA_TYPES: readonly MediaType[] = ['movie', 'episode', 'track', 'live', 'photo', 'video', 'other'];
const DELIVERIES: readonly Delivery[] = ['direct_play', 'direct_stream', 'transcode'];
const STATES: readonly PlaybackState[] = ['playing', 'paused', 'buffering'];

/** Plays and what was sent. Every pair of labels is there from the start, so that the first play is an increase. */
export function totalFamilies(common: Common, { plays, transmitted }: MediaTotals): Family[] {
  const families: Family[] = [];
  if (plays !== undefined) {
    const zeros = MEDIA_TYPES.flatMap((mediaType) =>
      DELIVERIES.map((delivery) => ({ mediaType, delivery, plays: 0, seconds: 0 })),
    );
    const rows = [...zeros, ...plays].map(({ mediaType, delivery, ...amounts }) => ({
      labels: { ...common, media_type: mediaType, delivery },
      ...amounts,
    }));
    families.push(
      foldedFamily(
        PLAYS,
        rows.map((row) => [row.labels, row.plays]),
      ),
      foldedFamily(
        PLAY_SECONDS,
        rows.map((row) => [row.labels, row.seconds]),
      ),
    );
  }
  if (transmitted !== undefined) {
    families.push(
      foldedFamily(
        TRANSMITTED,
        [...transmitted].map(({ scope, bytes }) => [{ ...common, scope }, bytes]),
      ),
    );
  }
  return families;
}

/**
 * How many sessions there are. A media type that is played, or was, has all its states and deliveries, so that its series
 * fall to 0 instead of vanishing; all 63 at once would mostly be zeros. Without any such type one 0 says that nothing is
 * played. A session whose delivery is unknown counts under an empty one, which to Prometheus is no label: a sum has it.
 */
export function sessionCount(common: Common, sessions: readonly SessionState[], plays: Iterable<PlayTotal>): Family {
  const played = [...plays].filter((row) => row.plays > 0);
  const types = new Set([...sessions, ...played].map(({ mediaType }) => mediaType));
  const row = (mediaType: string, state: string, delivery: string, value: number): Row<SessionLabel> => [
    { ...common, media_type: mediaType, state, delivery },
    value,
  ];
  const zeros = MEDIA_TYPES.filter((type) => types.has(type)).flatMap((type) =>
    STATES.flatMap((state) => DELIVERIES.map((delivery) => row(type, state, delivery, 0))),
  );
  const nothing = types.size === 0 ? [row('other', 'playing', 'direct_play', 0)] : [];
  const ones = sessions.map(({ mediaType, state, delivery = '' }) => row(mediaType, state, delivery, 1));
  return foldedFamily(SESSIONS, [...zeros, ...nothing, ...ones]);
}

/** What is told of single sessions: the info says who and what, and the others join it by `session`. */
export function sessionFamilies(common: Common, sessions: readonly SessionState[]): Family[] {
  return [
    family(
      SESSION_INFO,
      sessions.map(({ id, user = '', client = '', device = '', title = '', library = '' }) => [
        { ...common, session: id, user, client, device, title, library },
        1,
      ]),
    ),
    family(
      SESSION_BITRATE,
      sessions.map(({ id, bitrateBitsPerSecond }) => [{ ...common, session: id }, bitrateBitsPerSecond]),
    ),
    family(
      SESSION_PROGRESS,
      sessions.map((session) => [{ ...common, session: session.id }, progress(session)]),
    ),
  ];
}

function progress({ positionSeconds, durationSeconds }: SessionState): number | undefined {
  if (positionSeconds === undefined || durationSeconds === undefined || durationSeconds <= 0) return undefined;
  return Math.min(Math.max(positionSeconds / durationSeconds, 0), 1);
}
