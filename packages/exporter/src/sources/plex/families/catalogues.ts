import type { Metric } from '@media-exporter/metrics';
import type { CollectorName } from '../schedule.ts';
import * as plex from './catalogue-plex.ts';
import * as seed from './catalogue-seed.ts';

/** The native metrics by collector: what a metric is about decides, for some are made of what several collectors know. */
export const PLEX_CATALOGUES: ReadonlyMap<CollectorName, readonly Metric[]> = new Map([
  [
    'server',
    [
      ...[seed.SERVER_INFO, plex.UP, plex.INFO, plex.PASS, plex.REMOTE_ACCESS, plex.UPDATE, plex.ACCOUNTS],
      plex.TRANSCODER_SESSIONS,
      ...[plex.SOCKET_CONNECTED, plex.SOCKET_RECONNECTS, plex.SOCKET_MESSAGES, plex.SOCKET_LAST_MESSAGE],
    ],
  ],
  [
    'libraries',
    [
      ...[seed.LIBRARY_DURATION, seed.LIBRARY_STORAGE, seed.LIBRARY_ITEMS],
      ...[seed.MOVIES, seed.EPISODES, seed.MUSIC, seed.PHOTOS, seed.OTHER_VIDEOS],
      ...[plex.CONTENT_ITEMS, plex.DURATION_SECONDS, plex.STORAGE_BYTES, plex.REFRESHING, plex.SCANNED],
    ],
  ],
  [
    'sessions',
    [
      ...[seed.PLAYS, seed.PLAY_SECONDS, seed.ESTIMATED_BYTES],
      ...[plex.PLEX_SESSIONS, plex.SESSIONS_BY_TYPE, plex.SESSIONS_BY_SECURITY],
      ...[plex.SESSION_BANDWIDTH, plex.SESSION_BITRATE, plex.BUFFERING, plex.ERRORS],
      ...[plex.TRANSCODES, plex.SPEED, plex.PROGRESS, plex.REMAINING],
    ],
  ],
  [
    'statistics',
    [
      ...[seed.HOST_CPU, seed.HOST_MEMORY, plex.HOST_CPU_RATIO, plex.HOST_MEMORY_RATIO],
      ...[plex.PROCESS_CPU_RATIO, plex.PROCESS_MEMORY_RATIO, seed.TRANSMIT_BYTES, plex.TRANSMITTED],
    ],
  ],
  ['activities', [plex.ACTIVITIES_RUNNING, plex.DOWNLOADS, plex.BACKGROUND_JOBS]],
]);
