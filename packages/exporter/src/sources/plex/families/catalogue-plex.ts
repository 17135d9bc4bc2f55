import { defineMetric, type Metric, type MetricOptions, type Privacy } from '@media-exporter/metrics';
import { LIBRARY_LABELS, type LibraryLabel, SERVER_LABELS, type ServerLabel } from '../labels.ts';

/** What the original exporter lacks. */

type More = Partial<Pick<MetricOptions<never>, 'unit' | 'overflow'>>;

const PROVIDERS = '/media/providers, every server_interval';
const COUNTS = '/library/sections/ID/all, every library_interval';
const SESSIONS = '/status/sessions, every interval while something plays';
const RESOURCES = '/statistics/resources, every statistics_interval';
const BANDWIDTH = '/statistics/bandwidth, every statistics_interval';
const ACTIVITIES = '/activities and /status/sessions/background, once a minute, and the WebSocket';
const SOCKET = 'the WebSocket';

/** A gauge of a server, with labels of its own. */
function gauge<const L extends string = never>(
  name: string,
  help: string,
  cost: string,
  labels: Readonly<Record<L, Privacy>> = {} as Record<L, Privacy>,
  more: More = {},
): Metric<ServerLabel | L> {
  return defineMetric({ name, type: 'gauge', help, cost, labels: { ...SERVER_LABELS, ...labels }, ...more });
}

function counter<const L extends string = never>(
  name: string,
  help: string,
  cost: string,
  labels: Readonly<Record<L, Privacy>> = {} as Record<L, Privacy>,
  more: More = {},
): Metric<ServerLabel | L> {
  return defineMetric({ name, type: 'counter', help, cost, labels: { ...SERVER_LABELS, ...labels }, ...more });
}

export const UP: Metric<ServerLabel> = gauge(
  'plex_up',
  '1 if the server answered the last time it was asked, else 0. Its name and id are empty if it has never told them.',
  PROVIDERS,
);
export const INFO: Metric<ServerLabel | 'version' | 'platform' | 'platform_version'> = defineMetric({
  name: 'plex_info',
  type: 'info',
  help: 'The version and the platform of the server.',
  labels: { ...SERVER_LABELS, version: 'public', platform: 'public', platform_version: 'public' },
  cost: PROVIDERS,
});
export const PASS: Metric<ServerLabel> = gauge('plex_pass', '1 if the owner of the server has Plex Pass.', PROVIDERS);
export const REMOTE_ACCESS: Metric<ServerLabel> = gauge(
  'plex_remote_access_reachable',
  '1 if the server can be reached from outside, as it says itself.',
  PROVIDERS,
);
export const UPDATE: Metric<ServerLabel> = gauge(
  'plex_update_available',
  '1 if there is a newer version of the server.',
  '/updater/status, every 6 hours',
);
export const ACCOUNTS: Metric<ServerLabel> = gauge(
  'plex_accounts',
  'Accounts that the server knows.',
  '/accounts, every hour',
);

export const HOST_CPU_RATIO: Metric<ServerLabel> = gauge(
  'plex_host_cpu_utilization_ratio',
  'CPU use of the host, 0 to 1. Needs Plex Pass.',
  RESOURCES,
  {},
  { unit: 'ratio' },
);
export const HOST_MEMORY_RATIO: Metric<ServerLabel> = gauge(
  'plex_host_memory_utilization_ratio',
  'Memory use of the host, 0 to 1. Needs Plex Pass.',
  RESOURCES,
  {},
  { unit: 'ratio' },
);
export const PROCESS_CPU_RATIO: Metric<ServerLabel> = gauge(
  'plex_process_cpu_utilization_ratio',
  'CPU use of the server and its transcoders, 0 to 1. Needs Plex Pass.',
  RESOURCES,
  {},
  { unit: 'ratio' },
);
export const PROCESS_MEMORY_RATIO: Metric<ServerLabel> = gauge(
  'plex_process_memory_utilization_ratio',
  'Memory use of the server and its transcoders, 0 to 1. Needs Plex Pass.',
  RESOURCES,
  {},
  { unit: 'ratio' },
);

export const CONTENT_ITEMS: Metric<LibraryLabel | 'content_type'> = gauge(
  'plex_library_content_items',
  'All that was counted in a library: movies, shows, seasons, episodes, artists, albums, tracks, photos, items.',
  COUNTS,
  { ...LIBRARY_LABELS, content_type: 'public' },
);
const ofLibrary = (name: string, help: string, unit?: string): Metric<LibraryLabel> =>
  gauge(name, help, PROVIDERS, LIBRARY_LABELS, unit === undefined ? {} : { unit });
export const DURATION_SECONDS: Metric<LibraryLabel> = ofLibrary(
  'plex_library_duration_seconds',
  'Duration of all that is in a library.',
  'seconds',
);
export const STORAGE_BYTES: Metric<LibraryLabel> = ofLibrary(
  'plex_library_storage_bytes',
  'Size of all that is in a library.',
  'bytes',
);
export const REFRESHING: Metric<LibraryLabel> = ofLibrary('plex_library_refreshing', '1 while a library is scanned.');
export const SCANNED: Metric<LibraryLabel> = ofLibrary(
  'plex_library_scanned_timestamp_seconds',
  'When a library was last scanned.',
  'seconds',
);

export const PLEX_SESSIONS: Metric<ServerLabel | 'state' | 'delivery' | 'location'> = gauge(
  'plex_sessions',
  'Sessions. What the server does not tell is "unknown".',
  SESSIONS,
  { state: 'public', delivery: 'public', location: 'public' },
);
export const SESSIONS_BY_TYPE: Metric<ServerLabel | 'media_type'> = gauge(
  'plex_sessions_by_media_type',
  'Sessions by what they play: movie, episode, track, live, photo, video or other.',
  SESSIONS,
  { media_type: 'public' },
);
export const SESSIONS_BY_SECURITY: Metric<ServerLabel | 'secure'> = gauge(
  'plex_sessions_by_security',
  'Sessions by whether their connection is encrypted.',
  SESSIONS,
  { secure: 'public' },
);
export const SESSION_BANDWIDTH: Metric<ServerLabel | 'location'> = gauge(
  'plex_session_bandwidth_bytes_per_second',
  'Bandwidth that the server has put aside for sessions, which is more than flows. Absent while a session does not tell.',
  SESSIONS,
  { location: 'public' },
);
export const SESSION_BITRATE: Metric<ServerLabel | 'location'> = gauge(
  'plex_session_bitrate_bytes_per_second',
  'Bitrates of the streams that play, in bytes. Absent while a session does not tell.',
  SESSIONS,
  { location: 'public' },
);
export const TRANSCODES: Metric<ServerLabel | 'kind' | 'hardware' | 'throttled'> = gauge(
  'plex_transcode_sessions',
  'Sessions with a transcoder, by what is encoded anew (none: only the container changes), by what hardware does, and by whether it is far enough ahead to rest.',
  SESSIONS,
  { kind: 'public', hardware: 'public', throttled: 'public' },
);
export const TRANSCODER_SESSIONS: Metric<ServerLabel> = gauge(
  'plex_transcoder_active_video_sessions',
  "Video transcodes by the server's own count, converting in the background included.",
  PROVIDERS,
);

const PER_SESSION = { session: 'public', user: 'personal' } as const;
type SessionLabel = ServerLabel | keyof typeof PER_SESSION;
const ofSession = (name: string, help: string, unit: string): Metric<SessionLabel> =>
  gauge(name, help, SESSIONS, PER_SESSION, { unit, overflow: 'drop' });
export const SPEED: Metric<SessionLabel> = ofSession(
  'plex_session_transcode_speed_ratio',
  'How fast the transcoder of a session works: 1 keeps up. Absent while it rests. Needs session_series.',
  'ratio',
);
export const PROGRESS: Metric<SessionLabel> = ofSession(
  'plex_session_transcode_progress_ratio',
  'How much of the item is transcoded. Needs session_series.',
  'ratio',
);
export const REMAINING: Metric<SessionLabel> = ofSession(
  'plex_session_transcode_remaining_seconds',
  'What the transcoder of a session thinks it needs yet. Needs session_series.',
  'seconds',
);

export const ACTIVITIES_RUNNING: Metric<ServerLabel | 'type'> = gauge(
  'plex_activities',
  'What the server is busy with, such as library.update.section while it scans.',
  ACTIVITIES,
  { type: 'public' },
);
export const DOWNLOADS: Metric<ServerLabel> = gauge('plex_downloads', 'Downloads that run.', ACTIVITIES);
export const BACKGROUND_JOBS: Metric<ServerLabel> = gauge(
  'plex_background_jobs',
  'Items that are optimised or converted without a viewer.',
  ACTIVITIES,
);

export const TRANSMITTED: Metric<ServerLabel | 'location' | 'account'> = counter(
  'plex_transmitted_bytes_total',
  'What the server says it has sent. Needs Plex Pass.',
  BANDWIDTH,
  { location: 'public', account: 'personal' },
  { unit: 'bytes' },
);
export const BUFFERING: Metric<ServerLabel> = counter(
  'plex_buffering_events_total',
  'Times that a player began to buffer. Starting and seeking are among them.',
  SOCKET,
);
export const ERRORS: Metric<ServerLabel> = counter(
  'plex_error_events_total',
  'Times that a player reported an error.',
  SOCKET,
);
export const SOCKET_CONNECTED: Metric<ServerLabel> = gauge(
  'plex_websocket_connected',
  '1 while the WebSocket of the server is connected. Without it, plays are timed by polls alone.',
  SOCKET,
);
export const SOCKET_RECONNECTS: Metric<ServerLabel> = counter(
  'plex_websocket_reconnects_total',
  'Times that the WebSocket was connected again.',
  SOCKET,
);
export const SOCKET_MESSAGES: Metric<ServerLabel | 'type'> = counter(
  'plex_websocket_messages_total',
  'Messages of the WebSocket.',
  SOCKET,
  { type: 'public' },
);
export const SOCKET_LAST_MESSAGE: Metric<ServerLabel> = gauge(
  'plex_websocket_last_message_timestamp_seconds',
  'When the last message of the WebSocket came.',
  SOCKET,
  {},
  { unit: 'seconds' },
);

export const PLEX_ONLY_CATALOGUE: readonly Metric[] = [
  ...[UP, INFO, PASS, REMOTE_ACCESS, UPDATE, ACCOUNTS],
  ...[HOST_CPU_RATIO, HOST_MEMORY_RATIO, PROCESS_CPU_RATIO, PROCESS_MEMORY_RATIO],
  ...[CONTENT_ITEMS, DURATION_SECONDS, STORAGE_BYTES, REFRESHING, SCANNED],
  ...[PLEX_SESSIONS, SESSIONS_BY_TYPE, SESSIONS_BY_SECURITY, SESSION_BANDWIDTH, SESSION_BITRATE],
  ...[TRANSCODES, TRANSCODER_SESSIONS, SPEED, PROGRESS, REMAINING],
  ...[ACTIVITIES_RUNNING, DOWNLOADS, BACKGROUND_JOBS, TRANSMITTED, BUFFERING, ERRORS],
  ...[SOCKET_CONNECTED, SOCKET_RECONNECTS, SOCKET_MESSAGES, SOCKET_LAST_MESSAGE],
];
