import { defineMetric, type Metric } from '@media-exporter/metrics';

type Common = 'server' | 'platform';
export type SessionLabel = Common | 'media_type' | 'state' | 'delivery';
export type TranscodeLabel = Common | 'kind' | 'hardware';

const COMMON = { server: 'public', platform: 'public' } as const;
const PLAYED = { ...COMMON, media_type: 'public', delivery: 'public' } as const;
const SESSION = { ...COMMON, session: 'public' } as const;
const TRANSCODED = { ...COMMON, kind: 'public', hardware: 'public' } as const;
const HELD = { ...COMMON, library: 'public', media_type: 'public' } as const;
const PROVIDED = { ...COMMON, provider: 'public' } as const;
const RUN = { ...COMMON, job: 'public', outcome: 'public' } as const;
const TRACKED = { ...COMMON, direction: 'public', kind: 'public' } as const;
const SCOPED = { ...COMMON, scope: 'public' } as const;

export const SERVER_UP: Metric<Common> = defineMetric({
  name: 'media_server_up',
  type: 'gauge',
  help: 'Whether the server answered when it was last asked.',
  labels: COMMON,
  overflow: 'min',
});
export const SERVER_INFO: Metric<Common | 'version'> = defineMetric({
  name: 'media_server_info',
  type: 'info',
  help: 'The version of the server.',
  labels: { ...COMMON, version: 'public' },
});
export const SESSIONS: Metric<SessionLabel> = defineMetric({
  name: 'media_sessions',
  type: 'gauge',
  help: 'Sessions that play, pause or buffer. The delivery is empty while the server does not tell it.',
  labels: { ...COMMON, media_type: 'public', state: 'public', delivery: 'public' },
});
export const SESSION_INFO: Metric<Common | 'session' | 'user' | 'client' | 'device' | 'title' | 'library'> =
  defineMetric({
    name: 'media_session_info',
    type: 'info',
    help: 'Who plays what, where and with what.',
    labels: {
      ...SESSION,
      user: 'personal',
      client: 'personal',
      device: 'personal',
      title: 'personal',
      library: 'personal',
    },
  });
export const SESSION_BITRATE: Metric<Common | 'session'> = defineMetric({
  name: 'media_session_bitrate_bits_per_second',
  type: 'gauge',
  help: 'What the stream of the session takes.',
  unit: 'bits_per_second',
  labels: SESSION,
});
export const SESSION_PROGRESS: Metric<Common | 'session'> = defineMetric({
  name: 'media_session_progress_ratio',
  type: 'gauge',
  help: 'How much of the item lies behind the session, from 0 to 1.',
  unit: 'ratio',
  labels: SESSION,
  overflow: 'drop',
});
export const PLAYS: Metric<Common | 'media_type' | 'delivery'> = defineMetric({
  name: 'media_plays_total',
  type: 'counter',
  help: 'Plays that have begun, under the delivery that they were counted with.',
  labels: PLAYED,
});
export const PLAY_SECONDS: Metric<Common | 'media_type' | 'delivery'> = defineMetric({
  name: 'media_play_seconds_total',
  type: 'counter',
  help: 'Time that was played, without pauses and buffering.',
  unit: 'seconds',
  labels: PLAYED,
});
export const TRANSMITTED: Metric<Common | 'scope'> = defineMetric({
  name: 'media_transmitted_bytes_total',
  type: 'counter',
  help: 'Bytes that the server sent to players, by where they went.',
  unit: 'bytes',
  labels: SCOPED,
});
export const BANDWIDTH: Metric<Common | 'scope'> = defineMetric({
  name: 'media_bandwidth_bits_per_second',
  type: 'gauge',
  help: 'What the server sends to players now, by where it goes. Absent where it is not known, as while a stream is encoded and only its ceiling is told.',
  unit: 'bits_per_second',
  labels: SCOPED,
});
export const TRANSCODES: Metric<TranscodeLabel> = defineMetric({
  name: 'media_transcodes',
  type: 'gauge',
  help: 'Running transcodes by what they encode anew. The hardware is none for the processor, and empty while unknown.',
  labels: TRANSCODED,
});
export const TRANSCODE_SPEED: Metric<TranscodeLabel> = defineMetric({
  name: 'media_transcode_speed_ratio',
  type: 'gauge',
  help: 'Media time over time of the slowest running transcode: below 1 a player waits.',
  unit: 'ratio',
  labels: TRANSCODED,
  overflow: 'min',
});
export const LIBRARY_ITEMS: Metric<Common | 'library' | 'media_type'> = defineMetric({
  name: 'media_library_items',
  type: 'gauge',
  help: 'Items of one type in a library.',
  labels: HELD,
});
export const LIBRARY_SIZE: Metric<Common | 'library' | 'media_type'> = defineMetric({
  name: 'media_library_size_bytes',
  type: 'gauge',
  help: 'What the files of a library take on disk.',
  unit: 'bytes',
  labels: HELD,
});
export const LIBRARY_DURATION: Metric<Common | 'library' | 'media_type'> = defineMetric({
  name: 'media_library_duration_seconds',
  type: 'gauge',
  help: 'How long all items of a library last together.',
  unit: 'seconds',
  labels: HELD,
});
export const USERS: Metric<Common | 'state'> = defineMetric({
  name: 'media_users',
  type: 'gauge',
  help: 'People who play something now (active), and the others who have an account (inactive).',
  labels: { ...COMMON, state: 'public' },
});
export const CHANNELS: Metric<Common | 'provider'> = defineMetric({
  name: 'media_channels',
  type: 'gauge',
  help: 'Live channels of the provider.',
  labels: PROVIDED,
});
export const PROVIDER_UP: Metric<Common | 'provider'> = defineMetric({
  name: 'media_provider_up',
  type: 'gauge',
  help: 'Whether the provider answered the server last.',
  labels: PROVIDED,
  overflow: 'min',
});
export const PROVIDER_CONNECTIONS: Metric<Common | 'provider'> = defineMetric({
  name: 'media_provider_connections',
  type: 'gauge',
  help: 'Connections to the provider that are in use.',
  labels: PROVIDED,
});
export const PROVIDER_LIMIT: Metric<Common | 'provider'> = defineMetric({
  name: 'media_provider_connections_limit',
  type: 'gauge',
  help: 'Connections that the provider allows at most. Absent without a limit.',
  labels: PROVIDED,
});
export const JOBS: Metric<Common | 'job' | 'outcome'> = defineMetric({
  name: 'media_jobs_total',
  type: 'counter',
  help: 'Runs of background jobs, by how they ended.',
  labels: RUN,
});
export const JOB_DURATION: Metric<Common | 'job' | 'outcome'> = defineMetric({
  name: 'media_job_duration_seconds',
  type: 'histogram',
  help: 'How long runs of background jobs took.',
  unit: 'seconds',
  labels: RUN,
});
export const ROOMS: Metric<Common> = defineMetric({
  name: 'media_rooms',
  type: 'gauge',
  help: 'Rooms in which people meet.',
  labels: COMMON,
});
export const PARTICIPANTS: Metric<Common> = defineMetric({
  name: 'media_participants',
  type: 'gauge',
  help: 'People in all rooms.',
  labels: COMMON,
});
export const TRACKS: Metric<Common | 'direction' | 'kind'> = defineMetric({
  name: 'media_tracks',
  type: 'gauge',
  help: 'Live tracks: received from participants, or sent to them.',
  labels: TRACKED,
});
export const TRACK_SCORE: Metric<Common | 'direction' | 'kind'> = defineMetric({
  name: 'media_track_score',
  type: 'gauge',
  help: 'The mean score of the tracks, from 0 (bad) to 10 (good).',
  labels: TRACKED,
  overflow: 'min',
});
export const TRACK_BYTES: Metric<Common | 'direction' | 'kind'> = defineMetric({
  name: 'media_track_bytes_total',
  type: 'counter',
  help: 'Bytes of all tracks so far, gone ones included.',
  unit: 'bytes',
  labels: TRACKED,
});

/** The metrics of single sessions: personal, and as many series as there are sessions. */
export const MEDIA_SESSION_CATALOGUE: readonly Metric[] = [SESSION_INFO, SESSION_BITRATE, SESSION_PROGRESS];

/** The vocabulary that all servers share. */
export const MEDIA_CATALOGUE: readonly Metric[] = [
  ...[SERVER_UP, SERVER_INFO, SESSIONS, ...MEDIA_SESSION_CATALOGUE, PLAYS, PLAY_SECONDS, TRANSMITTED, BANDWIDTH],
  ...[TRANSCODES, TRANSCODE_SPEED, LIBRARY_ITEMS, LIBRARY_SIZE, LIBRARY_DURATION, USERS],
  ...[CHANNELS, PROVIDER_UP, PROVIDER_CONNECTIONS, PROVIDER_LIMIT, JOBS, JOB_DURATION],
  ...[ROOMS, PARTICIPANTS, TRACKS, TRACK_SCORE, TRACK_BYTES],
];
