import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../config/secrets.ts';
import { parseSourceUrl, type SourceUrl } from '../../config/url.ts';
import { answering, connect, speaking, whole } from './client.testing.ts';
import type { Parse, Parsed } from './http.ts';

test('the body is parsed, and the request reported', async () => {
  const { client, reports } = connect(await answering((_, response) => response.end('hello')));
  expect(await client.get('/stats', whole)).toBe('hello');
  expect(reports).toEqual([{ endpoint: '/stats', outcome: 'success', seconds: 0, status: 200, bytes: 5 }]);
});

test('the secret is sent as a bearer token, to the path that was asked for', async () => {
  const seen: unknown[] = [];
  const url = await answering((request, response) => {
    seen.push([request.url, request.headers.authorization]);
    response.end();
  });
  const { client } = connect(`${url}/`, { secret: new Secret('s3cret') });
  await client.get('/stats', whole);
  expect(seen).toEqual([['/stats', 'Bearer s3cret']]);
});

test('a Unix socket is asked as a port is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'media-exporter-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const server = createServer((_, response) => response.end('from a socket'));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
  const { client } = connect(`unix:${join(folder, 's')}`);
  expect(await client.get('/stats', whole)).toBe('from a socket');
});

describe('what goes wrong has its code and its outcome:', () => {
  const faults: Record<string, [code: string, outcome: string, serve: () => Promise<string>]> = {
    'nobody listens': ['MX_UPSTREAM_CONNECT', 'connect', async () => 'http://127.0.0.1:1'],
    'there is no socket': ['MX_UPSTREAM_CONNECT', 'connect', async () => 'unix:/nowhere/sfu.sock'],
    'the secret is refused': [
      'MX_UPSTREAM_UNAUTHORIZED',
      'unauthorized',
      () => answering((_, r) => r.writeHead(401).end()),
    ],
    'the server redirects': [
      'MX_UPSTREAM_REDIRECT',
      'status',
      () => answering((_, r) => r.writeHead(302, { location: '/' }).end()),
    ],
    'the server does not know the path': [
      'MX_UPSTREAM_NOT_FOUND',
      'status',
      () => answering((_, r) => r.writeHead(404).end()),
    ],
    'the server is asked too often': ['MX_UPSTREAM_BUSY', 'status', () => answering((_, r) => r.writeHead(429).end())],
    'the secret is that of another': [
      'MX_UPSTREAM_FORBIDDEN',
      'forbidden',
      () => answering((_, r) => r.writeHead(403).end()),
    ],
    'the server is starting': ['MX_UPSTREAM_STARTING', 'status', () => answering((_, r) => r.writeHead(503).end())],
    'the server has an error': ['MX_UPSTREAM_STATUS', 'status', () => answering((_, r) => r.writeHead(500).end('x'))],
    'the body is longer than allowed': [
      'MX_UPSTREAM_TOO_LARGE',
      'too_large',
      () => answering((_, r) => r.end(Buffer.alloc(1_001))),
    ],
    'the body has no end': [
      'MX_UPSTREAM_TOO_LARGE',
      'too_large',
      () =>
        answering((_, response) => {
          const more = (): void => {
            if (!response.destroyed) response.write(Buffer.alloc(300), more);
          };
          more();
        }),
    ],
    'the connection breaks in the middle': [
      'MX_UPSTREAM_CONNECT',
      'connect',
      () => answering((_, r) => r.writeHead(200, { 'content-length': 100 }).write('half', () => r.destroy())),
    ],
    'the answer is not HTTP': [
      'MX_UPSTREAM_ANSWER',
      'invalid',
      () => speaking((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
    ],
  };
  test.each(Object.entries(faults))('%s', async (_, [code, outcome, serve]) => {
    const { client, reports } = connect(await serve());
    await expect(client.get('/stats', whole)).rejects.toMatchObject({ code });
    expect(reports.map((report) => report.outcome)).toEqual([outcome]);
  });

  test('the parser refuses the body', async () => {
    const { client, reports } = connect(await answering((_, response) => response.end('<html>')));
    const refuse = (): Parsed<string> => ({ ok: false, problem: 'answered HTML' });
    await expect(client.get('/stats', refuse)).rejects.toMatchObject({ code: 'MX_UPSTREAM_ANSWER' });
    expect(reports[0]?.outcome).toBe('invalid');
  });

  test.each(['after the request', 'after half of the body'])('the server falls silent %s', async (when) => {
    const clock = new ManualClock();
    const asked = Promise.withResolvers<void>();
    const url = await answering((_, response) => {
      if (when === 'after half of the body') response.writeHead(200, { 'content-length': 100 }).write('half');
      asked.resolve();
    });
    const { client, reports } = connect(url, { clock });
    const answer = client.get('/stats', whole);
    answer.catch(() => {});
    await asked.promise;
    clock.advance(4_999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(reports).toEqual([]);
    clock.advance(1);
    await expect(answer).rejects.toMatchObject({ code: 'MX_UPSTREAM_TIMEOUT' });
    expect(reports).toMatchObject([{ outcome: 'timeout', seconds: 5 }]);
    expect(clock.pending).toBe(0);
  });
});

test('a redirect is not followed: the secret goes nowhere else', async () => {
  let asked = 0;
  const other = await answering((_, response) => {
    asked += 1;
    response.end();
  });
  const { client } = connect(await answering((_, r) => r.writeHead(302, { location: `${other}/stats` }).end()), {
    secret: new Secret('s3cret'),
  });
  await expect(client.get('/stats', whole)).rejects.toMatchObject({ code: 'MX_UPSTREAM_REDIRECT' });
  expect(asked).toBe(0);
});

test.each([
  ['/jellyfin/web/', '/jellyfin'],
  ['http://media.example/jf-1/web/index.html', '/jf-1'],
])('a redirect to the page of the server, %s, tells which path the URL lacks', async (location, path) => {
  const { client } = connect(await answering((_, r) => r.writeHead(302, { location }).end()));
  await expect(client.get('/stats', whole)).rejects.toThrow(`the URL seems to lack the path ${path}`);
});

test.each(['/login?next=/web', '//evil.example/web', '/a"b/web', `/${'x'.repeat(100)}/web`])(
  'a redirect to %s tells nothing, and is not quoted',
  async (location) => {
    const { client } = connect(await answering((_, r) => r.writeHead(302, { location }).end()));
    await expect(client.get('/stats', whole)).rejects.toMatchObject({ problems: [{ detail: '/stats: answered 302' }] });
  },
);

test('a connection that fails is told in words, with the code of the system', async () => {
  const said = (url: string): Promise<unknown> => connect(url).client.get('/stats', whole);
  await expect(said('http://127.0.0.1:1')).rejects.toThrow('nothing listens there, the connection was refused (ECONN');
  await expect(said('unix:/nowhere/sfu.sock')).rejects.toThrow('there is no such socket (ENOENT)');
  await expect(said(await answering((r) => r.socket.destroy()))).rejects.toThrow(
    'the server broke the connection (UND',
  );
});

test('what the server sent does not get into the error', async () => {
  const { client } = connect(await answering((_, r) => r.writeHead(418, 'leak-a').end('leak-b')));
  await expect(client.get('/stats', whole)).rejects.not.toThrow(/leak/);
});

test('requests that hang keep no other waiting where there are connections enough', async () => {
  let hanging = 0;
  const url = await answering(({ url: path }, response) => {
    if (path === '/health') response.end('1');
    else hanging += 1;
  });
  const { client } = connect(url, { connections: 13 });
  const stuck = Array.from({ length: 12 }, (_, index) => client.get(`/${index}`, whole));
  const ended = Promise.allSettled(stuck);
  while (hanging < stuck.length) await new Promise((resolve) => setImmediate(resolve));
  expect(await client.get('/health', whole)).toBe('1');
  await client.close();
  await ended;
});

test('a server that fails again and again is left alone for some seconds, and then asked again', async () => {
  const clock = new ManualClock();
  let healthy = false;
  const url = await answering((_, r) => (healthy ? r.end('ok') : r.writeHead(500).end()));
  const { client, reports } = connect(url, { clock });
  const ask = (): Promise<string> => client.get('/stats', whole).catch((error: { code: string }) => error.code);
  for (let i = 0; i < 5; i += 1) expect(await ask()).toBe('MX_UPSTREAM_STATUS');
  expect(await ask()).toBe('MX_UPSTREAM_PAUSED');
  expect(reports).toHaveLength(5);
  clock.advance(60_000);
  expect(await ask()).toBe('MX_UPSTREAM_STATUS');
  expect(await ask()).toBe('MX_UPSTREAM_PAUSED');
  healthy = true;
  // The longest pause there is.
  clock.advance(10_000);
  expect(await ask()).toBe('ok');
  expect(await ask()).toBe('ok');
});

test.each([401, 403, 404])('a server that refuses with %i is asked again each time: it lives', async (status) => {
  const { client, reports } = connect(await answering((_, r) => r.writeHead(status).end()));
  for (let i = 0; i < 8; i += 1) await expect(client.get('/stats', whole)).rejects.toMatchObject({ status });
  expect(reports).toHaveLength(8);
});

test('a request is sent as it is written, below the path of the URL', async () => {
  const paths: unknown[] = [];
  const url = await answering((request, response) => {
    paths.push(request.url);
    response.end();
  });
  const { client, reports } = connect(url, { url: parseSourceUrl(`${url}/plex/`, { path: 'allowed' }) as SourceUrl });
  await client.get({ endpoint: '/statistics/bandwidth', path: '/statistics/bandwidth?at>=5&x=a%20b' }, whole);
  expect(paths).toEqual(['/plex/statistics/bandwidth?at>=5&x=a%20b']);
  expect(reports[0]?.endpoint).toBe('/statistics/bandwidth');
});

test('headers come from the client and from the request, and the parser reads those of the answer', async () => {
  const seen: unknown[] = [];
  const url = await answering(({ headers }, response) => {
    seen.push([headers['x-product'], headers['x-size'], headers['x-token'], headers.authorization]);
    response.writeHead(200, { 'X-Total': '7', 'set-cookie': ['a', 'b'] }).end('body');
  });
  const { client } = connect(url, {
    secret: new Secret('s3cret'),
    headers: { 'x-product': 'media-exporter' },
    authorize: (secret) => ({ 'x-token': secret }),
  });
  const read: Parse<string | undefined> = (_, headers) => ({ ok: true, value: headers['x-total'] });
  expect(await client.get({ endpoint: '/all', headers: { 'x-size': '0' } }, read)).toBe('7');
  expect(seen).toEqual([['media-exporter', '0', 's3cret', undefined]]);
});

test('a request may have a deadline of its own', async () => {
  const clock = new ManualClock();
  const asked = Promise.withResolvers<void>();
  const { client } = connect(await answering(() => asked.resolve()), { clock });
  const answer = client.get({ endpoint: '/slow', timeout: 30 }, whole);
  answer.catch(() => {});
  await asked.promise;
  clock.advance(29_999);
  expect(clock.pending).toBe(1);
  clock.advance(1);
  await expect(answer).rejects.toThrow('no whole answer within 30s');
});

describe('a secret that is refused', () => {
  const guarded = (right: () => string): Promise<string> =>
    answering((request, response) =>
      response.writeHead(request.headers.authorization === `Bearer ${right()}` ? 200 : 401).end('ok'),
    );

  test('is read again, and the request sent once more with the new one, which stays', async () => {
    let reads = 0;
    const { client, reports } = connect(await guarded(() => 'new'), {
      secret: new Secret('old'),
      renewSecret: async () => {
        reads += 1;
        return new Secret('new');
      },
    });
    expect(await client.get('/stats', whole)).toBe('ok');
    expect(await client.get('/stats', whole)).toBe('ok');
    expect(reports.map((report) => report.outcome)).toEqual(['unauthorized', 'success', 'success']);
    expect(reads).toBe(1);
    expect(client.secret?.equals('new')).toBe(true);
  });

  test('is read once for requests that were refused together', async () => {
    let reads = 0;
    const { client } = connect(await guarded(() => 'new'), {
      secret: new Secret('old'),
      renewSecret: async () => {
        reads += 1;
        return new Secret('new');
      },
    });
    expect(await Promise.all([client.get('/a', whole), client.get('/b', whole)])).toEqual(['ok', 'ok']);
    expect(reads).toBe(1);
  });

  test.each([
    ['is the same still', async () => new Secret('old')],
    ['is gone', async () => undefined],
    ['cannot be read', () => Promise.reject(new Error('gone'))],
  ])('is not tried again when the new one %s', async (_, renewSecret) => {
    const { client, reports } = connect(await guarded(() => 'new'), { secret: new Secret('old'), renewSecret });
    await expect(client.get('/stats', whole)).rejects.toMatchObject({ code: 'MX_UPSTREAM_UNAUTHORIZED' });
    expect(reports).toHaveLength(1);
  });

  test('is not asked for a third time', async () => {
    const { client, reports } = connect(await guarded(() => 'other'), {
      secret: new Secret('old'),
      renewSecret: async () => new Secret('new'),
    });
    await expect(client.get('/stats', whole)).rejects.toMatchObject({ status: 401 });
    expect(reports).toHaveLength(2);
  });
});
