import type { ServerResponse } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { until } from '../../../../../test/support/until.ts';
import { answering, connect, open, speaking, whole } from './client.testing.ts';
import { UndeliveredError } from './request-error.ts';

/** Until a connection that was just used is free for the next request. */
const rest = (): Promise<void> => new Promise(setImmediate);

test('a kept connection that the server closed costs a second try, not a failure', async () => {
  let requests = 0;
  const url = await speaking((socket) => {
    requests += 1;
    // The second request on a connection meets a server that has just gone.
    if (requests === 2) socket.resetAndDestroy();
    else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const { client, reports } = connect(url);
  expect(await client.get('/stats', whole)).toBe('ok');
  await rest();
  expect(await client.get('/stats', whole)).toBe('ok');
  expect(reports.map((report) => report.outcome)).toEqual(['success', 'connect', 'success']);
});

test('a kept connection that breaks each time is no excuse to ask twice', async () => {
  let arrived = 0;
  let breaks = false;
  const url = await answering(({ url: path }, response) => {
    if (path === '/work') arrived += 1;
    if (breaks && path === '/work') response.socket?.destroy();
    else response.end('1');
  });
  const { client } = connect(url);
  const ask = (path: string): Promise<unknown> => client.get(path, whole).catch(() => undefined);
  await ask('/work');
  breaks = true;
  for (let round = 0; round < 3; round += 1) {
    await ask('/health');
    await ask('/work');
  }
  // The first time it may have been closed by the server before the request came.
  expect(arrived).toBe(1 + 2 + 1 + 1);
});

test('a connection that was made for the request is not tried again when it breaks', async () => {
  let arrived = 0;
  const url = await answering((_, response) => {
    arrived += 1;
    response.setHeader('connection', 'close');
    if (arrived % 2 === 0) response.socket?.destroy();
    else response.end('1');
  });
  const { client } = connect(url);
  for (let round = 0; round < 6; round += 1) {
    await client.get('/work', whole).catch(() => undefined);
    await rest();
  }
  expect(arrived).toBe(6);
});

test('a kept connection is tried again although another was made meanwhile', async () => {
  const held: ServerResponse[] = [];
  let holds = false;
  const url = await answering(({ url: path }, response) => {
    if (path === '/work' && holds) held.push(response);
    else response.end('1');
  });
  const { client } = connect(url);
  await client.get('/work', whole);
  await rest();
  holds = true;
  const work = client.get('/work', whole);
  await until(() => (held.length === 1 ? true : undefined), { what: 'the request' });
  await client.get('/health', whole);
  holds = false;
  held[0]?.socket?.end();
  expect(await work).toBe('1');
});

describe('whether a request that failed was surely not delivered', () => {
  const failure = (url: string): Promise<unknown> =>
    connect(url)
      .client.get('/work', whole)
      .catch((error: unknown) => error);

  test('is known when there was no connection', async () => {
    expect(await failure('http://127.0.0.1:1')).toBeInstanceOf(UndeliveredError);
    expect(await failure('unix:/nowhere/sfu.sock')).toBeInstanceOf(UndeliveredError);
  });

  test('is not known when the connection broke, before the answer or within it', async () => {
    const before = await speaking((socket) => socket.resetAndDestroy());
    expect(await failure(before)).toMatchObject({ code: 'MX_UPSTREAM_CONNECT' });
    expect(await failure(before)).not.toBeInstanceOf(UndeliveredError);
    const within = await speaking((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok'));
    expect(await failure(within)).toMatchObject({ code: 'MX_UPSTREAM_CONNECT' });
    expect(await failure(within)).not.toBeInstanceOf(UndeliveredError);
  });

  test('is not known when the second try alone was refused', async () => {
    let arrived = 0;
    const server = createSocketServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', () => {
          arrived += 1;
          if (arrived === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
          else server.close(() => {}) && socket.destroy();
        });
    });
    const { client, reports } = connect(await open(server));
    await client.get('/work', whole);
    await rest();
    const error = await client.get('/work', whole).catch((problem: unknown) => problem);
    expect(reports.map(({ outcome }) => outcome)).toEqual(['success', 'connect', 'connect']);
    expect(error).toMatchObject({ code: 'MX_UPSTREAM_CONNECT' });
    expect(error).not.toBeInstanceOf(UndeliveredError);
  });
});
