import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PlexTest } from '../../testing/plex.ts';

let server: PlexTest;

beforeEach(async () => {
  server = await PlexTest.start();
});
afterEach(() => server.end());

describe('the truth', () => {
  test('counts the seconds that were played, and no others', () => {
    const session = server.plex.play({ item: '1002' });
    server.pass(100);
    session.pause();
    server.pass(1000);
    session.resume();
    server.pass(20.5);
    session.buffer();
    server.pass(30);
    session.resume();
    server.pass(1);
    session.stop();
    server.pass(500);
    expect(server.plex.truth.total()).toEqual({ plays: 1, seconds: 121.5, bytes: (121.5 * 9_800_000) / 8 });
  });

  test('is the same whether the clock is turned at once or bit by bit', () => {
    server.plex.play({ item: '1002' });
    for (let step = 0; step < 70; step += 1) server.pass(0.9);
    const { seconds, bytes } = server.plex.truth.total();
    expect([seconds, bytes]).toEqual([63, 63 * 1_225_000]);
  });

  test('ends with the item', () => {
    const session = server.plex.play({ item: '3001' });
    server.pass(3600);
    expect(session.ended).toBe(true);
    expect(server.plex.truth.total().seconds).toBe(240);
  });

  test('weighs each second with the bitrate that it had', () => {
    const session = server.plex.play({ item: '1002', transcode: { bitrateKbps: 8000 } });
    server.pass(10);
    session.setQuality({ bitrateKbps: 4000 });
    server.pass(10);
    expect(server.plex.truth.total().bytes).toBe(10 * 1_000_000 + 10 * 500_000);
  });

  test('counts a play whose delivery changes once, and its seconds under each delivery', () => {
    const session = server.plex.play({ item: '1002', user: 'Dora' });
    server.pass(10);
    session.startTranscode({ bitrateKbps: 2000 });
    server.pass(20);
    session.startTranscode({ video: 'copy', audio: 'copy' });
    server.pass(5);
    session.endTranscode();
    server.pass(30);
    const seconds = [...server.plex.truth.by('user', 'delivery')].map(([key, total]) => [
      key,
      total.plays,
      total.seconds,
    ]);
    expect(seconds).toEqual([
      ['Dora,direct_play', 1, 40],
      ['Dora,transcode', 0, 20],
      ['Dora,direct_stream', 0, 5],
    ]);
  });

  test('counts each item of an autoplay, under the same key or a new one', () => {
    const session = server.plex.play({ item: '2001' });
    server.pass(60);
    session.next('2002', { sameKey: true });
    expect(session.key).toBe('1');
    server.pass(60);
    session.next('2003');
    expect(session.key).toBe('2');
    server.pass(60);
    const { records } = server.plex.truth;
    expect(records.map(({ identity, plays, seconds }) => [identity.ratingKey, plays, seconds])).toEqual([
      ['2001', 1, 60],
      ['2002', 1, 60],
      ['2003', 1, 60],
    ]);
  });

  test('has pre-rolls, theme music and ghosts, but not as plays', () => {
    server.plex.play({ item: '203214' });
    server.plex.play({ item: '203217' });
    server.plex.browse({ item: '1002' });
    server.pass(5);
    const kinds = [...server.plex.truth.by('kind')].map(([kind, total]) => [kind, total.plays, total.seconds]);
    expect(kinds).toEqual([
      ['preroll', 0, 5],
      ['theme', 0, 5],
      ['ghost', 0, 0],
    ]);
  });

  test('tells live television and other videos from episodes and films', () => {
    for (const item of ['1001', '2001', '3001', '4001', '5001', '203216', '203214']) server.plex.play({ item });
    const types = server.plex.truth.records.map(({ identity }) => identity.mediaType);
    expect(types).toEqual(['movie', 'episode', 'track', 'photo', 'video', 'live', 'other']);
  });

  test('knows what was transmitted, which is what the rows of bandwidth add up to', async () => {
    server.plex.play({ item: '1002' });
    server.plex.play({ item: '3001', user: 'Dora', player: 'Chrome', location: 'wan' });
    server.pass(12.345);
    server.plex.transmit(22, { user: 'grandma' });
    const { StatisticsBandwidth: rows } = await server.get('/statistics/bandwidth?timespan=6');
    const sum = (lan: boolean): number =>
      rows.reduce(
        (total: number, row: { lan: boolean; bytes: number }) => total + (row.lan === lan ? row.bytes : 0),
        0,
      );
    expect(server.plex.truth.transmittedBytes).toEqual({ lan: sum(true), wan: sum(false) });
    expect(sum(true)).toBe(Math.floor(12.345 * 1_225_000) + 22);
  });
});

describe('what the server tells', () => {
  test('the view offset stands still between two reports of the player', async () => {
    server.plex.play({ item: '1002' });
    server.pass(19);
    const [entry] = await server.sessions();
    expect([entry.viewOffset, entry.Player.state]).toEqual([10_000, 'playing']);
  });

  test('a change of state is reported at once', async () => {
    const session = server.plex.play({ item: '1002' });
    server.pass(3);
    session.pause();
    const [entry] = await server.sessions();
    expect([entry.viewOffset, entry.Player.state]).toEqual([3000, 'paused']);
  });

  test('a killed player goes on as playing, at the same place, for three minutes after its last report', async () => {
    const session = server.plex.play({ item: '1002' });
    server.pass(25);
    session.kill();
    server.pass(170);
    const [entry] = await server.sessions();
    expect([entry.viewOffset, entry.Player.state]).toEqual([20_000, 'playing']);
    server.pass(10);
    expect(await server.sessions()).toEqual([]);
    expect(server.plex.truth.total().seconds).toBe(25);
  });

  test('a session that ended is simply gone', async () => {
    const session = server.plex.play({ item: '1002', transcode: {} });
    session.stop({ lost: true });
    expect(await server.get('/status/sessions')).toEqual({ size: 0 });
    expect(await server.get('/transcode/sessions')).toEqual({ size: 0 });
  });

  test('a fresh session may not be there yet, and then be without Media', async () => {
    server.plex.play({ item: '1002', appearsAfterMs: 1000, mediaAfterMs: 3000 });
    expect(await server.sessions()).toEqual([]);
    server.pass(1);
    expect((await server.sessions())[0]).not.toHaveProperty('Media');
    server.pass(2);
    expect((await server.sessions())[0]).toHaveProperty('Media');
  });

  test('a DLNA client that browses leaves a session for less than a second', async () => {
    server.plex.browse({ item: '1002' });
    expect(await server.sessions()).toHaveLength(1);
    server.pass(1);
    expect(await server.sessions()).toEqual([]);
  });

  test('a transcode is held back when it is a minute ahead', async () => {
    server.plex.play({ item: '1002', transcode: { speed: 4 } });
    server.pass(10);
    const [{ TranscodeSession: early }] = await server.sessions();
    server.pass(60);
    const [{ TranscodeSession: later }] = await server.sessions();
    expect([early.throttled, early.speed, early.maxOffsetAvailable]).toEqual([false, 4, 40]);
    expect([later.throttled, later.speed, later.maxOffsetAvailable]).toEqual([true, 0, 130]);
  });

  test('nothing more can be done with a session that ended', () => {
    const session = server.plex.play({ item: '1002' });
    session.stop();
    session.stop();
    expect(() => session.pause()).toThrow('the session has ended');
  });

  test('who does not exist cannot play', () => {
    expect(() => server.plex.play({ item: '1002', user: 'nobody' })).toThrow(RangeError);
    expect(() => server.plex.play({ item: '1002', player: 'nothing' })).toThrow(RangeError);
    expect(() => server.plex.play({ item: '99' })).toThrow(RangeError);
  });
});

describe('a restart', () => {
  test('cuts the sockets, answers nobody, then 503, then everybody', async () => {
    const { socket } = await server.listen();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    server.plex.restart({ goneForMs: 2000, startsForMs: 5000 });
    await closed;
    await expect(server.fetch('/identity')).rejects.toThrow();
    await expect(server.listen()).rejects.toThrow();
    server.pass(2);
    expect((await server.fetch('/identity')).status).toBe(503);
    await expect(server.listen()).rejects.toThrow('status 503');
    server.pass(5);
    expect((await server.fetch('/identity')).status).toBe(200);
    await server.listen();
  });

  test('gives the sessions that go on new keys from 1, which others had before', async () => {
    const first = server.plex.play({ item: '1001' });
    const second = server.plex.play({ item: '1002', player: 'Chrome', transcode: {} });
    const third = server.plex.play({ item: '1003', player: 'Attic' });
    const before = second.transcode?.id;
    third.kill();
    server.plex.restart({ goneForMs: 1000, startsForMs: 1000 });
    server.pass(2);
    expect((await server.sessions()).map(({ sessionKey, ratingKey }) => [sessionKey, ratingKey])).toEqual([
      ['1', '1002'],
      ['2', '1001'],
    ]);
    expect([first.key, second.key, third.ended]).toEqual(['2', '1', true]);
    expect(second.transcode?.id).not.toBe(before);
  });

  test('stops the players while it lasts, and starts no new play', () => {
    server.plex.play({ item: '1001' });
    server.pass(10);
    server.plex.restart({ goneForMs: 5000, startsForMs: 5000 });
    server.pass(15);
    const { plays, seconds } = server.plex.truth.total();
    expect([plays, seconds]).toEqual([1, 15]);
  });

  test('leaves the session that ends meanwhile out, and lets nobody begin', async () => {
    const session = server.plex.play({ item: '1001' });
    server.plex.play({ item: '1002', player: 'Chrome' });
    server.plex.restart();
    expect(() => server.plex.play({ item: '1003' })).toThrow('the server is down');
    expect(() => server.plex.restart()).toThrow('the server is down');
    session.stop();
    server.pass(60);
    expect((await server.sessions()).map(({ ratingKey }) => ratingKey)).toEqual(['1002']);
  });

  test('may bring a new version', async () => {
    server.plex.restart({ goneForMs: 0, startsForMs: 0, version: '1.43.0.1' });
    server.pass(1);
    expect((await server.get('/identity')).version).toBe('1.43.0.1');
  });
});
