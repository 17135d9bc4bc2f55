import { defineMetric, type Family, type Metric } from '@media-exporter/metrics';
import type { TallyRow } from '@media-exporter/model';
import { LabelSums } from './rows.ts';

/**
 * `plays` and `seconds` of a user; `streamed` are the seconds of the user who is signed in, so that people who watch along
 * are not counted as streams.
 */
export type PlaybackField = 'plays' | 'seconds' | 'streamed';

/** The labels of a row of what was played: the id of the user, the media type, and the method. */
export const PLAYBACK_LABELS = 3;

const COST = '/Sessions, /System/ActivityLog/Entries';

const PLAYS = defineMetric({
  name: 'jellyfin_playback_total',
  type: 'counter',
  help: 'Plays that began, by what the client claims about them (a transcode that copies all streams is a directstream). unknown: the activity log told of them, but they were over before they could be looked at. Approximate.',
  labels: { type: 'public' },
  cost: COST,
});
const WATCHED = defineMetric({
  name: 'jellyfin_user_watch_time_seconds',
  type: 'counter',
  unit: 'seconds',
  help: 'Time that each user has watched, as far as the client has confirmed it; those who watch along have it too. Approximate: within some percent.',
  labels: { user: 'personal' },
  cost: COST,
});
const WATCH_SECONDS = defineMetric({
  name: 'jellyfin_watch_seconds_total',
  type: 'counter',
  unit: 'seconds',
  help: 'The same as jellyfin_user_watch_time_seconds, by what was watched and how.',
  labels: { user: 'personal', media_type: 'public', play_method: 'public' },
  cost: COST,
});

export const PLAYBACK_CATALOGUE: readonly Metric[] = [PLAYS, WATCHED, WATCH_SECONDS];

export function playbackFamilies(
  rows: Iterable<TallyRow<PlaybackField>>,
  nameOf: (userId: string) => string,
): Family[] {
  const plays = new LabelSums();
  for (const type of ['directplay', 'directstream', 'transcode', 'unknown']) plays.add([type], 0);
  const users = new LabelSums();
  const detail = new LabelSums();
  for (const { labels, amounts } of rows) {
    const [id = '', mediaType = '', method = ''] = labels;
    const user = nameOf(id);
    plays.add([method], amounts.plays);
    // Of a play that nobody saw, no time is known.
    if (method === 'unknown' && amounts.seconds === 0) continue;
    users.add([user], amounts.seconds);
    detail.add([user, mediaType, method], amounts.seconds);
  }
  return [plays.family(PLAYS), users.family(WATCHED), detail.family(WATCH_SECONDS)];
}
