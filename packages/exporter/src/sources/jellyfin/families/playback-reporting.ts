import { defineMetric, type Family, type Metric } from '@media-exporter/metrics';
import type { PrivacyFilter } from '../../privacy.ts';
import type { ReportedUser } from '../parse/playback-reporting.ts';
import { LabelSums } from './rows.ts';

const COST = '/user_usage_stats/user_activity';
const WINDOW =
  'by the plugin Playback Reporting, over a window of the last days, as many as playback_reporting_days says. Not a counter: what is older than the window leaves it';

const PLAYS = defineMetric({
  name: 'jellyfin_playback_reporting_plays',
  type: 'gauge',
  help: `Plays of each user ${WINDOW}.`,
  labels: { user: 'personal' },
  cost: COST,
});
const SECONDS = defineMetric({
  name: 'jellyfin_playback_reporting_play_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: `Time that each user has played ${WINDOW}.`,
  labels: { user: 'personal' },
  cost: COST,
});

export const PLAYBACK_REPORTING_CATALOGUE: readonly Metric[] = [PLAYS, SECONDS];

export function playbackReportingFamilies(users: readonly ReportedUser[], privacy: PrivacyFilter): Family[] {
  const plays = new LabelSums();
  const seconds = new LabelSums();
  for (const one of users) {
    const user = privacy.user(one.user);
    if (one.plays !== undefined) plays.add([user], one.plays);
    if (one.seconds !== undefined) seconds.add([user], one.seconds);
  }
  return [plays.family(PLAYS), seconds.family(SECONDS)];
}
