import type { Scope } from '@media-exporter/model';
import type { PlexPlayer } from '../state.ts';
import { items } from './items.ts';
import { amount, filled, flag, type Json, known, number, record, records, text } from './json.ts';
import { type RawTranscode, readTranscode, word } from './transcode.ts';

/** One entry of `/status/sessions`, of its media only what is played. */
export interface RawSession {
  readonly sessionKey: string;
  readonly ratingKey: string;
  readonly key: string;
  readonly guid: string;
  readonly type: string;
  readonly live: boolean;
  readonly title: string;
  readonly parentTitle?: string;
  readonly grandparentTitle?: string;
  readonly librarySectionId?: string;
  readonly librarySectionTitle?: string;
  readonly userId?: string;
  readonly user: string;
  readonly player: PlexPlayer;
  /** Raw; absent where the server leaves it out. */
  readonly state?: string;
  readonly positionMilliseconds?: number;
  readonly durationMilliseconds?: number;
  /** Kilobits per second. */
  readonly bandwidth?: number;
  readonly scope?: Scope;
  readonly secure?: boolean;
  readonly media?: RawMedia;
  readonly transcode?: RawTranscode;
}

export interface RawMedia {
  /** Kilobits per second. */
  readonly bitrate?: number;
  readonly resolution?: string;
  readonly decision?: string;
  /** Of the stream that is played, in lower case. */
  readonly videoDecision?: string;
  readonly audioDecision?: string;
  /** Absent when no subtitle is shown. */
  readonly subtitle?: { readonly decision?: string };
}

/** `/status/sessions`. Only an answer that says so is an empty list. */
export const readSessions = items(readSession, (entries, { size }): readonly RawSession[] | undefined => {
  const sessions = entries.filter((entry) => entry !== undefined);
  if (sessions.length === 0 && (entries.length > 0 || number(size) !== 0)) return undefined;
  return [...new Map(sessions.map((session) => [session.sessionKey, session])).values()];
});

/** `/library/metadata/KEY,KEY`: the resolutions of the files by rating key, raw; empty where one has none. */
export const readFileResolutions = items(
  (item): readonly [string, string] => {
    const media = chosen(records(item.Media));
    return [text(item.ratingKey) ?? '', text(media?.videoResolution) ?? ''];
  },
  (resolutions): ReadonlyMap<string, string> => new Map(resolutions),
);

function readSession(entry: Json): RawSession | undefined {
  const sessionKey = filled(entry.sessionKey);
  if (sessionKey === undefined) return undefined;
  const player = record(entry.Player) ?? {};
  const user = record(entry.User) ?? {};
  const session = record(entry.Session) ?? {};
  const media = chosen(records(entry.Media));
  const key = text(entry.key) ?? '';
  const librarySectionId = filled(entry.librarySectionID);
  return known<RawSession>({
    sessionKey,
    ratingKey: text(entry.ratingKey) ?? '',
    key,
    guid: text(entry.guid) ?? '',
    type: word(entry.type) ?? '',
    live: flag(entry.live) === true || key.startsWith('/livetv/') || librarySectionId === '-4',
    title: text(entry.title) ?? '',
    parentTitle: text(entry.parentTitle),
    grandparentTitle: text(entry.grandparentTitle),
    librarySectionId,
    librarySectionTitle: text(entry.librarySectionTitle),
    userId: filled(user.id),
    user: text(user.title) ?? '',
    player: {
      id: text(player.machineIdentifier) ?? '',
      device: text(player.device) ?? '',
      product: text(player.product) ?? '',
      title: text(player.title) ?? '',
      platform: text(player.platform) ?? '',
    },
    state: word(player.state),
    positionMilliseconds: amount(entry.viewOffset),
    durationMilliseconds: amount(entry.duration),
    bandwidth: amount(session.bandwidth),
    scope: readScope(player, session),
    secure: flag(player.secure),
    media: media === undefined ? undefined : readMedia(media),
    // Live TV has been seen with it inside the medium.
    transcode: readTranscode(record(entry.TranscodeSession) ?? record(media?.TranscodeSession)),
  });
}

function readScope(player: Json, session: Json): Scope | undefined {
  if (flag(player.relayed) === true) return 'relay';
  const location = word(session.location);
  if (location === 'lan' || location === 'wan') return location;
  const local = flag(player.local);
  return local === undefined ? undefined : local ? 'lan' : 'wan';
}

function readMedia(media: Json): RawMedia {
  const part = chosen(records(media.Part));
  const streams = records(part?.Stream);
  const decisionOf = (stream: Json | undefined): string | undefined => word(stream?.decision);
  const ofType = (type: number): readonly Json[] => streams.filter((stream) => number(stream.streamType) === type);
  const subtitle = ofType(3).find(isSelected);
  return known<RawMedia>({
    bitrate: amount(media.bitrate),
    resolution: filled(media.videoResolution),
    decision: filled(part?.decision),
    videoDecision: decisionOf(chosen(ofType(1))),
    audioDecision: decisionOf(chosen(ofType(2))),
    subtitle: subtitle === undefined ? undefined : known({ decision: decisionOf(subtitle) }),
  });
}

/** Of several the one that is played, else the first. */
function chosen(items: readonly Json[]): Json | undefined {
  return items.find(isSelected) ?? items[0];
}

function isSelected(item: Json): boolean {
  return flag(item.selected) === true;
}
