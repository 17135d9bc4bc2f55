import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Json, type Listening, PlexTest } from '../../testing/plex.ts';

let server: PlexTest;
let listening: Listening;

beforeEach(async () => {
  server = await PlexTest.start();
  listening = await server.listen();
});
afterEach(() => server.end());

async function states(): Promise<unknown[]> {
  return (await listening.messages('playing')).map(({ entry }) => [entry.sessionKey, entry.state, entry.viewOffset]);
}

test('a player tells that it buffers, plays, still plays every ten seconds, and stops', async () => {
  const session = server.plex.play({ item: '1002' });
  server.pass(25);
  session.stop();
  expect(await states()).toEqual([
    ['1', 'buffering', 0],
    ['1', 'playing', 0],
    ['1', 'playing', 10_000],
    ['1', 'playing', 20_000],
    ['1', 'stopped', 25_000],
  ]);
});

test('a paused player says nothing more', async () => {
  const session = server.plex.play({ item: '1002' });
  server.pass(5);
  session.pause();
  server.pass(60);
  expect(await states()).toHaveLength(3);
});

test('a seek is told of as buffering, or by other players as a pause', async () => {
  const session = server.plex.play({ item: '1002' });
  session.seek(60_000);
  session.seek(90_000, 'paused');
  expect((await states()).slice(2)).toEqual([
    ['1', 'buffering', 60_000],
    ['1', 'playing', 60_000],
    ['1', 'paused', 90_000],
    ['1', 'playing', 90_000],
  ]);
});

test('a killed player, and a stop that is lost, are not told of', async () => {
  const session = server.plex.play({ item: '1002' });
  const other = server.plex.play({ item: '1003', player: 'Attic' });
  server.pass(1);
  session.kill();
  other.stop({ lost: true });
  server.pass(300);
  expect((await states()).map((state) => (state as string[])[1])).not.toContain('stopped');
  expect(server.plex.sessions).toEqual([]);
});

test('a stop may come under a key that was never seen', async () => {
  const session = server.plex.play({ item: '1002' });
  session.stop({ underNewKey: true });
  expect((await states()).at(-1)).toEqual(['2', 'stopped', 0]);
});

test('an error is told of and ends the session', async () => {
  const session = server.plex.play({ item: '1002' });
  session.fail();
  expect((await states()).at(-1)).toEqual(['1', 'error', 0]);
  expect(await server.sessions()).toEqual([]);
});

test('autoplay stops the old key and begins the new one, without naming the transcode', async () => {
  const session = server.plex.play({ item: '2001', transcode: {} });
  server.pass(11);
  session.next('2002');
  server.pass(11);
  const entries = (await listening.messages('playing')).map(({ entry }) => entry);
  const summary = entries.map((entry) => [entry.sessionKey, entry.ratingKey, entry.state, 'transcodeSession' in entry]);
  expect(summary).toEqual([
    ['1', '2001', 'buffering', false],
    ['1', '2001', 'playing', false],
    ['1', '2001', 'playing', true],
    ['1', '2001', 'stopped', true],
    ['2', '2002', 'playing', false],
    ['2', '2002', 'playing', true],
  ]);
});

test('a transcode is told of when it starts, each second, and when it ends, by its path', async () => {
  const session = server.plex.play({ item: '1002', transcode: {} });
  const id = session.transcode?.id;
  server.pass(3);
  session.endTranscode();
  const told = (await listening.messages()).filter(({ type }) => type.startsWith('transcodeSession.'));
  expect(told.map(({ type, entry }) => [type, entry.key])).toEqual([
    ['transcodeSession.start', `/transcode/sessions/${id}`],
    ...Array.from({ length: 3 }, () => ['transcodeSession.update', `/transcode/sessions/${id}`]),
    ['transcodeSession.end', `/transcode/sessions/${id}`],
  ]);
});

test('a scan is told of from its start to what it found', async () => {
  server.plex.background.scan('2', 10_000, { episode: 3 });
  expect((await server.get('/activities')).Activity[0].title).toBe('Scanning TV Shows');
  expect((await server.get('/library/sections')).Directory[1].refreshing).toBe(true);
  server.pass(10);
  const told = (await listening.messages()).map(({ type, entry }) => [type, entry.event ?? entry.state]);
  expect(told).toEqual([
    ['activity', 'started'],
    ['activity', 'updated'],
    ['timeline', 0],
    ['timeline', 4],
    ['timeline', 5],
    ['activity', 'ended'],
    ['status', undefined],
  ]);
  const { totalSize } = await server.get('/library/sections/2/all?type=4&X-Plex-Container-Size=0');
  expect([totalSize, await server.get('/activities')]).toEqual([8143, { size: 0 }]);
});

test('settings come with values of every type', async () => {
  const { background } = server.plex;
  background.setPreference('FriendlyName', 'Living room');
  background.setPreference('ManualPortMappingPort', 32_400);
  background.setPreference('DlnaEnabled', false);
  background.setReachable(false);
  background.offerUpdate('1.43.0.1');
  const told = (await listening.messages()).map(({ type, entry }) => [
    type,
    entry.type,
    entry.value ?? entry.reachability,
  ]);
  expect(told).toEqual([
    ['preference', 'text', 'Living room'],
    ['preference', 'int', 32_400],
    ['preference', 'bool', false],
    ['reachability', undefined, false],
    ['update.statechange', undefined, undefined],
  ]);
  expect((await server.get('/updater/status')).Release[0].version).toBe('1.43.0.1');
  expect((await server.get('/')).myPlexMappingState).toBe('failed');
});

test('a listener gets what it asked for', async () => {
  const some = await server.listen('?filters=timeline,playing');
  server.plex.play({ item: '1002', transcode: {} });
  expect(new Set((await some.messages()).map(({ type }) => type))).toEqual(new Set(['playing']));
});

test('only the owner may listen, with the token in a header or in the query', async () => {
  await expect(server.listen('', {})).rejects.toThrow('status 401');
  await expect(server.listen('', { 'x-plex-token': 'wrong' })).rejects.toThrow('status 401');
  await expect(server.listen('', { 'x-plex-token': 'token-of-dora' })).rejects.toThrow('status 403');
  await server.listen(`?X-Plex-Token=${server.plex.token}`, {});
  expect(server.plex.notifications.connected).toBe(2);
});

test('what a listener says is ignored', async () => {
  listening.socket.send('12:00:00');
  listening.socket.send(new Uint8Array([1, 2, 3]));
  server.plex.play({ item: '1002' });
  expect(await states()).toHaveLength(2);
});

test('a server may quote all that is no text', async () => {
  server.plex.settings.dialect = 'quoted';
  server.plex.play({ item: '1002', transcode: {} });
  const [told] = await listening.messages('transcodeSession.start');
  expect([told?.entry.throttled, told?.entry.duration, told?.entry.speed]).toEqual(['0', '5820000', '4']);
  const [session] = await server.sessions();
  expect([session.viewOffset, session.Player.local, session.Media[0].bitrate]).toEqual(['0', '1', '9800']);
});

test('servers of 2019 quote the decimal numbers of a transcode', async () => {
  server.plex.settings.dialect = '2019';
  server.plex.play({ item: '1002', transcode: {} });
  const [told] = await listening.messages('transcodeSession.start');
  const types = ({ progress, speed, timeStamp }: Json): string[] => [typeof progress, typeof speed, typeof timeStamp];
  expect(types(told?.entry)).toEqual(['string', 'string', 'string']);
  expect(types((await server.sessions())[0].TranscodeSession)).toEqual(['string', 'string', 'string']);
});
