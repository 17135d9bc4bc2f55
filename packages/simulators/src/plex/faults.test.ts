import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PlexTest } from '../../testing/plex.ts';
import { causeTroubles, TROUBLES } from './troubles.ts';

let server: PlexTest;

beforeEach(async () => {
  server = await PlexTest.start();
});
afterEach(() => server.end());

test('a fault strikes the endpoint that it is for, whatever the path', async () => {
  server.plex.faults.switchOn({ kind: 'status', status: 500 }, { endpoint: '/library/sections/{id}/all' });
  expect((await server.fetch('/library/sections/1/all')).status).toBe(500);
  expect((await server.fetch('/library/sections/2/all')).status).toBe(500);
  expect((await server.fetch('/library/sections')).status).toBe(200);
});

test('a slow answer tells of the moment at which it comes', async () => {
  const fault = server.plex.faults.switchOn({ kind: 'slow', ms: 5000 }, { endpoint: '/status/sessions' });
  const waiting = server.sessions();
  while (fault.hits === 0) await sleep(1);
  server.plex.play({ item: '1002' });
  server.pass(5);
  expect(await waiting).toHaveLength(1);
});

test('a socket that is dropped closes without a word', async () => {
  const { socket } = await server.listen();
  const code = new Promise((resolve) => socket.once('close', resolve));
  server.plex.notifications.drop();
  expect([await code, server.plex.notifications.connected]).toEqual([1006, 0]);
});

test('a half-open socket opens, and then neither speaks nor answers nor closes', async () => {
  const before = await server.listen();
  const fault = server.plex.socketFaults.switchOn({ kind: 'half-open' });
  const after = await server.listen();
  let pongs = 0;
  for (const { socket } of [before, after]) {
    socket.on('pong', () => {
      pongs += 1;
    });
    socket.ping();
  }
  server.plex.play({ item: '1002' });
  // What goes round the server's loop meanwhile proves that it had the time to answer.
  for (let round = 0; round < 20; round += 1) await server.fetch('/identity');
  expect([pongs, before.frames, after.frames]).toEqual([0, [], []]);
  expect(server.plex.notifications.connected).toBe(2);
  fault.end();
  server.plex.play({ item: '1003' });
  expect([(await before.messages()).length, (await after.messages()).length]).toEqual([2, 2]);
  expect(pongs).toBeGreaterThanOrEqual(2);
});

test('refused sockets get a status', async () => {
  const fault = server.plex.socketFaults.switchOn({ kind: 'refuse', status: 404 });
  await expect(server.listen()).rejects.toThrow('status 404');
  fault.end();
  await server.listen();
});

test('lost stops are lost on the socket alone', async () => {
  const listening = await server.listen();
  server.plex.socketFaults.switchOn({ kind: 'lost', state: 'stopped' });
  server.plex.play({ item: '1002' }).stop();
  expect((await listening.messages()).map(({ entry }) => entry.state)).toEqual(['buffering', 'playing']);
  expect(await server.sessions()).toEqual([]);
});

test('frames can be sent as they are', async () => {
  const { socket, frames } = await server.listen();
  server.plex.notifications.sendRaw('{"NotificationContainer":{"type":"playing ","size":0}}');
  const pong = new Promise((resolve) => socket.once('pong', resolve));
  socket.ping();
  await pong;
  expect(frames).toEqual(['{"NotificationContainer":{"type":"playing ","size":0}}']);
});

test('an evening of troubles switches each fault on and off again', async () => {
  causeTroubles(server.plex);
  const status = async (): Promise<number | undefined> =>
    (await server.fetch('/identity').catch(() => undefined))?.status;
  const seen: (number | undefined)[] = [];
  for (const second of [4 * 60 - 1, 2, 8, 65 * 60 - 248, 9]) {
    server.pass(second);
    seen.push(await status());
  }
  expect(seen).toEqual([200, 503, 200, undefined, 200]);
  server.pass(5 * 3600);
  expect([await status(), server.plex.socketFaults.halfOpen, server.plex.socketFaults.refusal]).toEqual([
    200,
    false,
    undefined,
  ]);
  const listening = await server.listen();
  server.plex.play({ item: '1002' });
  expect(await listening.messages()).toHaveLength(2);
  expect(new Set(TROUBLES.map(({ fault }) => fault.kind)).size).toBe(17);
});

test('an answer under way is seen as open', async () => {
  const fault = server.plex.faults.switchOn({ kind: 'slow', ms: 1000 });
  const waiting = server.fetch('/identity');
  while (fault.hits === 0) await sleep(1);
  expect(server.plex.requests.open).toBe(1);
  server.pass(1);
  await (await waiting).text();
  while (server.plex.requests.open > 0) await sleep(1);
});
