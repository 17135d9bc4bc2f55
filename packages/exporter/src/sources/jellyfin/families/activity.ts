import { defineMetric, type Family, type Metric } from '@media-exporter/metrics';
import type { TallyRow } from '@media-exporter/model';
import { ACTIVITY_TYPES } from '../parse/activity.ts';
import { LabelSums } from './rows.ts';

const COST = '/System/ActivityLog/Entries';

const EVENTS = defineMetric({
  name: 'jellyfin_activity_events_total',
  type: 'counter',
  help: 'Entries of the activity log since it was first looked at, by type and severity. Types that are not known are other.',
  labels: { type: 'public', severity: 'public' },
  cost: COST,
});
const STARTED = defineMetric({
  name: 'jellyfin_playback_started_total',
  type: 'counter',
  help: 'Plays that began, by the activity log, since it was first looked at. Theme songs are not in it.',
  labels: { media_type: 'public' },
  cost: COST,
});

export const ACTIVITY_CATALOGUE: readonly Metric[] = [EVENTS, STARTED];

const STARTS: Readonly<Record<string, string>> = { VideoPlayback: 'video', AudioPlayback: 'audio', Playback: 'other' };

/** Types that are logged with another severity than Information. */
const ERRORS: readonly string[] = [
  'AuthenticationFailed',
  'SubtitleDownloadFailure',
  'LyricDownloadFailure',
  'TaskFailed',
  'InstallationFailed',
  'UserLockedOut',
];

/** Each known type is there from the start, so that its first entry is seen to be new. */
export function activityFamilies(rows: Iterable<TallyRow<'events'>>): Family[] {
  const events = new LabelSums();
  for (const type of ACTIVITY_TYPES) events.add([type, ERRORS.includes(type) ? 'Error' : 'Information'], 0);
  const started = new LabelSums();
  for (const mediaType of Object.values(STARTS)) started.add([mediaType], 0);
  for (const { labels, amounts } of rows) {
    events.add(labels, amounts.events);
    const [type = ''] = labels;
    const mediaType = Object.hasOwn(STARTS, type) ? STARTS[type] : undefined;
    if (mediaType !== undefined) started.add([mediaType], amounts.events);
  }
  return [events.family(EVENTS), started.family(STARTED)];
}
