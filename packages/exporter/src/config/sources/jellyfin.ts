import { z } from 'zod';
import { duration, filePath, headerSecret, sourceUrl } from '../values.ts';
import { COMMON, NAME, SESSIONS } from './common.ts';
import { withoutWebApp } from './web-app.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The collectors of a Jellyfin source that are switched on and off. */
export const COLLECTOR_NAMES = [
  'system',
  'sessions',
  'playback',
  'activity',
  'users',
  'tasks',
  'storage',
  'library',
  'transcode_jobs',
  'library_walk',
  'play_counts',
  'recently_added',
  'devices',
  'playback_reporting',
  'process',
  'transcode_logs',
] as const;

export type CollectorSwitch = (typeof COLLECTOR_NAMES)[number];

/** Those that cost the server little. */
const BY_DEFAULT: readonly CollectorSwitch[] = COLLECTOR_NAMES.slice(0, COLLECTOR_NAMES.indexOf('library_walk'));

/** Each by its name, so that a slip of the keyboard is seen. */
const SWITCHES = Object.fromEntries(COLLECTOR_NAMES.map((name) => [name, z.boolean().optional()])) as Readonly<
  Record<CollectorSwitch, z.ZodOptional<z.ZodBoolean>>
>;

const collectors = z
  .union([z.array(z.enum(COLLECTOR_NAMES)), z.strictObject(SWITCHES)], {
    error: `must be a list of collectors, or true or false for each that is not as by default; there are: ${COLLECTOR_NAMES.join(', ')}`,
  })
  .transform((given) => chosenCollectors(given));

/** The configuration of one Jellyfin server. */
export const jellyfinSourceSchema = z.strictObject({
  name: NAME,
  type: z.literal('jellyfin').describe('A Jellyfin server.'),
  url: z
    .string()
    .transform(withoutWebApp)
    .pipe(sourceUrl('allowed'))
    .describe('Where the server is: http://HOST:8096, with its base URL where it has one; `/web` and more is cut off.'),
  token: headerSecret.optional().describe('An API key, from the dashboard of the server.'),
  token_file: filePath
    .optional()
    .describe(
      'A file whose first line is the API key; read again when it changes, and when the server refuses the key.',
    ),
  token_env: z.string().min(1).optional().describe('The environment variable that holds the API key.'),
  ...COMMON,
  timeout: duration(0.1, 300)
    .prefault(15)
    .describe('How long one request may take in all. More than 10 s, so that an alert on 10 s can fire.'),
  ...SESSIONS,
  session_series: SESSIONS.session_series.describe(
    'Whether there are series of single sessions, with user, title, device and address: `jellyfin_now_playing_*`, `jellyfin_session_info`, `jellyfin_transcode_session_*` and `media_session_*`.',
  ),
  collectors: collectors
    .prefault([...BY_DEFAULT])
    .describe(
      'What is collected: a list, or a mapping of collectors to true or false that changes the default. What a collector needs of others is asked for too.',
    ),
  interval: duration(2, 60)
    .prefault(10)
    .describe('How often health, sessions and tasks are asked for. Above 15 s, watched time is lost.'),
  activity_interval: duration(10, HOUR)
    .prefault(60)
    .describe('How often new entries of the activity log are asked for.'),
  logs_interval: duration(10, HOUR)
    .prefault(60)
    .describe('How often the logs are looked at, by `transcode_jobs` and `transcode_logs`.'),
  process_interval: duration(5, HOUR)
    .prefault(15)
    .describe("How often the server's process is looked at, by `process`."),
  library_interval: duration(30, DAY)
    .prefault(300)
    .describe('How often items by type, libraries, plugins, storage and the encoding configuration are asked for.'),
  users_interval: duration(60, DAY)
    .prefault(1800)
    .describe(
      'How often the accounts, and of `devices` the devices, are asked for, which costs the server milliseconds for each.',
    ),
  counts_interval: duration(300, 7 * DAY)
    .prefault(HOUR)
    .describe(
      'How often resolutions and missing metadata are counted, and recently added items, play counts and the report of `playback_reporting` asked for.',
    ),
  walk_interval: duration(HOUR, 30 * DAY)
    .prefault(DAY)
    .describe('How often `library_walk` reads all items, page by page.'),
  recently_added_limit: z
    .int()
    .min(1)
    .max(200)
    .default(20)
    .describe('How many recently added items there are series of.'),
  play_counts_limit: z
    .int()
    .min(1)
    .max(200)
    .default(20)
    .describe('How many of the most played items are asked of each user, and there are series of.'),
  playback_reporting_days: z
    .int()
    .min(1)
    .max(36_525)
    .default(7)
    .describe('Over how many days, today included, the plugin is asked to report, by `playback_reporting`.'),
  log_directory: filePath
    .exactOptional()
    .describe(
      'The directory of the logs of the server, where it can be read: `transcode_logs` reads them there. Without it they are asked of the API.',
    ),
  metrics_path: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]*$/, { error: 'must be a path that begins with /' })
    .default('/metrics')
    .describe("The path of the server's own metrics below `url`, for `process`."),
  pid_file: filePath
    .exactOptional()
    .describe('A file with the number of the process of the server, which runs on this machine, for `process`.'),
  cgroup: filePath
    .exactOptional()
    .describe(
      'The directory of the control group (version 2) of the server, such as /sys/fs/cgroup/system.slice/jellyfin.service, for `process`.',
    ),
  geoip_file: filePath
    .exactOptional()
    .describe(
      "A database of places in MaxMind's format (.mmdb), such as GeoLite2-City: there are `jellyfin_sessions_geo` then. It is held in memory, and read again when it changes.",
    ),
});

/** Each once, in one order: those of a list, or the default ones with changes. */
function chosenCollectors(
  given: readonly CollectorSwitch[] | Readonly<Partial<Record<CollectorSwitch, boolean | undefined>>>,
): CollectorSwitch[] {
  const wanted = (name: CollectorSwitch): boolean =>
    isList(given) ? given.includes(name) : (given[name] ?? BY_DEFAULT.includes(name));
  return COLLECTOR_NAMES.filter(wanted);
}

function isList(given: object): given is readonly CollectorSwitch[] {
  return Array.isArray(given);
}
