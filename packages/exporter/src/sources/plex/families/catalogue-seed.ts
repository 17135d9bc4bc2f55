import { defineMetric, type Metric } from '@media-exporter/metrics';
import {
  LIBRARY_LABELS,
  type LibraryLabel,
  PLAY_LABELS,
  type PlayLabel,
  SERVER_LABELS,
  type ServerLabel,
} from '../labels.ts';

/** Names, types and labels are those of the original exporter: people's dashboards use them. */
const PROVIDERS = '/media/providers, every server_interval';
const COUNTS = '/library/sections/ID/all, every library_interval';
const SESSIONS = '/status/sessions, every interval while something plays';
const RESOURCES = '/statistics/resources, every statistics_interval';
const BANDWIDTH = '/statistics/bandwidth, every statistics_interval';

export const SERVER_INFO: Metric<ServerLabel | 'version' | 'platform' | 'platform_version'> = defineMetric({
  name: 'server_info',
  type: 'gauge',
  help: '1, with the version and the platform that the server has now.',
  labels: { ...SERVER_LABELS, version: 'public', platform: 'public', platform_version: 'public' },
  cost: PROVIDERS,
});

const ofServer = (name: string, help: string, cost: string): Metric<ServerLabel> =>
  defineMetric({ name, type: 'gauge', help, labels: SERVER_LABELS, cost });
const ofLibrary = (name: string, help: string): Metric<LibraryLabel> =>
  defineMetric({ name, type: 'gauge', help, labels: LIBRARY_LABELS, cost: PROVIDERS });
const ofPlays = (name: string, help: string): Metric<PlayLabel> =>
  defineMetric({ name, type: 'counter', help, labels: PLAY_LABELS, cost: SESSIONS });

export const HOST_CPU: Metric<ServerLabel> = ofServer(
  'host_cpu_util',
  'CPU use of the host in percent, 0 to 100. Needs Plex Pass.',
  RESOURCES,
);
export const HOST_MEMORY: Metric<ServerLabel> = ofServer(
  'host_mem_util',
  'Memory use of the host in percent, 0 to 100. Needs Plex Pass.',
  RESOURCES,
);
export const LIBRARY_DURATION: Metric<LibraryLabel> = ofLibrary(
  'library_duration_total',
  'Duration of all that is in a library, in milliseconds.',
);
export const LIBRARY_STORAGE: Metric<LibraryLabel> = ofLibrary(
  'library_storage_total',
  'Size of all that is in a library, in bytes.',
);
export const LIBRARY_ITEMS: Metric<LibraryLabel | 'content_type'> = defineMetric({
  name: 'plex_library_items',
  type: 'gauge',
  help: 'Items of a library: movies, shows, tracks, photos, or the items of a library of other videos.',
  labels: { ...LIBRARY_LABELS, content_type: 'public' },
  cost: COUNTS,
});
export const MOVIES: Metric<ServerLabel> = ofServer('plex_media_movies', 'Movies in all libraries.', COUNTS);
export const EPISODES: Metric<ServerLabel> = ofServer('plex_media_episodes', 'Episodes in all libraries.', COUNTS);
export const MUSIC: Metric<ServerLabel> = ofServer('plex_media_music', 'Tracks in all libraries.', COUNTS);
export const PHOTOS: Metric<ServerLabel> = ofServer('plex_media_photos', 'Photos in all libraries.', COUNTS);
export const OTHER_VIDEOS: Metric<ServerLabel> = ofServer(
  'plex_media_other_videos',
  'Videos in all libraries of other videos.',
  COUNTS,
);
export const PLAYS: Metric<PlayLabel> = ofPlays(
  'plays_total',
  'Plays that began. Rows of plays that ended are folded after fold_after.',
);
export const PLAY_SECONDS: Metric<PlayLabel> = ofPlays(
  'play_seconds_total',
  'Time that was played, without pauses and buffering. Rows of plays that ended are folded after fold_after.',
);
export const ESTIMATED_BYTES: Metric<ServerLabel> = defineMetric({
  name: 'estimated_transmit_bytes_total',
  type: 'counter',
  help: 'Play time times the bitrate of the stream, summed as it goes.',
  unit: 'bytes',
  labels: SERVER_LABELS,
  cost: SESSIONS,
});
export const TRANSMIT_BYTES: Metric<ServerLabel> = defineMetric({
  name: 'transmit_bytes_total',
  type: 'counter',
  help: 'What the server says it has sent. Needs Plex Pass.',
  unit: 'bytes',
  labels: SERVER_LABELS,
  cost: BANDWIDTH,
});

/** What the original exporter has. */
export const SEED_CATALOGUE: readonly Metric[] = [
  ...[SERVER_INFO, HOST_CPU, HOST_MEMORY, LIBRARY_DURATION, LIBRARY_STORAGE, LIBRARY_ITEMS],
  ...[MOVIES, EPISODES, MUSIC, PHOTOS, OTHER_VIDEOS],
  ...[PLAYS, PLAY_SECONDS, ESTIMATED_BYTES, TRANSMIT_BYTES],
];
