import { Agent } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, PlexTest } from '../../../testing/plex.ts';

let server: PlexTest;

beforeEach(async () => {
  server = await PlexTest.start();
});
afterEach(() => server.end());

const EVERYTHING = [
  '/',
  '/media/providers',
  '/library/sections',
  '/library/sections/1/all',
  '/library/metadata/1002',
  '/status/sessions',
  '/status/sessions/background',
  '/transcode/sessions',
  '/statistics/resources?timespan=6',
  '/statistics/bandwidth?timespan=6',
  '/activities',
  '/updater/status',
  '/accounts',
  '/myplex/account',
];

describe('access', () => {
  test.each(EVERYTHING)('%s wants a token, and answers with HTML without', async (path) => {
    const response = await server.fetch(path, { 'x-plex-token': 'wrong' });
    expect([response.status, response.headers.get('content-type')]).toEqual([401, 'text/html']);
    expect(await response.text()).toContain('<h1>401 Unauthorized</h1>');
  });

  test('the identity needs none', async () => {
    const response = await fetch(`${server.plex.url}/identity`, { headers: { accept: 'application/json' } });
    expect(((await response.json()) as Json).MediaContainer.version).toBe(server.plex.settings.version);
  });

  test('a token in the query is as good as in the header, and is noticed', async () => {
    const response = await fetch(`${server.plex.url}/library/sections?X-Plex-Token=${server.plex.token}`);
    expect(response.status).toBe(200);
    await server.fetch('/identity');
    await fetch(`${server.plex.url}/identity`);
    expect(server.plex.requests.records.map(({ token }) => token)).toEqual(['query', 'header', 'none']);
  });

  test('the token of another user opens the library, and nothing of the owner', async () => {
    const statuses = await Promise.all(
      EVERYTHING.map(async (path) => [path, (await server.fetch(path, { 'x-plex-token': 'token-of-dora' })).status]),
    );
    expect(statuses.filter(([, status]) => status === 200).map(([path]) => path)).toEqual([
      '/media/providers',
      '/library/sections',
      '/library/sections/1/all',
      '/library/metadata/1002',
      '/activities',
    ]);
    expect(new Set(statuses.map(([, status]) => status))).toEqual(new Set([200, 403]));
  });

  test('without a Plex Pass the statistics are not there', async () => {
    server.plex.settings.plexPass = false;
    expect((await server.fetch('/statistics/resources?timespan=6')).status).toBe(404);
    expect((await server.fetch('/statistics/bandwidth?timespan=6')).status).toBe(404);
    expect((await server.get('/')).myPlexSubscription).toBe(false);
  });

  test('what is not there, a doubled slash among it, is a 404 in HTML', async () => {
    for (const path of ['/nothing', '//status/sessions', '/library/sections/99/all', '/library/metadata/203216']) {
      const response = await server.fetch(path);
      expect([path, response.status, response.headers.get('content-type')]).toEqual([path, 404, 'text/html']);
    }
    expect((await server.fetch('/status/sessions', {}, { method: 'POST' })).status).toBe(404);
  });

  test('below a base path there is nothing beside it', async () => {
    const proxied = await PlexTest.start({ basePath: '/plex' });
    expect(proxied.plex.url).toMatch(/\/plex$/);
    expect((await proxied.fetch('/status/sessions')).status).toBe(200);
    await proxied.listen();
    const origin = new URL(proxied.plex.url).origin;
    expect((await fetch(`${origin}/identity`)).status).toBe(404);
    await proxied.end();
  });
});

describe('the format', () => {
  test('is XML for who does not ask for JSON', async () => {
    server.plex.play({ item: '1002', user: 'Zoë "Zed" O\'Neil', transcode: {} });
    server.plex.play({ item: '3001', player: 'Chrome' });
    server.plex.play({ item: '4001', player: 'Attic' });
    const response = await server.fetch('/status/sessions', { accept: '*/*' });
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/xml;charset=utf-8');
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<MediaContainer size="3">/);
    expect(text).toContain('<User id="310400127" thumb=');
    expect(text).toContain('title="Zoë &quot;Zed&quot; O\'Neil"');
    expect([...text.matchAll(/^<(\w+) addedAt/gm)].map(([, name]) => name)).toEqual(['Video', 'Track', 'Photo']);
    expect(text).toContain('throttled="0"');
  });

  test('a list without elements is not there', async () => {
    for (const path of ['/status/sessions', '/transcode/sessions', '/activities', '/status/sessions/background']) {
      expect(await server.get(path)).toEqual({ size: 0 });
    }
    expect(await server.get('/statistics/bandwidth?timespan=6')).not.toHaveProperty('StatisticsBandwidth');
  });

  test('ids are texts in sessions and numbers in the library', async () => {
    server.plex.play({ item: '1002' });
    const [session] = await server.sessions();
    const { Metadata, librarySectionID } = await server.get('/library/metadata/1002');
    const ids = (entry: typeof session): unknown[] => {
      const [media] = entry.Media;
      return [entry.librarySectionID, media.id, media.Part[0].id, media.Part[0].Stream[0].id].map((id) => typeof id);
    };
    expect(ids(session)).toEqual(['string', 'string', 'string', 'string']);
    expect([librarySectionID, ...ids(Metadata[0])]).toEqual([1, 'number', 'number', 'number', 'number']);
  });
});

describe('metadata', () => {
  test('of several items come at once, without those that are not there', async () => {
    const { size, Metadata } = await server.get('/library/metadata/1002,203216,1001');
    expect([size, ...Metadata.map(({ ratingKey }: { ratingKey: string }) => ratingKey)]).toEqual([2, '1002', '1001']);
    expect((await server.fetch('/library/metadata/203216,99')).status).toBe(404);
  });
});

test('what runs in the background has its own list', async () => {
  server.plex.background.convert('The Long Evening', 60_000);
  server.plex.background.download('Low Tide', 60_000);
  expect((await server.get('/status/sessions/background')).TranscodeJob).toHaveLength(1);
  expect((await server.get('/activities')).Activity[0].type).toBe('media.download');
  server.pass(60);
  expect([await server.get('/status/sessions/background'), await server.get('/activities')]).toEqual([
    { size: 0 },
    { size: 0 },
  ]);
});

test('requests and connections are counted', async () => {
  const agent = new Agent({ keepAlive: true });
  await server.getRaw('/library/sections/1/all?X-Plex-Container-Size=0', agent);
  server.pass(5);
  await server.getRaw('/library/sections/2/all?X-Plex-Container-Size=0', agent);
  agent.destroy();
  const { requests } = server.plex;
  expect([requests.count(), requests.count('/library/sections/{id}/all'), requests.count('/')]).toEqual([2, 2, 0]);
  expect(requests.records.map(({ at, path }) => [at, path])).toEqual([
    [0, '/library/sections/1/all'],
    [5000, '/library/sections/2/all'],
  ]);
  expect(requests.connections).toBe(1);
  requests.clear();
  expect([requests.count(), requests.counts, requests.connections]).toEqual([0, {}, 0]);
});
