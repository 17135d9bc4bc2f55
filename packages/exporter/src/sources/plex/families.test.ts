import { type Family, namedSamples, OPENMETRICS_1_0_0, renderText } from '@media-exporter/metrics';
import { lint, parseOpenMetrics, parseText } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { PLEX_ONLY_CATALOGUE } from './families/catalogue-plex.ts';
import { PLEX_CATALOGUES } from './families/catalogues.ts';
import { PLEX_CATALOGUE, plexFamilies } from './families.ts';
import { playLabels } from './labels.ts';
import { COLLECTORS } from './schedule.ts';
import { LIBRARIES, makeSession, NO_TOTALS, NOTHING, SERVER, STATE } from './state.testing.ts';
import type { PlexLibrary, PlexSession, PlexState, PlexTotals } from './state.ts';

const TOTALS: PlexTotals = {
  ...NO_TOTALS,
  plays: [{ labels: playLabels(makeSession(), SERVER, LIBRARIES, { bitrate: true }), plays: 1, seconds: 90.5 }],
  estimatedBytes: 45_250_000,
  transmitted: [
    { scope: 'lan', account: 'Bob', bytes: 1000 },
    { scope: 'wan', account: 'Bob', bytes: 300 },
  ],
  bufferingEvents: 3,
};

const OPTIONS = { up: true, sessionSeries: true };
const OWN = { server_type: 'plex', server: 'Home', server_id: 'abc123' };

const full = (): Family[] => plexFamilies(STATE, TOTALS, OPTIONS);
const withSessions = (sessions: readonly PlexSession[]): Family[] =>
  plexFamilies({ ...STATE, sessions }, TOTALS, OPTIONS);
const withLibraries = (libraries: readonly PlexLibrary[]): Family[] =>
  plexFamilies({ ...STATE, libraries }, TOTALS, OPTIONS);

function samplesOf(families: readonly Family[], name: string) {
  const found = families.find(({ metric }) => metric.name === name);
  return found === undefined ? [] : [...namedSamples(found)];
}

/** The values of a metric by one of its labels. */
function by(families: readonly Family[], name: string, label: string): Record<string, unknown> {
  return Object.fromEntries(samplesOf(families, name).map(({ labels, value }) => [labels[label], value]));
}

const valuesOf = (families: readonly Family[], name: string) => samplesOf(families, name).map(({ value }) => value);

/** The series of sessions that are not 0. */
const present = (families: readonly Family[], name: string) =>
  samplesOf(families, name).flatMap(({ labels, value }) => {
    const { server: _, server_id: __, server_type: ___, ...rest } = labels;
    return value === 0 ? [] : [{ ...rest, value }];
  });

describe('the families of a Plex server', () => {
  test('beyond the contract are clean by the lint of names', () => {
    expect(lint(PLEX_ONLY_CATALOGUE)).toEqual([]);
  });

  test('are each in the catalogue once, and all of it is there when all is known', () => {
    const names = PLEX_CATALOGUE.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const filled = full().filter(({ samples }) => [...samples].length > 0);
    expect(filled.map(({ metric }) => metric.name).sort()).toEqual([...names].sort());
  });

  test('belong to one collector each', () => {
    const names = [...PLEX_CATALOGUES.values()].flat().map(({ name }) => name);
    expect(names.sort()).toEqual(PLEX_CATALOGUE.map(({ name }) => name).sort());
    expect([...PLEX_CATALOGUES.keys()]).toEqual(COLLECTORS);
  });

  test('tell nothing before anything is known but the socket, which is not connected', () => {
    const families = plexFamilies(NOTHING, NO_TOTALS, { up: undefined, sessionSeries: true });
    const filled = families.filter(({ samples }) => [...samples].length > 0);
    expect(filled.map(({ metric }) => metric.name)).toEqual([
      'plex_websocket_connected',
      'plex_websocket_reconnects_total',
    ]);
  });

  test('tell of each part only when that is known', () => {
    const { name, id, version, platform, platformVersion } = SERVER;
    const server = { name, id, version, platform, platformVersion };
    const families = plexFamilies({ ...NOTHING, server }, NO_TOTALS, { up: true, sessionSeries: true });
    const filled = families.filter(({ samples }) => [...samples].length > 0);
    expect(filled.map(({ metric }) => metric.name)).toEqual([
      ...['plex_up', 'plex_websocket_connected', 'plex_websocket_reconnects_total'],
      ...['server_info', 'plex_info', 'estimated_transmit_bytes_total'],
      ...['plex_buffering_events_total', 'plex_error_events_total'],
    ]);
  });

  test('say that a server is down that has never answered', () => {
    const down = plexFamilies(NOTHING, NO_TOTALS, { up: false, sessionSeries: false });
    expect(samplesOf(down, 'plex_up')).toEqual([{ labels: { ...OWN, server: '', server_id: '' }, value: 0 }]);
  });

  test('are well-formed in both formats', () => {
    expect(parseText(renderText(full()))).toHaveLength(PLEX_CATALOGUE.length);
    expect(parseOpenMetrics(renderText(full(), OPENMETRICS_1_0_0))).toHaveLength(PLEX_CATALOGUE.length);
  });

  test('go on with the counters of plays while the server is down', () => {
    const families = plexFamilies(NOTHING, TOTALS, { up: false, sessionSeries: false });
    expect(valuesOf(families, 'plays_total')).toEqual([1]);
    expect(valuesOf(families, 'play_seconds_total')).toEqual([90.5]);
  });
});

describe('the server', () => {
  test('has percent under the old names and ratios under the new ones', () => {
    expect(valuesOf(full(), 'host_cpu_util')).toEqual([45]);
    expect(valuesOf(full(), 'plex_host_cpu_utilization_ratio')).toEqual([0.45]);
    expect(valuesOf(full(), 'plex_process_cpu_utilization_ratio')).toEqual([0.125]);
  });

  test('has only the version that it has now', () => {
    const server = { ...SERVER, version: '1.43.0' };
    const families = plexFamilies({ ...STATE, server }, TOTALS, OPTIONS);
    expect(by(families, 'server_info', 'version')).toEqual({ '1.43.0': 1 });
  });

  test('has sent the sum over places and accounts, and nothing is told without Plex Pass', () => {
    expect(valuesOf(full(), 'transmit_bytes_total')).toEqual([1300]);
    expect(by(full(), 'plex_transmitted_bytes_total', 'location')).toEqual({ lan: 1000, wan: 300 });
    const { transmitted: _, ...without } = TOTALS;
    expect(valuesOf(plexFamilies(STATE, without, OPTIONS), 'transmit_bytes_total')).toEqual([]);
  });

  test('has a series of 0 for scans and downloads while there are none', () => {
    const idle: PlexState = { ...STATE, activities: [], backgroundJobs: [] };
    const families = plexFamilies(idle, TOTALS, OPTIONS);
    expect(by(families, 'plex_activities', 'type')).toEqual({ 'library.update.section': 0, 'media.download': 0 });
    expect(valuesOf(families, 'plex_downloads')).toEqual([0]);
    expect(samplesOf(families, 'plex_background_jobs')).toEqual([{ labels: OWN, value: 0 }]);
  });

  test('counts what it is busy with by type, and what is no type as other', () => {
    const types = ['media.download', 'media.download', 'library.update.section', 'Scanning "My films"', ''];
    const activities = types.map((type, index) => ({ id: String(index), type }));
    const backgroundJobs = [{ type: 'optimize' }, { type: 'convert' }];
    const families = plexFamilies({ ...STATE, activities, backgroundJobs }, TOTALS, OPTIONS);
    expect(by(families, 'plex_activities', 'type')).toEqual({
      ...{ 'library.update.section': 1, 'media.download': 2, other: 2 },
    });
    expect(valuesOf(families, 'plex_downloads')).toEqual([2]);
    expect(samplesOf(families, 'plex_background_jobs')).toEqual([{ labels: OWN, value: 2 }]);
  });
});

describe('libraries', () => {
  const SUMS = ['movies', 'episodes', 'music', 'photos', 'other_videos'].map((what) => `plex_media_${what}`);
  const sums = (families: readonly Family[]) => SUMS.map((name) => valuesOf(families, name)[0]);

  test('have one row each under the old name, which says what it counts', () => {
    const rows = samplesOf(full(), 'plex_library_items').map(({ labels, value }) => [
      ...[labels.library, labels.library_type, labels.content_type, value],
    ]);
    expect(rows).toEqual([
      ['Movies', 'movie', 'movies', 120],
      ['4K', 'movie', 'movies', 30],
      ['Series', 'show', 'shows', 12],
      ['Music', 'artist', 'tracks', 2400],
      ['Photos', 'photo', 'photos', 5200],
      ['Home videos', 'movie', 'items', 8],
    ]);
  });

  test('have all that was counted under the new name', () => {
    const rows = samplesOf(full(), 'plex_library_content_items').map(({ labels, value }) => [
      ...[labels.library, labels.content_type, value],
    ]);
    expect(rows.filter(([library]) => library === 'Series')).toEqual([
      ...[
        ['Series', 'shows', 12],
        ['Series', 'seasons', 40],
        ['Series', 'episodes', 500],
      ],
    ]);
  });

  test('are summed up by what they hold, Other Videos apart from movies', () => {
    expect(sums(full())).toEqual([150, 500, 2400, 5200, 8]);
  });

  test('have no items and no sum until they are counted', () => {
    const [first, ...rest] = LIBRARIES as [PlexLibrary, ...PlexLibrary[]];
    const families = withLibraries([{ ...first, counts: {} }, ...rest]);
    expect(sums(families)).toEqual([undefined, 500, 2400, 5200, 8]);
    expect(by(families, 'plex_library_items', 'library')).not.toHaveProperty('Movies');
    expect(by(families, 'plex_library_items', 'library')).toHaveProperty('4K', 30);
  });

  test('of a kind that the server does not have sum up to 0', () => {
    expect(sums(withLibraries([]))).toEqual([0, 0, 0, 0, 0]);
  });

  test('have milliseconds under the old name and seconds under the new one', () => {
    expect(by(full(), 'library_duration_total', 'library')).toMatchObject({ Movies: 90_000 });
    expect(by(full(), 'plex_library_duration_seconds', 'library')).toMatchObject({ Movies: 90 });
    expect(by(full(), 'plex_library_scanned_timestamp_seconds', 'library')).toMatchObject({ Movies: 1_700_000_000 });
  });
});

describe('sessions', () => {
  const { delivery: _, scope: __, secure: ___, transcode: ____, transcodeKind: _____, ...vague } = makeSession();

  test('are counted by state, delivery and location', () => {
    const families = withSessions([makeSession(), makeSession({ sessionKey: '8' }), vague]);
    expect(present(families, 'plex_sessions')).toEqual([
      { state: 'playing', delivery: 'transcode', location: 'wan', value: 2 },
      { state: 'playing', delivery: 'unknown', location: 'unknown', value: 1 },
    ]);
    expect(present(families, 'plex_sessions_by_media_type')).toEqual([{ media_type: 'episode', value: 3 }]);
    expect(present(families, 'plex_sessions_by_security')).toEqual([
      { secure: 'true', value: 2 },
      { secure: 'unknown', value: 1 },
    ]);
  });

  test('have series of 0 on an idle server, and none on one that does not tell', () => {
    const idle = withSessions([]);
    expect(valuesOf(idle, 'plex_sessions')).toEqual(Array(18).fill(0));
    expect(valuesOf(idle, 'plex_sessions_by_media_type')).toEqual(Array(7).fill(0));
    expect(valuesOf(idle, 'plex_transcode_sessions')).toEqual([0, 0, 0, 0]);
    expect(by(idle, 'plex_session_bitrate_bytes_per_second', 'location')).toEqual({ lan: 0, wan: 0 });
    const { sessions: _, ...silent } = STATE;
    const unknown = plexFamilies(silent, TOTALS, OPTIONS);
    expect(unknown.filter(({ metric }) => metric.name.startsWith('plex_session'))).toEqual([]);
  });

  test('have their transcodes by what is encoded, by hardware, and by whether they rest', () => {
    const { transcode = { id: '' } } = makeSession();
    const { hardwareEncoding: _, ...decoding } = transcode;
    const remux = makeSession({ transcode: { id: 'b', throttled: true } });
    const { transcodeKind: __, ...copied } = remux;
    const families = withSessions([makeSession(), makeSession({ transcode: decoding }), copied, vague]);
    expect(present(families, 'plex_transcode_sessions')).toEqual([
      { kind: 'video', hardware: 'both', throttled: 'false', value: 1 },
      { kind: 'video', hardware: 'decoding', throttled: 'false', value: 1 },
      { kind: 'none', hardware: 'none', throttled: 'true', value: 1 },
    ]);
  });

  test('have the sum of their bitrates while all tell theirs, without those that are paused', () => {
    const bandwidth = (sessions: readonly PlexSession[]) =>
      by(withSessions(sessions), 'plex_session_bitrate_bytes_per_second', 'location');
    const home = makeSession({ scope: 'lan', media: { bitrateBitsPerSecond: 9_000_000 } });
    expect(bandwidth([makeSession(), makeSession(), home])).toEqual({ lan: 1_125_000, wan: 1_000_000 });
    expect(bandwidth([makeSession(), { ...home, state: 'paused' }])).toEqual({ lan: 0, wan: 500_000 });
    expect(bandwidth([makeSession({ media: {} }), home])).toEqual({ lan: 1_125_000 });
    expect(bandwidth([makeSession(), { ...home, scope: 'relay' }])).toEqual({ lan: 0, wan: 500_000, relay: 1_125_000 });
    expect(bandwidth([makeSession(), vague])).toEqual({});
  });

  test('have series of their own only where they are asked for', () => {
    const names = ['speed_ratio', 'progress_ratio', 'remaining_seconds'].map(
      (what) => `plex_session_transcode_${what}`,
    );
    expect(names.map((name) => valuesOf(full(), name))).toEqual([[2.5], [0.25], [400]]);
    expect(samplesOf(full(), names[0] as string)[0]?.labels).toEqual({ ...OWN, session: '7', user: 'Bob' });
    const without = plexFamilies(STATE, TOTALS, { ...OPTIONS, sessionSeries: false });
    expect(names.map((name) => valuesOf(without, name))).toEqual([[], [], []]);
  });

  test('have no speed of a transcoder that rests or is done', () => {
    const transcode = { id: 'a', speedRatio: 0.1 };
    const speed = (more: object) =>
      valuesOf(
        withSessions([makeSession({ transcode: { ...transcode, ...more } })]),
        'plex_session_transcode_speed_ratio',
      );
    expect(speed({})).toEqual([0.1]);
    expect(speed({ throttled: true })).toEqual([]);
    expect(speed({ complete: true })).toEqual([]);
  });
});
