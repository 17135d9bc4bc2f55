import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, parseText } from '@media-exporter/metrics/testing';
import { SimulatedSfu } from '@media-exporter/simulators/mediasoup';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ObserveOptions, observe, parseState, type SfuObserver } from '../index.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const PATHS = ['/', '/metrics', '/health', '/rooms', '/peers', '/stats', '/nothing'];

let folder: string;
let clock: ManualClock;
let sfu: SimulatedSfu;
const observers: SfuObserver[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sfu-'));
  clock = new ManualClock();
  sfu = new SimulatedSfu({ clock, shape: '3.27', rooms: 2, peersPerRoom: 2 });
});

afterEach(async () => {
  for (const observer of observers.splice(0)) await observer.close();
  rmSync(folder, { recursive: true, force: true });
});

function watch(options: ObserveOptions = {}): SfuObserver {
  const observer = observe(sfu.mediasoup, { clock, listen: '127.0.0.1', port: 0, ...options });
  observers.push(observer);
  sfu.start();
  sfu.advance(2_000);
  return observer;
}

function ask(
  address: string,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const where = address.startsWith('/')
    ? { socketPath: address }
    : { host: '127.0.0.1', port: Number(address.split(':').at(-1)) };
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, path, agent: false, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the server', () => {
  test('serves metrics, the state, rooms, peers and its health', async () => {
    const { address } = await watch({ sets: ['default', 'seed'] }).serve();
    const metrics = await ask(address, '/metrics');
    expect(metrics.status).toBe(200);
    expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(parseText(metrics.body).map(({ name }) => name)).toContain('Ejtimaa_rooms');

    const stats = await ask(address, '/stats');
    expect(stats.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(parseState(JSON.parse(stats.body))).toMatchObject({ ok: true, state: { rooms: 2, peers: 4 } });

    const rooms = JSON.parse((await ask(address, '/rooms')).body);
    expect(rooms).toMatchObject({ version: 1, count: 2, rooms: [{ id: 'room-1', peers: 2 }, { id: 'room-2' }] });
    const peers = JSON.parse((await ask(address, '/peers')).body);
    expect(peers).toMatchObject({ version: 1, count: 4 });
    expect(peers.peers).toHaveLength(4);

    const health = await ask(address, '/health');
    expect(health.status).toBe(200);
    expect(JSON.parse(health.body)).toEqual({ status: 'ok', workers: 1, stuck: 0, lastPollAgeSeconds: 0 });
  });

  test('gives no detail that the options do not allow', async () => {
    const { address } = await watch().serve();
    expect(JSON.parse((await ask(address, '/rooms')).body)).toEqual({ version: 1, count: 2 });
    expect(JSON.parse((await ask(address, '/peers')).body)).toEqual({ version: 1, count: 4 });
    const { body } = await ask(address, '/stats');
    expect(body).not.toContain('room-1');
    expect(JSON.parse(body).detail).toEqual({});
  });

  test('sends the whole state in pieces that make one JSON text', async () => {
    const { address } = await watch({ detail: { rooms: true, streams: true } }).serve();
    for (let i = 0; i < 60; i++) sfu.rooms.get('room-1')?.addPeer(`extra-${i}`);
    const parsed = JSON.parse((await ask(address, '/stats')).body);
    expect(parsed.detail.peers).toHaveLength(64);
    expect(parsed.detail.rooms).toHaveLength(2);
  });

  test('is unhealthy when no worker answers, or none is left', async () => {
    const observer = watch({ deadline: 1, period: 0 });
    const { address } = await observer.serve();
    for (const worker of sfu.workers) worker.stall();
    const poll = observer.poll();
    await clock.tick(1_000);
    await clock.tick(200);
    await poll;
    const stuck = await ask(address, '/health');
    expect([stuck.status, JSON.parse(stuck.body).status]).toEqual([503, 'unhealthy']);
    for (const worker of sfu.workers) worker.kill();
    expect((await ask(address, '/health')).status).toBe(503);
  });

  test('knows no other path, and only reads', async () => {
    const { address } = await watch().serve();
    const missing = await ask(address, '/terminal');
    expect(missing.status).toBe(404);
    expect(missing.body).toContain('/metrics');
    expect((await ask(address, '/__proto__')).status).toBe(404);
    const posted = await ask(address, '/stats', { method: 'POST' });
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD']);
    for (const path of PATHS) expect((await ask(address, path, { method: 'HEAD' })).body).toBe('');
  });

  test('serves what events tell when the first poll takes longer than the scrape may', async () => {
    const observer = watch({ deadline: 60 });
    const { address } = await observer.serve();
    for (const worker of sfu.workers) worker.stall();
    const headers = { 'x-prometheus-scrape-timeout-seconds': '2' };
    const answer = ask(address, '/metrics', { headers });
    // The deadline is the server's own, by a clock that stands still: turn it until the answer is there.
    let text: string | undefined;
    void answer.then(({ body }) => {
      text = body;
    });
    while (text === undefined) await clock.tick(500);
    expect(text).toContain('\nmediasoup_workers 1\n');
    expect(text).not.toContain('\nmediasoup_up ');
  });

  test('ignores a query', async () => {
    const { address } = await watch().serve();
    expect((await ask(address, '/health?verbose=1')).status).toBe(200);
  });
});

describe('a secret', () => {
  const options = { secret: 'S3cret-of.the_SFU' };

  test('guards every path', async () => {
    const { address } = await watch(options).serve();
    for (const path of PATHS) {
      const { status, headers, body } = await ask(address, path);
      expect([path, status, headers['www-authenticate']]).toEqual([path, 401, 'Bearer realm="mediasoup"']);
      expect(body).not.toContain('S3cret');
    }
  });

  test('opens as a bearer token, whatever the case of the scheme', async () => {
    const { address } = await watch(options).serve();
    for (const scheme of ['Bearer', 'bearer']) {
      const headers = { authorization: `${scheme} ${options.secret}` };
      expect((await ask(address, '/metrics', { headers })).status).toBe(200);
    }
  });

  test.each([
    ['Bearer wrong', 401, 'Bearer realm="mediasoup", error="invalid_token"'],
    ['Bearer S3cret-of.the_SFUx', 401, 'Bearer realm="mediasoup", error="invalid_token"'],
    ['Basic c2VjcmV0', 400, 'Bearer realm="mediasoup", error="invalid_request"'],
    ['Bearer', 400, 'Bearer realm="mediasoup", error="invalid_request"'],
    ['S3cret-of.the_SFU', 400, 'Bearer realm="mediasoup", error="invalid_request"'],
  ])('is not "%s"', async (authorization, status, challenge) => {
    const { address } = await watch(options).serve();
    const answer = await ask(address, '/stats', { headers: { authorization } });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([status, challenge]);
  });
});

describe('a Unix socket', () => {
  const path = (): string => join(folder, 'sfu.sock');

  test('is open to its owner only, and is gone when the server closes', async () => {
    const server = await watch().serve({ socket: path() });
    expect(server.address).toBe(path());
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect((await ask(path(), '/health')).status).toBe(200);
    await server.close();
    expect(() => statSync(path())).toThrow();
  });

  test('that a dead process left behind is replaced', async () => {
    await leaveStaleSocket(path());
    expect(statSync(path()).isSocket()).toBe(true);
    await watch().serve({ socket: path() });
    expect((await ask(path(), '/health')).status).toBe(200);
  });

  test('on which somebody answers is left alone', async () => {
    const observer = watch();
    await observer.serve({ socket: path() });
    await expect(observer.serve({ socket: path() })).rejects.toMatchObject({ code: 'MX_SFU_SOCKET_IN_USE' });
    expect((await ask(path(), '/health')).status).toBe(200);
  });

  test('never takes the place of a file', async () => {
    writeFileSync(path(), 'precious');
    await expect(watch().serve({ socket: path() })).rejects.toMatchObject({ code: 'MX_SFU_SOCKET_IN_USE' });
  });
});

describe('listening', () => {
  test('on a port that is taken fails with a code', async () => {
    const observer = watch();
    const { address } = await observer.serve();
    const port = Number(address.split(':').at(-1));
    await expect(observer.serve({ port })).rejects.toMatchObject({ code: 'MX_SFU_LISTEN' });
  });

  test('is possible in two places at a time, and ends with the observer', async () => {
    const observer = watch();
    const [port, socket] = [await observer.serve(), await observer.serve({ socket: join(folder, 's') })];
    for (const { address } of [port, socket]) expect((await ask(address, '/health')).status).toBe(200);
    await observer.close();
    for (const { address } of [port, socket]) await expect(ask(address, '/health')).rejects.toThrow();
    await expect(observer.serve()).rejects.toMatchObject({ code: 'MX_SFU_CLOSED' });
  });
});

/** A socket file that nobody listens on: Node takes its own away, so the file is linked elsewhere before. */
async function leaveStaleSocket(path: string): Promise<void> {
  const { linkSync } = await import('node:fs');
  const first = `${path}.first`;
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(first, resolve));
  linkSync(first, path);
  await new Promise((resolve) => server.close(resolve));
}
