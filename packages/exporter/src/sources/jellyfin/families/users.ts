import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { PrivacyFilter } from '../../privacy.ts';
import type { JellyfinUser } from '../state.ts';
import { LabelSums } from './rows.ts';

const COST = '/Users';

const TOTAL = defineMetric({
  name: 'jellyfin_users_total',
  type: 'gauge',
  help: 'Accounts that the server has now. Not a counter, in spite of its name; new ones are in jellyfin_activity_events_total{type="UserCreated"}.',
  cost: COST,
});
const USERS = defineMetric({
  name: 'jellyfin_users',
  type: 'gauge',
  help: 'Accounts by what they are allowed.',
  labels: { admin: 'public', disabled: 'public' },
  cost: COST,
});
const LAST_ACTIVITY = defineMetric({
  name: 'jellyfin_user_last_activity_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  overflow: 'max',
  help: 'When a client of the account last reported, in seconds since the epoch; absent when never.',
  labels: { user: 'personal' },
  cost: COST,
});
const LAST_LOGIN = defineMetric({
  name: 'jellyfin_user_last_login_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  overflow: 'max',
  help: 'When somebody last signed in to the account, in seconds since the epoch; absent when never.',
  labels: { user: 'personal' },
  cost: COST,
});

export const USERS_CATALOGUE: readonly Metric[] = [TOTAL, USERS, LAST_ACTIVITY, LAST_LOGIN];

export function usersFamilies(users: readonly JellyfinUser[], privacy: PrivacyFilter): Family[] {
  const kinds = new LabelSums();
  for (const admin of ['true', 'false']) for (const disabled of ['true', 'false']) kinds.add([admin, disabled], 0);
  for (const { administrator, disabled } of users) kinds.add([String(administrator), String(disabled)]);
  return [
    family(TOTAL, users.length),
    kinds.family(USERS),
    newest(LAST_ACTIVITY, users, privacy, ({ lastActivity }) => lastActivity),
    newest(LAST_LOGIN, users, privacy, ({ lastLogin }) => lastLogin),
  ];
}

/** The newest date of whoever is shown under the same name. */
function newest(
  metric: Metric,
  users: readonly JellyfinUser[],
  privacy: PrivacyFilter,
  dateOf: (user: JellyfinUser) => number | undefined,
): Family {
  const dates = new Map<string, number>();
  for (const user of users) {
    const date = dateOf(user);
    const name = privacy.user(user.name);
    if (date !== undefined) dates.set(name, Math.max(dates.get(name) ?? 0, date / 1000));
  }
  return { metric, samples: Array.from(dates, ([name, value]) => ({ labels: [name], value })) };
}
