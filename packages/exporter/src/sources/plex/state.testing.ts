import type { PlexLibrary, PlexServer, PlexSession, PlexState, PlexTotals } from './state.ts';

/** A server of which all is known, for tests. */
export const SERVER: PlexServer = {
  name: 'Home',
  id: 'abc123',
  version: '1.42.1',
  platform: 'Linux',
  platformVersion: '12',
  plexPass: true,
  remoteAccess: false,
  transcoderActiveVideoSessions: 1,
};

function library(fields: Pick<PlexLibrary, 'id' | 'type' | 'kind' | 'title' | 'counts'>): PlexLibrary {
  const known = { durationMilliseconds: 90_000, storageBytes: 4096, refreshing: false, scannedAt: 1_700_000_000_000 };
  return { ...known, ...fields };
}

export const LIBRARIES: readonly PlexLibrary[] = [
  library({ id: '1', type: 'movie', kind: 'movie', title: 'Movies', counts: { movies: 120 } }),
  library({ id: '2', type: 'movie', kind: 'movie', title: '4K', counts: { movies: 30 } }),
  library({
    ...{ id: '3', type: 'show', kind: 'show', title: 'Series' },
    counts: { shows: 12, seasons: 40, episodes: 500 },
  }),
  library({
    ...{ id: '4', type: 'artist', kind: 'artist', title: 'Music' },
    counts: { artists: 90, albums: 200, tracks: 2400 },
  }),
  library({ id: '5', type: 'photo', kind: 'photo', title: 'Photos', counts: { photos: 5200, items: 45 } }),
  library({ id: '6', type: 'movie', kind: 'other_video', title: 'Home videos', counts: { items: 8 } }),
];

/** Bob watches an episode from outside, as a transcode; `fields` make it another session. */
export function makeSession(fields: Partial<PlexSession> = {}): PlexSession {
  return {
    sessionKey: '7',
    ratingKey: '701',
    type: 'episode',
    mediaType: 'episode',
    live: false,
    preroll: false,
    title: 'Pilot',
    parentTitle: 'Season 1',
    grandparentTitle: 'The Show',
    librarySectionId: '3',
    librarySectionTitle: 'Series',
    userId: '2',
    user: 'Bob',
    player: { id: 'm1', device: 'Shield', product: 'Plex for Android', title: "Bob's TV", platform: 'Android' },
    state: 'playing',
    positionMilliseconds: 60_000,
    durationMilliseconds: 1_200_000,
    reservedBitsPerSecond: 6_000_000,
    scope: 'wan',
    secure: true,
    media: { bitrateBitsPerSecond: 4_000_000, resolution: '720p', decision: 'transcode' },
    fileResolution: '1080',
    delivery: 'transcode',
    transcodeKind: 'video',
    subtitleAction: 'burn',
    transcode: {
      id: 'abc',
      throttled: false,
      complete: false,
      error: false,
      progressRatio: 0.25,
      speedRatio: 2.5,
      remainingSeconds: 400,
      hardwareRequested: true,
      hardwareDecoding: 'vaapi',
      hardwareEncoding: 'vaapi',
      hardwareFullPipeline: true,
    },
    ...fields,
  };
}

export const STATE: PlexState = {
  server: SERVER,
  libraries: LIBRARIES,
  sessions: [makeSession()],
  resources: {
    at: 1_700_000_000_000,
    hostCpuPercent: 45,
    hostMemoryPercent: 70,
    processCpuPercent: 12.5,
    processMemoryPercent: 3,
  },
  activities: [{ id: 'a1', type: 'library.update.section' }],
  backgroundJobs: [],
  update: { available: true },
  accounts: 5,
  socket: { connected: true, reconnects: 2, lastMessageAt: 1_700_000_001_000, messages: { playing: 10, other: 1 } },
};

/** Nothing is known but whether the socket is connected. */
export const NOTHING: PlexState = { socket: { connected: false, reconnects: 0, messages: {} } };

export const NO_TOTALS: PlexTotals = { plays: [], unified: [], estimatedBytes: 0, bufferingEvents: 0, errorEvents: 0 };
