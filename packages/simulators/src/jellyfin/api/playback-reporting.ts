import type { Answer } from '../../faults/index.ts';
import type { ServerState } from '../state.ts';
import { dateText } from '../text.ts';
import { type ApiRequest, json, numberOf } from './answer.ts';

const DAY_MS = 86_400_000;

/** Whether the plugin Playback Reporting is installed and active: a server without it does not know its paths. */
export function reportsPlayback({ settings }: ServerState): boolean {
  return settings.plugins.some(({ name, status }) => name === 'Playback Reporting' && status === 'Active');
}

/** What the plugin has counted of each user in the last days, with keys of its own casing. */
export function userActivity(state: ServerState, request: ApiRequest): Answer {
  const within = (numberOf(request.query, 'days') ?? 0) * DAY_MS;
  const recent = state.truth.records.filter(({ startedAt }) => state.ageOf(startedAt) < within);
  const byUser = Map.groupBy(recent, ({ identity }) => identity.user);
  return json(
    request,
    Array.from(byUser, ([name, plays]) => {
      const last = plays.at(-1);
      const seconds = plays.reduce((sum, play) => sum + Math.floor(play.seconds), 0);
      return {
        latest_date: dateText(state.date() - state.ageOf(last?.startedAt ?? 0)),
        user_id: state.people.accounts.find((account) => account.name === name)?.id ?? '',
        total_count: plays.length,
        total_time: seconds,
        item_name: last?.identity.type ?? '',
        client_name: last?.identity.client ?? '',
        user_name: name,
        has_image: false,
        last_seen: 'just now',
        total_play_time: seconds < 60 ? '< 1 minute' : `${Math.floor(seconds / 60)} minutes`,
      };
    }),
  );
}
