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

describe('sessions', () => {
  test('of live television are in no library, and may have their transcode within Media', async () => {
    const transcode = { video: 'copy', audio: 'copy' } as const;
    server.plex.play({ item: '203216', transcode });
    server.plex.play({ item: '203216', player: 'Attic', transcode, nestedTranscode: true });
    const [beside, within] = await server.sessions();
    expect([beside.live, beside.key, 'librarySectionID' in beside, 'duration' in beside]).toEqual([
      '1',
      '/livetv/sessions/203216',
      false,
      false,
    ]);
    expect(beside.Media[0].Part[0]).not.toHaveProperty('decision');
    const { videoCodec, sourceVideoCodec, progress, size } = beside.TranscodeSession;
    expect([videoCodec, sourceVideoCodec, progress, size]).toEqual(['*', '', -1, -22]);
    expect([within.TranscodeSession, within.Media[0].TranscodeSession.videoDecision]).toEqual([undefined, 'copy']);
    server.plex.settings.dialect = '2019';
    expect((await server.sessions())[0].live).toBe(1);
  });

  test('of pre-rolls, theme music and photos are told by section, guid and Media', async () => {
    for (const item of ['203214', '203217', '4001']) server.plex.play({ item });
    const [preroll, theme, photo] = await server.sessions();
    expect([preroll.librarySectionID, preroll.type, preroll.guid.split(':')[0]]).toEqual([
      '-2',
      'clip',
      'analyzed.prerolls',
    ]);
    expect(theme.guid).toMatch(/^library:\/\//);
    expect([photo.type, 'Media' in photo, 'duration' in photo]).toEqual(['photo', false, false]);
  });

  test('of some players have no device', async () => {
    server.plex.play({ item: '1002', player: 'DESKTOP-7QX3F' });
    expect((await server.sessions())[0].Player).not.toHaveProperty('device');
  });

  test('say how each stream is delivered', async () => {
    server.plex.play({ item: '1002' });
    server.plex.play({ item: '1002', transcode: { video: 'copy', audio: 'copy', subtitle: 'copy' } });
    server.plex.play({ item: '1002', transcode: { bitrateKbps: 4000, videoResolution: '720p', subtitle: 'burn' } });
    const told = (await server.sessions()).map(({ Media: [media] }) => [
      media.videoResolution,
      media.bitrate,
      media.Part[0].decision,
      media.Part[0].Stream.map((stream: { decision?: string }) => stream.decision),
    ]);
    expect(told).toEqual([
      ['1080', 9800, 'directplay', [undefined, undefined, undefined]],
      ['1080p', 9800, 'transcode', ['copy', 'copy', 'copy']],
      ['720p', 4000, 'transcode', ['transcode', 'transcode', 'burn']],
    ]);
  });

  test('without a subtitle tell of none', async () => {
    server.plex.play({ item: '1002', transcode: { bitrateKbps: 4000 } });
    const [{ Media, TranscodeSession }] = await server.sessions();
    expect(Media[0].Part[0].Stream.map(({ streamType }: { streamType: number }) => streamType)).toEqual([1, 2]);
    expect(TranscodeSession).not.toHaveProperty('subtitleDecision');
  });

  test('of an item with two files have both, and the one that is played is selected', async () => {
    server.plex.play({ item: '1003' });
    const [{ Media }] = await server.sessions();
    const told = Media.map(({ videoResolution, selected, Part }: Json) => [
      videoResolution,
      selected,
      Part[0].decision,
    ]);
    expect(told).toEqual([
      ['4k', undefined, undefined],
      ['sd', true, 'directplay'],
    ]);
    expect(new Set(Media.map(({ id }: Json) => id)).size).toBe(2);
  });

  test('that transcode are listed with the bare id, and counted when they encode video', async () => {
    server.plex.play({ item: '1002', transcode: {} });
    server.plex.play({ item: '1002', transcode: { video: 'copy' } });
    server.plex.play({ item: '3001', transcode: {} });
    const { size, TranscodeSession: entries } = await server.get('/transcode/sessions');
    expect([size, entries[0].key]).toEqual([3, server.plex.sessions[0]?.transcode?.id]);
    expect(entries[2]).not.toHaveProperty('videoDecision');
    expect((await server.get('/')).transcoderActiveVideoSessions).toBe(1);
  });
});

describe('libraries', () => {
  test.each([
    ['1', '', 1203],
    ['1', 'type=4&', 0],
    ['2', '', 150],
    ['2', 'type=3&', 611],
    ['2', 'type=4&', 8140],
    ['3', 'type=9&', 980],
    ['3', 'type=10&', 11_000],
    ['4', '', 57],
    ['4', 'type=13&', 5200],
    ['4', 'clusterZoomLevel=1&', 5200],
    ['5', '', 77],
    ['5', 'type=99&', 0],
  ])('section %s counts with %s to %i', async (id, type, total) => {
    const path = `/library/sections/${id}/all?${type}X-Plex-Container-Start=0&X-Plex-Container-Size=0`;
    const { size, totalSize, offset, Metadata } = await server.get(path);
    expect([size, totalSize, offset, Metadata]).toEqual([0, total, 0, undefined]);
  });

  test('a page may be asked for by headers, and its size comes in a header, also to HEAD', async () => {
    const headers = { 'x-plex-container-start': '1200', 'x-plex-container-size': '50' };
    const { size, totalSize, offset, Metadata } = await server.get('/library/sections/1/all', headers);
    expect([size, totalSize, offset, Metadata[0].title]).toEqual([3, 1203, 1200, 'Movies 1201']);
    const head = await server.fetch('/library/sections/1/all', headers, { method: 'HEAD' });
    expect(head.headers.get('x-plex-container-total-size')).toBe('1203');
    expect(await head.text()).toBe('');
  });

  test('the whole list has no total', async () => {
    const response = await server.fetch('/library/sections/5/all');
    const { size, totalSize, Metadata } = ((await response.json()) as Json).MediaContainer;
    expect([size, totalSize, Metadata.length]).toEqual([77, undefined, 77]);
    expect(response.headers.get('x-plex-container-total-size')).toBeNull();
  });

  test('storage is told when it is asked for, and not even then of each library', async () => {
    const content = async (query: string): Promise<Record<string, unknown>[]> =>
      (await server.get(`/media/providers${query}`)).MediaProvider[0].Feature[0].Directory;
    const [home, movies] = await content('');
    expect([home?.id, home?.type, movies?.id, movies?.storageTotal]).toEqual([undefined, undefined, '1', undefined]);
    const told = await content('?includeStorage=1');
    expect(told.map(({ storageTotal, durationTotal }) => [typeof storageTotal, typeof durationTotal])).toEqual([
      ['undefined', 'undefined'],
      ['number', 'number'],
      ['number', 'number'],
      ['number', 'number'],
      ['number', 'undefined'],
      ['number', 'number'],
      ['undefined', 'undefined'],
    ]);
  });
});

describe('statistics', () => {
  test('resources have a row each five seconds, oldest first, and forget them in a restart', async () => {
    server.plex.play({ item: '1002', transcode: {} });
    server.pass(600);
    const { StatisticsResources: rows } = await server.get('/statistics/resources?timespan=6');
    const times = rows.map(({ at }: { at: number }) => at);
    expect(times).toEqual(Array.from({ length: 60 }, (_, index) => times[0] + 5 * index));
    expect(times.at(-1)).toBe(server.clock.date() / 1000);
    expect(rows.at(-1).processCpuUtilization).toBeGreaterThan(rows.at(-1).processMemoryUtilization);
    server.plex.restart({ goneForMs: 0, startsForMs: 0 });
    server.pass(0);
    expect((await server.get('/statistics/resources?timespan=6')).size).toBe(1);
  });

  test('bandwidth has several rows a second, in no order of time, and the newest still grows', async () => {
    server.plex.play({ item: '1002' });
    server.plex.play({ item: '1003', user: 'Dora', player: 'Chrome', location: 'wan' });
    server.pass(2.5);
    const rows = (await server.get('/statistics/bandwidth?timespan=6')).StatisticsBandwidth;
    const start = server.clock.date() / 1000 - 2.5;
    expect(
      rows.map((row: Record<string, unknown>) => [row.accountID, Number(row.at) - start, row.lan, row.bytes]),
    ).toEqual([
      [310_400_126, 0, false, 235_750],
      [310_400_126, 1, false, 235_750],
      [310_400_126, 2, false, 117_875],
      [1, 0, true, 1_225_000],
      [1, 1, true, 1_225_000],
      [1, 2, true, 612_500],
    ]);
    server.pass(0.5);
    const later = (await server.get('/statistics/bandwidth?timespan=6')).StatisticsBandwidth;
    expect([later.length, later[2].bytes, later[5].bytes]).toEqual([6, 235_750, 1_225_000]);
  });

  test('bandwidth heeds filters with a literal operator, and ignores encoded ones', async () => {
    server.plex.play({ item: '1002' });
    server.plex.play({ item: '1003', user: 'Dora', location: 'wan' });
    server.pass(10);
    const size = async (filter: string): Promise<number> =>
      (await server.getRaw(`/statistics/bandwidth?timespan=6${filter}`)).size;
    const since = server.clock.date() / 1000 - 2;
    const filters = [
      '',
      `&at>=${since}`,
      `&at%3E=${since}`,
      `&at<=${since}`,
      '&accountID=1',
      '&lan=0',
      '&bytes>=300000',
    ];
    expect(await Promise.all(filters.map(size))).toEqual([20, 4, 20, 18, 10, 10, 10]);
  });

  test('bandwidth forgets seconds that left its window, but not hours', async () => {
    server.plex.play({ item: '1001', bitrateKbps: 8 });
    server.pass(4000);
    expect((await server.get('/statistics/bandwidth?timespan=6')).size).toBe(1201);
    const { StatisticsBandwidth: hours } = await server.get('/statistics/bandwidth?timespan=4');
    expect(hours.map(({ bytes }: { bytes: number }) => bytes)).toEqual([3_600_000, 400_000]);
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
