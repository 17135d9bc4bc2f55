import type { Family } from '@media-exporter/metrics';
import { collectText, expectText, lint } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import type { ServerState, SessionState } from '../state/server.ts';
import { MEDIA_CATALOGUE, MEDIA_SESSION_CATALOGUE } from './catalogue.ts';
import { type MediaOptions, mediaFamilies } from './families.ts';
import type { MediaTotals } from './sessions.ts';

const FILM: SessionState = {
  id: '7',
  mediaType: 'movie',
  state: 'playing',
  delivery: 'transcode',
  bitrateBitsPerSecond: 8_000_000,
  positionSeconds: 30,
  durationSeconds: 120,
  user: 'ann',
  client: 'Web',
  device: 'Laptop',
  title: 'A Film',
  library: 'Films',
};

const FULL: ServerState = {
  platform: 'plex',
  up: true,
  version: '1.2.3',
  sessions: [FILM],
  transcodes: [
    { kind: 'video', hardware: 'vaapi', speedRatio: 2.5 },
    { kind: 'video', hardware: 'vaapi', speedRatio: 0.5 },
    { kind: 'video', hardware: 'vaapi' },
    { kind: 'both' },
  ],
  bandwidth: [{ scope: 'lan', bitsPerSecond: 9000 }],
  libraries: [
    { library: 'Films', mediaType: 'movie', items: 3, sizeBytes: 100, durationSeconds: 50 },
    { library: 'Films', mediaType: 'movie', items: 4, sizeBytes: 100 },
    { library: 'Series', mediaType: 'episode', items: 0, durationSeconds: 0 },
  ],
  users: { active: 1, inactive: 4 },
  channels: [{ provider: 'tv', channels: 80 }],
  providers: [{ provider: 'tv', up: false, connections: 0, connectionsLimit: 2 }, { provider: 'iptv' }],
  jobs: [
    {
      job: 'scan',
      outcome: 'success',
      runs: 3,
      durations: { count: 3, sumSeconds: 9, buckets: [{ upToSeconds: 5, count: 2 }] },
    },
    { job: 'scan', outcome: 'failure', runs: 0 },
  ],
  rooms: { rooms: 2, participants: 5 },
  tracks: [
    { direction: 'send', kind: 'audio', tracks: 4, meanScore: 9.5, bytes: 1000 },
    { direction: 'receive', kind: 'video', tracks: 0 },
  ],
};

const TOTALS: MediaTotals = {
  plays: [
    { mediaType: 'movie', delivery: 'transcode', plays: 2, seconds: 90.5 },
    { mediaType: 'movie', delivery: 'transcode', plays: 1, seconds: 9.5 },
  ],
  transmitted: [
    { scope: 'wan', bytes: 5 },
    { scope: 'wan', bytes: 6 },
  ],
};

function families(state: Partial<ServerState>, totals?: MediaTotals, options?: MediaOptions): Family[] {
  return mediaFamilies('den', { platform: 'plex', ...state }, totals, options);
}

const names = (made: readonly Family[]): string[] => made.map(({ metric }) => metric.name);

/** The sample lines of a metric, without the labels that all have. */
function samples(made: readonly Family[], name: string): string[] {
  return made
    .filter(({ metric }) => metric.name === name)
    .flatMap((one) =>
      [...one.samples].map(({ labels, value }) => `${labels.slice(2).join(' ')} ${String(value)}`.trim()),
    );
}

describe('what is not known', () => {
  test('has no family', () => {
    expect(families({})).toEqual([]);
  });

  test('has no row', () => {
    const made = families({ providers: [{ provider: 'tv' }], libraries: [{ library: 'Films', mediaType: 'movie' }] });
    expect(made).toEqual([]);
    expect(samples(families({ users: { active: 1 } }), 'media_users')).toEqual(['active 1']);
  });

  test('in a part of a sum leaves out the sum', () => {
    const made = families(FULL);
    expect(samples(made, 'media_library_items')).toEqual(['Films movie 7', 'Series episode 0']);
    expect(samples(made, 'media_library_size_bytes')).toEqual(['Films movie 200']);
    expect(samples(made, 'media_library_duration_seconds')).toEqual(['Series episode 0']);
  });
});

describe('a known zero', () => {
  test('is told: a server that is down', () => {
    expect(samples(families({ up: false }), 'media_server_up')).toEqual(['0']);
  });

  test('is told when nobody plays', () => {
    expect(samples(families({ sessions: [] }), 'media_sessions')).toEqual(['other playing direct_play 0']);
  });

  test('is told when nothing is transcoded', () => {
    expect(samples(families({ transcodes: [] }), 'media_transcodes')).toEqual([
      'video none 0',
      'audio none 0',
      'both none 0',
    ]);
  });

  test('is told of every pair of media type and delivery before the first play', () => {
    const made = families({}, { plays: [] });
    expect(samples(made, 'media_plays_total')).toHaveLength(21);
    expect(samples(made, 'media_play_seconds_total').every((line) => line.endsWith(' 0'))).toBe(true);
  });
});

describe('media_sessions', () => {
  test('has every state and delivery of a media type that is played', () => {
    const lines = samples(families({ sessions: [FILM, FILM, { ...FILM, state: 'paused' }] }), 'media_sessions');
    expect(lines).toHaveLength(9);
    expect(lines.filter((line) => !line.endsWith(' 0'))).toEqual([
      'movie playing transcode 2',
      'movie paused transcode 1',
    ]);
  });

  test('keeps the series of a media type that was played before', () => {
    const lines = samples(families({ sessions: [] }, TOTALS), 'media_sessions');
    expect(lines).toHaveLength(9);
    expect(lines.every((line) => line.startsWith('movie ') && line.endsWith(' 0'))).toBe(true);
  });

  test('counts a session whose delivery is unknown under an empty one', () => {
    const { delivery: _, ...film } = FILM;
    expect(samples(families({ sessions: [film] }), 'media_sessions')).toContain('movie playing  1');
  });
});

describe('single sessions', () => {
  const asked = (session: Partial<SessionState>) =>
    families({ sessions: [{ ...FILM, ...session }] }, {}, { sessions: true });

  test('are told of only when asked for', () => {
    const personal = MEDIA_SESSION_CATALOGUE.map(({ name }) => name);
    expect(names(families(FULL, TOTALS)).filter((name) => personal.includes(name))).toEqual([]);
    expect(names(asked({})).filter((name) => personal.includes(name))).toEqual(personal);
  });

  test('have their people in personal labels of the info alone', () => {
    const personal = MEDIA_CATALOGUE.filter(({ privacy }) => Object.values(privacy).includes('personal'));
    expect(personal.map(({ name }) => name)).toEqual(['media_session_info']);
    expect(samples(asked({}), 'media_session_info')).toEqual(['7 ann Web Laptop A Film Films 1']);
  });

  test.each([
    [{ positionSeconds: 30 }, ['7 0.25']],
    [{ positionSeconds: 500 }, ['7 1']],
    [{ durationSeconds: 0 }, []],
    [{ positionSeconds: -3 }, ['7 0']],
  ])('have the progress of %j', (told, lines) => {
    expect(samples(asked(told), 'media_session_progress_ratio')).toEqual(lines);
  });
});

test('the speed of transcodes is that of the slowest that tells', () => {
  const made = families(FULL);
  expect(samples(made, 'media_transcode_speed_ratio')).toEqual(['video vaapi 0.5']);
  expect(samples(made, 'media_transcodes')).toContain('video vaapi 3');
  expect(samples(made, 'media_transcodes')).toContain('both  1');
});

test('everything that is known goes over the wire', async () => {
  const made = families(FULL, TOTALS, { sessions: true });
  expect(names(made).sort()).toEqual(MEDIA_CATALOGUE.map(({ name }) => name).sort());
  await collectText({ name: 'media', catalogue: MEDIA_CATALOGUE, collect: () => made });
  const shown = [
    'media_server_info',
    'media_job_duration_seconds',
    'media_transmitted_bytes_total',
    'media_track_score',
  ];
  expectText(
    made.filter(({ metric }) => shown.includes(metric.name)),
    `
    # HELP media_server_info The version of the server.
    # TYPE media_server_info gauge
    media_server_info{server="den",platform="plex",version="1.2.3"} 1
    # HELP media_job_duration_seconds How long runs of background jobs took.
    # TYPE media_job_duration_seconds histogram
    media_job_duration_seconds_bucket{server="den",platform="plex",job="scan",outcome="success",le="5"} 2
    media_job_duration_seconds_bucket{server="den",platform="plex",job="scan",outcome="success",le="+Inf"} 3
    media_job_duration_seconds_sum{server="den",platform="plex",job="scan",outcome="success"} 9
    media_job_duration_seconds_count{server="den",platform="plex",job="scan",outcome="success"} 3
    # HELP media_transmitted_bytes_total Bytes that the server sent to players, by where they went.
    # TYPE media_transmitted_bytes_total counter
    media_transmitted_bytes_total{server="den",platform="plex",scope="wan"} 11
    # HELP media_track_score The mean score of the tracks, from 0 (bad) to 10 (good).
    # TYPE media_track_score gauge
    media_track_score{server="den",platform="plex",direction="send",kind="audio"} 9.5
    `,
  );
});

test('the counters read their rows once, from whatever can be iterated', () => {
  const plays = (TOTALS.plays as Iterable<never>)[Symbol.iterator]() as IterableIterator<never>;
  const made = families({ sessions: [] }, { plays });
  expect(samples(made, 'media_plays_total')).toContain('movie transcode 3');
  expect(samples(made, 'media_play_seconds_total')).toContain('movie transcode 100');
});

describe('the catalogue', () => {
  test('has nothing that the name lint complains of', () => {
    expect(lint(MEDIA_CATALOGUE)).toEqual([]);
  });

  test('has the labels that all servers share first', () => {
    for (const { labelNames } of MEDIA_CATALOGUE) expect(labelNames.slice(0, 2)).toEqual(['server', 'platform']);
  });

  test('declares each name once', () => {
    expect(new Set(MEDIA_CATALOGUE.map(({ name }) => name)).size).toBe(MEDIA_CATALOGUE.length);
  });
});
