import type {
  BandwidthState,
  Delivery,
  LibraryState,
  MediaTotals,
  PlayTotal,
  ServerState,
  SessionState,
  TranscodeState,
} from '@media-exporter/model';
import type { PrivacyFilter } from '../privacy.ts';
import { known } from './parse/json.ts';
import { sessionLabel } from './sessions/session-label.ts';
import type {
  ActiveSession,
  ActiveTranscode,
  JellyfinState,
  LoggedTranscode,
  PlaybackTotals,
  PlayMethod,
  SessionsState,
} from './state.ts';
import { secondsOf } from './ticks.ts';

/** The server in the terms that all media servers share, with its people as hidden as the policy wants. */
export function serverState(state: JellyfinState, up: boolean | undefined, privacy: PrivacyFilter): ServerState {
  const { system, sessions, users } = state;
  return known<ServerState>({
    platform: 'jellyfin',
    up,
    version: system?.info?.version,
    sessions: sessions?.active.map((active, index) => sessionState(active, index, privacy)),
    transcodes: transcodesOf(state),
    bandwidth: sessions && bandwidthOf(sessions.active),
    libraries: librariesOf(state),
    users: sessions && usersState(sessions, users?.length),
    jobs: state.jobs,
  });
}

const DELIVERIES: Readonly<Record<PlayMethod, Delivery>> = {
  directplay: 'direct_play',
  directstream: 'direct_stream',
  transcode: 'transcode',
};

/** What the `media_*` counters count. A play that nobody saw has no delivery, and is not in them. */
export function mediaTotals({ playback }: JellyfinState): MediaTotals {
  return playback === undefined ? {} : { plays: playback.rows.map(playTotal) };
}

function playTotal({ mediaType, method, plays, seconds }: PlaybackTotals['rows'][number]): PlayTotal {
  return { mediaType, delivery: DELIVERIES[method], plays, seconds };
}

function sessionState(active: ActiveSession, index: number, privacy: PrivacyFilter): SessionState {
  const { session, item, state, delivery, scope, bitsPerSecond } = active;
  return known<SessionState>({
    id: sessionLabel(session, index, privacy),
    mediaType: item.mediaType,
    state,
    delivery,
    scope,
    bitrateBitsPerSecond: bitsPerSecond,
    positionSeconds: secondsOf(session.positionTicks),
    durationSeconds: secondsOf(item.runTimeTicks),
    user: privacy.user(session.user),
    client: session.client,
    device: privacy.user(session.device),
    title: titleOf(item, privacy),
  });
}

/** Each part with the pseudonym that it has where it stands alone. */
function titleOf({ series = '', title }: ActiveSession['item'], privacy: PrivacyFilter): string {
  const parts = [series, title].map((part) => privacy.title(part));
  return parts.filter((part) => part !== '').join(' - ');
}

/** What runs is told by the sessions, which are newer than the logs; what it runs on by the log of its job. */
function transcodesOf({ sessions, transcodes: logged }: JellyfinState): TranscodeState[] | undefined {
  if (sessions === undefined) return logged?.map(({ mediaSourceId: _, ...transcode }) => transcode);
  return sessions.transcodes.map((active) => transcodeState(active, logged ?? []));
}

/** Several jobs of one item cannot be told apart: only what they have in common is known. */
function transcodeState(active: ActiveTranscode, logged: readonly LoggedTranscode[]): TranscodeState {
  const jobs = logged.filter(({ mediaSourceId }) => mediaSourceId === active.session.item?.id);
  const kind = common(jobs.map((job) => job.kind)) ?? active.kind;
  const hardware = common(jobs.map((job) => job.hardware));
  return known<TranscodeState>({ kind, hardware, speedRatio: active.speedRatio });
}

function common<T>(values: readonly T[]): T | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

/** What plays now. Absent are scopes of which a stream has only a ceiling, and both where it is not known which it goes to. */
function bandwidthOf(active: readonly ActiveSession[]): BandwidthState[] {
  const playing = active.filter(({ state }) => state !== 'paused');
  if (playing.some(({ scope }) => scope === undefined)) return [];
  return (['lan', 'wan'] as const).flatMap((scope) => {
    let sum = 0;
    for (const one of playing) {
      if (one.scope !== scope) continue;
      if (one.bitsPerSecond === undefined) return [];
      sum += one.bitsPerSecond;
    }
    return [{ scope, bitsPerSecond: sum }];
  });
}

function usersState({ active }: SessionsState, accounts: number | undefined): ServerState['users'] {
  const playing = new Set(active.map(({ session }) => session.userId)).size;
  return { active: playing, ...(accounts === undefined ? {} : { inactive: Math.max(0, accounts - playing) }) };
}

/** What is counted and what a walk has added up, joined by library and type. */
function librariesOf({ libraries, walked }: JellyfinState): LibraryState[] | undefined {
  if (libraries === undefined && walked === undefined) return undefined;
  const joined = new Map<string, LibraryState>();
  for (const part of [...(walked ?? []), ...(libraries ?? [])]) {
    const name = `${part.mediaType} ${part.library}`;
    joined.set(name, { ...joined.get(name), ...part });
  }
  return [...joined.values()];
}
