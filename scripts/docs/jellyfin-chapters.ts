import type { Metric } from '@media-exporter/metrics';
import { ApiTimes } from '../../packages/exporter/src/sources/jellyfin/api-times.ts';
import type { CollectorName } from '../../packages/exporter/src/sources/jellyfin/collectors/collector.ts';
import { ACTIVITY_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/activity.ts';
import { DEVICES_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/devices.ts';
import { GEOIP_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/geoip.ts';
import {
  PLAY_COUNTS_CATALOGUE,
  RECENTLY_ADDED_CATALOGUE,
} from '../../packages/exporter/src/sources/jellyfin/families/items.ts';
import { LIBRARY_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/library.ts';
import { LIBRARY_WALK_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/library-walk.ts';
import { NOW_PLAYING_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/now-playing.ts';
import { PLAYBACK_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/playback.ts';
import { PLAYBACK_REPORTING_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/playback-reporting.ts';
import {
  BARE_PROCESS_CATALOGUE,
  PROCESS_CATALOGUE,
} from '../../packages/exporter/src/sources/jellyfin/families/process.ts';
import { SESSION_INFO_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/session-info.ts';
import { SESSIONS_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/sessions.ts';
import { STORAGE_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/storage.ts';
import { SYSTEM_CATALOGUE, UP_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/system.ts';
import { TASKS_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/tasks.ts';
import { TRANSCODE_JOBS_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/transcode-jobs.ts';
import { TRANSCODE_LOGS_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/transcode-logs.ts';
import { SPEED_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/transcode-speeds.ts';
import { USERS_CATALOGUE } from '../../packages/exporter/src/sources/jellyfin/families/users.ts';
import type { Chapter } from './table.ts';

const DEFAULT = 'On by default.';
const ASKED_FOR = 'Off unless it is switched on.';

/** What two collectors can tell is in the chapters of both. */
const COLLECTORS: readonly (readonly [CollectorName, text: string, catalogue: readonly Metric[]])[] = [
  ['system', DEFAULT, SYSTEM_CATALOGUE],
  ['sessions', DEFAULT, [...SESSIONS_CATALOGUE, ...SPEED_CATALOGUE]],
  ['playback', DEFAULT, PLAYBACK_CATALOGUE],
  ['activity', DEFAULT, ACTIVITY_CATALOGUE],
  ['library', DEFAULT, LIBRARY_CATALOGUE],
  ['users', DEFAULT, USERS_CATALOGUE],
  ['tasks', DEFAULT, TASKS_CATALOGUE],
  ['storage', DEFAULT, STORAGE_CATALOGUE],
  ['process', `${ASKED_FOR} In the drop-in it is on.`, PROCESS_CATALOGUE],
  ['transcode_jobs', DEFAULT, TRANSCODE_JOBS_CATALOGUE],
  ['transcode_logs', ASKED_FOR, TRANSCODE_LOGS_CATALOGUE],
  ['library_walk', ASKED_FOR, LIBRARY_WALK_CATALOGUE],
  ['recently_added', ASKED_FOR, RECENTLY_ADDED_CATALOGUE],
  ['play_counts', ASKED_FOR, PLAY_COUNTS_CATALOGUE],
  ['devices', ASKED_FOR, DEVICES_CATALOGUE],
  [
    'playback_reporting',
    `${ASKED_FOR} From the plugin Playback Reporting of the server; without that nothing is there.`,
    PLAYBACK_REPORTING_CATALOGUE,
  ],
  ['geoip', 'On where there is a database of places: `geoip_file` or `--jellyfin.geoip-file`.', GEOIP_CATALOGUE],
];

/** What a Jellyfin tells, by collector. */
export const JELLYFIN_CHAPTERS: readonly Chapter[] = [
  {
    title: 'Jellyfin: always',
    text: 'Told of every server, whatever is collected.',
    catalogue: [...UP_CATALOGUE, ...ApiTimes.catalogue],
  },
  ...COLLECTORS.map(([name, text, catalogue]) => ({ title: `Jellyfin: ${name}`, text, catalogue })),
  {
    title: 'Jellyfin: sessions, one by one',
    text: 'From the collector `sessions`, with `session_series: true` or `--jellyfin.session-series`.',
    catalogue: [...NOW_PLAYING_CATALOGUE, ...SESSION_INFO_CATALOGUE],
  },
  {
    title: 'Jellyfin: its process under bare names',
    text: 'What `media-exporter jellyfin` serves beside `jellyfin_process_*`.',
    catalogue: BARE_PROCESS_CATALOGUE,
  },
];
