import type { TlsSettings } from '../../config/sources/common.ts';
import type { CollectorSwitch } from '../../config/sources/jellyfin.ts';

/** What a Jellyfin source is told. Times are seconds. */
export interface JellyfinSettings {
  readonly name: string;
  /** The base URL, with the path it is served under. */
  readonly url: string;
  readonly tls: TlsSettings;
  /** For one request. More than 10, so that an answer that takes longer than that can be told of. */
  readonly timeout: number;
  readonly max_response_bytes: number;
  readonly collectors: readonly CollectorSwitch[];
  /** Of health, sessions and tasks. */
  readonly interval: number;
  readonly activity_interval: number;
  /** Of the list of logs, and of what is read from the logs. */
  readonly logs_interval: number;
  /** Of the process's own metrics. */
  readonly process_interval: number;
  /** Of counts by type, libraries, storage, plugins and the encoding configuration. */
  readonly library_interval: number;
  /** Of the accounts and the devices: it costs the server some ms for each. */
  readonly users_interval: number;
  /** Of counts with filters, of recently added items, of play counts and of the report of a plugin. */
  readonly counts_interval: number;
  readonly walk_interval: number;
  /** How many recently added items are shown. */
  readonly recently_added_limit: number;
  /** How many items are shown with their play counts, and asked of each user. */
  readonly play_counts_limit: number;
  /** Over how many days the plugin Playback Reporting is asked to report. */
  readonly playback_reporting_days: number;
  /** Where the server writes its logs, where that can be read; else the logs are asked of the API. */
  readonly log_directory?: string;
  /** Where the server's own metrics are, below the URL. */
  readonly metrics_path: string;
  readonly pid_file?: string;
  /** A directory of cgroup v2. */
  readonly cgroup?: string;
  /** A database of places in MaxMind's format. */
  readonly geoip_file?: string;
  /** Whether there are series of single sessions. */
  readonly session_series: boolean;
}

/** What is assumed where nothing is said. */
export const JELLYFIN_DEFAULTS: Omit<JellyfinSettings, 'name' | 'url'> = {
  tls: { insecure_skip_verify: false },
  timeout: 15,
  max_response_bytes: 64 * 1024 * 1024,
  collectors: ['system', 'sessions', 'playback', 'activity', 'library', 'users', 'tasks', 'storage', 'transcode_jobs'],
  interval: 10,
  activity_interval: 60,
  logs_interval: 60,
  process_interval: 15,
  library_interval: 300,
  users_interval: 1800,
  counts_interval: 3600,
  walk_interval: 86_400,
  recently_added_limit: 20,
  play_counts_limit: 20,
  playback_reporting_days: 7,
  metrics_path: '/metrics',
  session_series: false,
};
