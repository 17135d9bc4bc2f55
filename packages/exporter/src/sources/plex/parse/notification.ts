import type { PlexActivity } from '../state.ts';
import { amount, filled, flag, type Json, known, number, record, records, text } from './json.ts';
import { activitySection, readActivity } from './statistics.ts';
import { type RawTranscode, readTranscode, word } from './transcode.ts';

/** What the socket tells, as far as something is done with it. */
export type Notification =
  | { readonly type: 'playing'; readonly players: readonly PlayerReport[] }
  | {
      readonly type: 'transcode';
      readonly event: 'start' | 'update' | 'end';
      readonly transcodes: readonly RawTranscode[];
    }
  | { readonly type: 'activity'; readonly activities: readonly ActivityReport[] }
  /** Items of these libraries came or went; of which it is not known where there is none. */
  | { readonly type: 'library'; readonly sections: readonly string[] }
  | { readonly type: 'reachability'; readonly reachable: boolean }
  | { readonly type: 'update' }
  | { readonly type: 'other' };

/** What a player said of itself. */
export interface PlayerReport {
  readonly sessionKey: string;
  readonly ratingKey: string;
  /** Raw: playing, paused, buffering, stopped, error. */
  readonly state?: string;
  readonly positionMilliseconds?: number;
}

export interface ActivityReport {
  readonly ended: boolean;
  readonly activity: PlexActivity;
  /** The library that was scanned, when this ended a scan. */
  readonly scanned?: string;
}

export interface Message {
  /** As the server names it, from a closed set: what is not in it is `other`. */
  readonly name: string;
  readonly notification: Notification;
}

/** The names that messages are counted under. */
export const MESSAGE_NAMES: readonly string[] = [
  'playing',
  'transcodeSession.start',
  'transcodeSession.update',
  'transcodeSession.end',
  'timeline',
  'activity',
  'status',
  'progress',
  'reachability',
  'backgroundProcessingQueue',
  'preference',
  'update.statechange',
  'provider.content.change',
  'account',
];

const OTHER: Notification = { type: 'other' };

/** Reads one message of the socket. Total; `undefined` for what is no message of Plex. */
export function parseMessage(body: string): Message | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined;
  }
  const outer = record(answer);
  const inner = record(outer?.NotificationContainer) ?? outer;
  const type = filled(inner?.type)?.trim();
  if (inner === undefined || type === undefined) return undefined;
  const name = MESSAGE_NAMES.includes(type) ? type : 'other';
  return { name, notification: readNotification(name, inner) };
}

function readNotification(name: string, json: Json): Notification {
  switch (name) {
    case 'playing':
      return {
        type: 'playing',
        players: records(json.PlaySessionStateNotification).flatMap((item) => readPlayer(item) ?? []),
      };
    case 'transcodeSession.start':
      return readTranscodes('start', json);
    case 'transcodeSession.update':
      return readTranscodes('update', json);
    case 'transcodeSession.end':
      return readTranscodes('end', json);
    case 'activity':
      return {
        type: 'activity',
        activities: records(json.ActivityNotification).flatMap((item) => readReport(item) ?? []),
      };
    case 'timeline':
      return readTimeline(json);
    case 'status':
      return records(json.StatusNotification).some((item) => item.notificationName === 'LIBRARY_UPDATE')
        ? { type: 'library', sections: [] }
        : OTHER;
    case 'reachability': {
      const reachable = flag(records(json.ReachabilityNotification)[0]?.reachability);
      return reachable === undefined ? OTHER : { type: 'reachability', reachable };
    }
    case 'update.statechange':
      return { type: 'update' };
    default:
      return OTHER;
  }
}

function readPlayer(json: Json): PlayerReport | undefined {
  const sessionKey = filled(json.sessionKey);
  // Companions report under keys that are no numbers, or under none.
  if (sessionKey === undefined || !/^\d+$/.test(sessionKey)) return undefined;
  return known<PlayerReport>({
    sessionKey,
    ratingKey: text(json.ratingKey) ?? '',
    state: word(json.state),
    positionMilliseconds: amount(json.viewOffset),
  });
}

function readTranscodes(event: 'start' | 'update' | 'end', json: Json): Notification {
  return {
    type: 'transcode',
    event,
    transcodes: records(json.TranscodeSession).flatMap((item) => readTranscode(item) ?? []),
  };
}

function readReport(json: Json): ActivityReport | undefined {
  const inner = record(json.Activity);
  const activity = readActivity({ uuid: json.uuid, ...inner });
  if (activity === undefined) return undefined;
  const ended = json.event === 'ended';
  const scanned = ended && activity.type === 'library.update.section' ? (activitySection(inner) ?? '') : undefined;
  return known<ActivityReport>({ ended, activity, scanned });
}

/** Created, done, deleted: the states after which a library has other items than before. */
const COUNTED_STATES = [0, 5, 9];

function readTimeline(json: Json): Notification {
  const entries = records(json.TimelineEntry).filter(
    (entry) =>
      (entry.identifier === undefined || entry.identifier === 'com.plexapp.plugins.library') &&
      COUNTED_STATES.includes(number(entry.state) ?? -1),
  );
  const sections = entries.flatMap((entry) => filled(entry.sectionID) ?? []).filter((id) => /^[1-9]\d*$/.test(id));
  return sections.length === 0 ? OTHER : { type: 'library', sections: [...new Set(sections)] };
}
