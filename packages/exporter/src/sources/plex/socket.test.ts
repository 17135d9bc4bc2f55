import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { SourceBench } from '../../../../../test/support/plex/source-bench.ts';
import { turnUntil } from '../../../../../test/support/until.ts';
import { Secret } from '../../config/secrets.ts';
import type { Notification } from './parse/notification.ts';
import { NotificationSocket } from './socket.ts';

interface Bench {
  readonly clock: ManualClock;
  readonly socket: NotificationSocket;
  readonly heard: Notification[];
  readonly asked: IncomingMessage[];
  readonly peers: WebSocket[];
  status: number;
  secret: Secret;
  renewals: number;
}

async function open(options: { random?: number; status?: number; renewed?: Secret } = {}): Promise<Bench> {
  const bench = {
    clock: new ManualClock(),
    heard: [] as Notification[],
    asked: [] as IncomingMessage[],
    peers: [] as WebSocket[],
    status: options.status ?? 101,
    secret: new Secret('a-token'),
    renewals: 0,
  };
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    autoPong: true,
    verifyClient: ({ req }: { req: IncomingMessage }, done: (ok: boolean, code?: number) => void) => {
      bench.asked.push(req);
      done(bench.status === 101, bench.status);
    },
  });
  server.on('connection', (peer) => bench.peers.push(peer));
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const socket = new NotificationSocket({
    url: { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, basePath: '/plex' },
    tls: {},
    clock: bench.clock,
    random: () => options.random ?? 0.5,
    secret: () => bench.secret,
    renewSecret: async () => {
      bench.renewals += 1;
      const renewed = options.renewed !== undefined;
      if (options.renewed !== undefined) bench.secret = options.renewed;
      return renewed;
    },
    onNotification: (notification) => bench.heard.push(notification),
    onChange: () => {},
  });
  onTestFinished(() => socket.stop());
  socket.start();
  return Object.assign(bench, { socket });
}

const connected = (bench: Bench) => () => bench.socket.state().connected;
const lost = (bench: Bench) => () => !bench.socket.state().connected;

test('the token goes in a header, never in the address', async () => {
  const bench = await open();
  await turnUntil(connected(bench));
  expect(bench.asked[0]?.headers['x-plex-token']).toBe('a-token');
  expect(bench.asked[0]?.url).toMatch(/^\/plex\/:\/websockets\/notifications\?filters=playing,/);
  expect(bench.asked[0]?.url).not.toContain('a-token');
});

test('messages are counted by their names, and those that cannot be read do no harm', async () => {
  const bench = await open();
  await turnUntil(connected(bench));
  const say = (type: string): string => JSON.stringify({ NotificationContainer: { type, size: 0 } });
  for (const text of [say('playing'), '{"half', say('playing'), say('brand.new')]) bench.peers[0]?.send(text);
  await turnUntil(() => bench.heard.length === 3);
  expect(bench.socket.state()).toEqual({
    connected: true,
    reconnects: 0,
    messages: { playing: 2, other: 2 },
    lastMessageAt: bench.clock.date(),
  });
});

test('a message that is too large ends the connection, and another is made', async () => {
  const bench = await open();
  await turnUntil(connected(bench));
  bench.peers[0]?.send('x'.repeat(2 * 1024 ** 2));
  await turnUntil(lost(bench));
  bench.clock.advance(1_000);
  await turnUntil(connected(bench));
  expect(bench.socket.state().reconnects).toBe(1);
});

test('a peer that is silent is given up after two pings, one that says something stays', async () => {
  const bench = await open();
  await turnUntil(connected(bench));
  for (let round = 1; round <= 4; round += 1) {
    bench.peers[0]?.send(JSON.stringify({ NotificationContainer: { type: 'playing', size: 0 } }));
    await turnUntil(() => bench.heard.length === round);
    bench.clock.advance(15_000);
  }
  expect(bench.socket.state().connected).toBe(true);
  bench.peers[0]?.pause();
  bench.clock.advance(15_000);
  await turnUntil(lost(bench));
});

describe('a connection that fails', () => {
  test('is tried again for ever, with waits that grow up to a minute', async () => {
    const bench = await open({ status: 503, random: 1 });
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      await turnUntil(() => bench.asked.length === attempt && bench.socket.resting);
      let wait = 0;
      for (; bench.socket.resting; wait += 1) bench.clock.advance(1_000);
      waits.push(wait);
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  test('because of the token reads it again once, and then rests for minutes', async () => {
    const bench = await open({ status: 401, random: 1 });
    await turnUntil(() => bench.renewals === 1 && bench.clock.pending === 1);
    bench.clock.advance(299_000);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(bench.asked).toHaveLength(1);
    bench.clock.advance(1_000);
    await turnUntil(() => bench.asked.length === 2 && bench.clock.pending === 1);
    expect(bench.renewals).toBe(1);
  });

  test('because of the token uses a new one soon', async () => {
    const bench = await open({ status: 401, renewed: new Secret('another-token') });
    await turnUntil(() => bench.renewals === 1 && bench.clock.pending === 1);
    bench.status = 101;
    bench.clock.advance(1_000);
    await turnUntil(connected(bench));
    expect(bench.asked[1]?.headers['x-plex-token']).toBe('another-token');
  });

  test('because of the token is tried at once when another token is in use meanwhile', async () => {
    const bench = await open({ status: 401 });
    await turnUntil(() => bench.renewals === 1 && bench.clock.pending === 1);
    bench.socket.welcome();
    expect(bench.clock.pending).toBe(1);
    bench.secret = new Secret('another-token');
    bench.status = 101;
    bench.socket.welcome();
    bench.clock.advance(1_000);
    await turnUntil(connected(bench));
  });
});

test('a token that a header cannot carry throws nothing, and is tried rarely', async () => {
  const clock = new ManualClock();
  const socket = new NotificationSocket({
    url: { origin: 'http://127.0.0.1:1', basePath: '' },
    tls: {},
    clock,
    random: () => 1,
    secret: () => new Secret('two\nlines'),
    renewSecret: async () => false,
    onNotification: () => {},
    onChange: () => {},
  });
  socket.start();
  expect(clock.pending).toBe(1);
  clock.advance(299_000);
  expect(socket.state().connected).toBe(false);
  socket.stop();
  expect(clock.pending).toBe(0);
});

test('a stop is its end', async () => {
  const bench = await open();
  await turnUntil(connected(bench));
  bench.socket.stop();
  await turnUntil(() => bench.peers[0]?.readyState === 3);
  expect(bench.clock.pending).toBe(0);
});

describe('the socket of a source', () => {
  test('that says nothing is given up, and the sessions are asked for at once', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    await bench.advance(5);
    const fault = plex.socketFaults.switchOn({ kind: 'half-open' });
    const before = bench.asked('/status/sessions');
    await bench.advance(32);
    expect(bench.asked('/status/sessions') - before).toBeGreaterThanOrEqual(1);
    fault.end();
    await bench.advance(90);
    expect(bench.sum('plex_websocket_connected')).toBe(1);
    expect(bench.sum('plex_websocket_reconnects_total')).toBeGreaterThanOrEqual(1);
  });

  test('tells whether the server can be reached from outside, until the socket is lost', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    await bench.advance(2);
    expect(bench.sum('plex_remote_access_reachable')).toBe(1);
    plex.notifications.notify('reachability', 'ReachabilityNotification', { reachability: false });
    await bench.advance(2);
    expect(bench.sum('plex_remote_access_reachable')).toBe(0);
    plex.notifications.drop();
    await bench.advance(2);
    expect(bench.sum('plex_remote_access_reachable')).toBe(1);
  });

  test('tells running activities before they are asked for', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    plex.background.scan('2', 20_000);
    await bench.advance(2);
    expect(bench.sum('plex_activities', { type: 'library.update.section' })).toBe(1);
    await bench.advance(25);
    expect(bench.sum('plex_activities', { type: 'library.update.section' })).toBe(0);
  });
});
