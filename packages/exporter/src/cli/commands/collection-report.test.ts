import { expect, test } from 'vitest';
import type { Problem } from '../../errors.ts';
import type { CollectorStatus, RequestReport } from '../../sources/source.ts';
import { type Collection, describeCollection, isAllRight } from './collection-report.ts';

const request = (endpoint: string, seconds: number, more: Partial<RequestReport> = {}): RequestReport => ({
  ...{ endpoint, seconds, outcome: 'success', status: 200, bytes: 10 },
  ...more,
});
const collector = (name: string, problem?: Problem): CollectorStatus => ({
  ...{ name, success: problem === undefined, seconds: 0.002, lastSuccess: undefined },
  ...(problem === undefined ? {} : { problem }),
});
const collection = (more: Partial<Collection>): Collection => ({
  settings: { name: 'home', type: 'plex', url: 'http://nas:32400' },
  up: true,
  collectorNames: (more.collectors ?? []).map(({ name }) => name),
  requests: [],
  collectors: [],
  samples: 3,
  ...more,
});
const REFUSED = 'nothing listens there, the connection was refused (ECONNREFUSED)';

test('what was asked and what became of it is told line by line', () => {
  const requests = [request('/', 0.0015)];
  expect(describeCollection(collection({ requests, collectors: [collector('server')] }))).toBe(
    `home (plex, http://nas:32400) is up
  GET /: 200 success, 1.5 ms, 10 bytes
  collector server: success, 2.0 ms
  3 samples
`,
  );
});

test('requests of one endpoint that ended in the same way are one line, with their sum and the longest', () => {
  const requests = [
    request('/library/sections/{id}/all', 0.01),
    request('/', 0.001),
    request('/library/sections/{id}/all', 0.03),
    request('/library/sections/{id}/all', 0.02),
    request('/library/sections/{id}/all', 0.02, { outcome: 'status', status: 500 }),
  ];
  const lines = describeCollection(collection({ requests })).match(/GET .*/g);
  expect(lines).toEqual([
    'GET /library/sections/{id}/all: 200 success, 3 times, 60.0 ms in all, 30.0 ms the longest, 30 bytes',
    'GET /: 200 success, 1.0 ms, 10 bytes',
    'GET /library/sections/{id}/all: 500 status, 20.0 ms, 10 bytes',
  ]);
});

test('one problem that several endpoints met is told once, with all of them', () => {
  const refused = (path: string): Problem => ({ code: 'MX_UPSTREAM_CONNECT', detail: `${path}: ${REFUSED}` });
  const collectors = [
    collector('server', refused('/media/providers')),
    collector('libraries', refused('/media/providers')),
    collector('activities', refused('/activities')),
    collector('statistics', { code: 'MX_UPSTREAM_CONNECT', detail: 'the libraries are not known yet' }),
  ];
  const lines = describeCollection(collection({ collectors })).match(/^ {2}MX_.*/gm);
  expect(lines).toEqual([
    expect.stringContaining(`  MX_UPSTREAM_CONNECT: /media/providers, /activities: ${REFUSED}. `),
    expect.stringContaining('  MX_UPSTREAM_CONNECT: the libraries are not known yet. '),
  ]);
});

test('what to do about a problem is told of the type of the source', () => {
  const collectors = [collector('users', { code: 'MX_UPSTREAM_FORBIDDEN', detail: '/Users: 403' })];
  const settings = { name: 'den', type: 'jellyfin', url: 'http://den:8096' } as const;
  const text = describeCollection(collection({ settings, collectors }));
  expect(text).toContain('Dashboard, API Keys');
  expect(text).not.toContain('plex');
});

test('a server that is up is not all right when a collector failed, and the first line says so', () => {
  const collectors = [
    collector('server'),
    collector('users', { code: 'MX_UPSTREAM_FORBIDDEN', detail: '/Users: 403' }),
  ];
  const found = collection({ collectors });
  expect(isAllRight(found)).toBe(false);
  expect(describeCollection(found)).toMatch(/is up, but 1 of 2 collectors failed\n/);
  expect(describeCollection(found)).toContain('collector users: failure (MX_UPSTREAM_FORBIDDEN), 2.0 ms');
  expect(isAllRight(collection({ collectors: [collector('server')] }))).toBe(true);
});

test('a server that is down is not all right, and neither is one that did not answer at all', () => {
  expect(isAllRight(collection({ up: false }))).toBe(false);
  expect(isAllRight(collection({ up: undefined }))).toBe(false);
  expect(describeCollection(collection({ up: false }))).toMatch(/is down\n/);
});

test('a collector that takes longer than the test waits is named, and is no failure', () => {
  const found = collection({ collectors: [collector('server')], collectorNames: ['server', 'libraries'] });
  expect(describeCollection(found)).toContain('collector libraries: not done yet');
  expect(isAllRight(found)).toBe(true);
});
