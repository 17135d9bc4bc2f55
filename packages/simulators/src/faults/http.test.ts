import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../random.ts';
import { HttpFaults } from './http.ts';

const ANSWER = { MediaContainer: { size: 2, live: true, title: 'x', Metadata: [{ key: '1' }, { key: '2' }] } };

let clock: ManualClock;
let faults: HttpFaults;
let server: Server;

beforeEach(async () => {
  clock = new ManualClock();
  faults = new HttpFaults(clock, seededRandom(1));
  server = createServer((request, response) => {
    const body = JSON.stringify(ANSWER);
    faults.respond(request.url ?? '', response, () => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body,
    }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function get(path = '/a', init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { redirect: 'manual', ...init });
}

async function text(path?: string): Promise<string> {
  return (await get(path)).text();
}

test('without a fault the answer is what it is', async () => {
  expect(JSON.parse(await text())).toEqual(ANSWER);
});

describe('a switch', () => {
  test('holds until it is switched off, and counts what it hits', async () => {
    const fault = faults.switchOn({ kind: 'status', status: 503 });
    expect([(await get()).status, (await get('/b')).status, fault.hits, fault.active]).toEqual([503, 503, 2, true]);
    fault.end();
    expect([(await get()).status, fault.hits, fault.active]).toEqual([200, 2, false]);
  });

  test('can be for so many requests, and for one endpoint or some', async () => {
    const once = faults.switchOn({ kind: 'status', status: 500 }, { endpoint: '/a', requests: 1 });
    faults.switchOn({ kind: 'status', status: 403 }, { endpoint: /^\/b/ });
    const statuses = [];
    for (const path of ['/b/1', '/a', '/a', '/b/2']) statuses.push((await get(path)).status);
    expect([statuses, once.active]).toEqual([[403, 500, 200, 403], false]);
  });

  test('of two, the later strikes', async () => {
    faults.switchOn({ kind: 'status', status: 500 });
    const later = faults.switchOn({ kind: 'status', status: 401 });
    expect((await get()).status).toBe(401);
    later.end();
    expect((await get()).status).toBe(500);
    faults.clear();
    expect((await get()).status).toBe(200);
  });
});

test.each([401, 403, 404, 429, 500, 502, 503] as const)('the status %i comes with a page', async (status) => {
  faults.switchOn({ kind: 'status', status, retryAfter: 30 });
  const response = await get();
  expect([response.status, response.headers.get('content-type'), response.headers.get('retry-after')]).toEqual([
    status,
    'text/html',
    '30',
  ]);
  expect(await response.text()).toContain(`<h1>${status} `);
});

test('HTML comes with the status of success', async () => {
  faults.switchOn({ kind: 'html' });
  const response = await get();
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
});

test('truncated JSON ends like a whole answer', async () => {
  faults.switchOn({ kind: 'truncated' });
  const body = await text();
  expect(JSON.stringify(ANSWER).startsWith(body)).toBe(true);
  expect(() => JSON.parse(body)).toThrow(SyntaxError);
});

test('a broken-off answer ends in the middle of its body', async () => {
  faults.switchOn({ kind: 'broken-off' });
  const response = await get();
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
});

test('an oversized answer is streamed JSON of that size', async () => {
  faults.switchOn({ kind: 'oversized', mebibytes: 3 });
  const response = await get();
  expect(response.headers.get('content-length')).toBeNull();
  const body = await response.text();
  expect(body.length).toBeGreaterThan(3 * 1024 * 1024);
  expect(JSON.parse(body).MediaContainer.size).toBe(1);
});

test('an oversized answer ends when the client goes', async () => {
  faults.switchOn({ kind: 'oversized', mebibytes: 4096 });
  const abort = new AbortController();
  const response = await get('/a', { signal: abort.signal });
  await response.body?.getReader().read();
  abort.abort();
  faults.clear();
  expect((await get()).status).toBe(200);
});

test('wrong types change leaves, containers or nothing but nulls', async () => {
  const twisted = async (twist: 'leaves' | 'containers' | 'nulls'): Promise<unknown> => {
    faults.switchOn({ kind: 'wrong-types', twist }, { requests: 1 });
    return JSON.parse(await text()).MediaContainer;
  };
  const leaf = (value: string): object => ({ key: { text: value } });
  expect(await twisted('leaves')).toEqual({
    size: '2 or so',
    live: [true],
    title: { text: 'x' },
    Metadata: [leaf('1'), leaf('2')],
  });
  expect(await twisted('containers')).toEqual({ size: 2, live: true, title: 'x', Metadata: { 0: ['1'], 1: ['2'] } });
  expect(await twisted('nulls')).toEqual({
    size: null,
    live: null,
    title: null,
    Metadata: [{ key: null }, { key: null }],
  });
});

test('shuffled lists have the same elements', async () => {
  faults.switchOn({ kind: 'shuffled' });
  const orders = new Set<string>();
  for (let round = 0; round < 20; round += 1) {
    const { MediaContainer } = JSON.parse(await text());
    expect(
      MediaContainer.Metadata.toSorted((a: { key: string }, b: { key: string }) => a.key.localeCompare(b.key)),
    ).toEqual(ANSWER.MediaContainer.Metadata);
    orders.add(JSON.stringify(MediaContainer.Metadata));
  }
  expect(orders.size).toBe(2);
});

test('a slow answer comes when its time has come', async () => {
  const fault = faults.switchOn({ kind: 'slow', ms: 5000 });
  let answered = false;
  const waiting = get().then((response) => {
    answered = true;
    return response.status;
  });
  while (fault.hits === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(4999);
  expect(answered).toBe(false);
  expect(clock.pending).toBe(1);
  clock.advance(1);
  expect(await waiting).toBe(200);
});

test('an answer that never comes waits until the client gives up', async () => {
  const fault = faults.switchOn({ kind: 'slow' });
  const abort = new AbortController();
  const waiting = get('/a', { signal: abort.signal });
  while (fault.hits === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(86_400_000);
  expect(clock.pending).toBe(0);
  abort.abort();
  await expect(waiting).rejects.toThrow();
});

test('a reset has no answer', async () => {
  faults.switchOn({ kind: 'reset' });
  await expect(get()).rejects.toThrow();
});

test('a redirect leads elsewhere', async () => {
  faults.switchOn({ kind: 'redirect', to: 'http://192.0.2.1/login' });
  const response = await get();
  expect([response.status, response.headers.get('location')]).toEqual([302, 'http://192.0.2.1/login']);
});
