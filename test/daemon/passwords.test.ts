import { createRequire } from 'node:module';
import { afterEach, describe, expect, test } from 'vitest';
import { turnUntil } from '../support/until.ts';
import { type Answer, ask, type Bench, config, set, stopAll } from './bench.ts';

// A dependency of the exporter, not of the tests.
const { hashSync } = createRequire(new URL('../../packages/exporter/package.json', import.meta.url))('bcryptjs');

afterEach(stopAll);

const TOKEN = '0123456789abcdef0123456789abcdef';
const HASH: string = hashSync('right', 4);
const USERS = `basic_auth_users: { alice: "${HASH}" }\n`;

const basic = (name: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

async function start(webFile: string, web = ''): Promise<Bench> {
  const bench = set(config('one', `, config_file: /web.yml${web}`));
  bench.files.set('/web.yml', webFile);
  bench.files.set('/token', `${TOKEN}\n`);
  await bench.exporter.start();
  return bench;
}

const get = (bench: Bench, path: string, headers = {}): Promise<Answer> => ask(bench, path, 'GET', headers);

describe('where a web configuration file names users', () => {
  test('each path wants a password', async () => {
    const bench = await start(USERS);
    for (const path of ['/metrics', '/', '/health', '/-/healthy', '/-/ready', '/nothing']) {
      const refused = await get(bench, path);
      expect(refused.status, path).toBe(401);
      expect(refused.headers['www-authenticate']).toBe('Basic realm="media-exporter", charset="UTF-8"');
      expect(refused.body).not.toContain('one');
      const { status } = await get(bench, path, basic('alice', 'right'));
      expect(status === 401, path).toBe(false);
    }
    // Not even this machine may reload without one.
    expect((await ask(bench, '/-/reload', 'POST')).status).toBe(401);
    expect((await ask(bench, '/-/reload', 'POST', basic('alice', 'right'))).status).toBe(200);
  });

  test.each([
    ['a wrong password', basic('alice', 'wrong')],
    ['another name', basic('bob', 'right')],
    ['no password', basic('alice', '')],
    ['a name without a colon', { authorization: `Basic ${Buffer.from('alice').toString('base64')}` }],
    ['what is no base64', { authorization: 'Basic ???' }],
    ['another scheme', { authorization: 'Digest username="alice"' }],
    ['a token where none is configured', bearer(TOKEN)],
  ])('%s is refused', async (_, headers) => {
    const bench = await start(USERS);
    expect((await get(bench, '/metrics', headers)).status).toBe(401);
    expect(bench.lines.join('')).not.toContain('alice');
    await bench.clock.tick(500);
  });

  test('the name of the scheme has no case', async () => {
    const bench = await start(USERS);
    const [, credentials] = basic('alice', 'right').authorization?.split(' ') ?? [];
    expect((await get(bench, '/metrics', { authorization: `bAsIc ${credentials}` })).status).toBe(200);
  });

  test('the token does as well where one is configured', async () => {
    const bench = await start(USERS, ', auth: { token_file: /token }');
    for (const path of ['/metrics', '/-/healthy']) {
      expect((await get(bench, path, bearer(TOKEN))).status).toBe(200);
      expect((await get(bench, path, basic('alice', 'right'))).status).toBe(200);
    }
    const refused = await get(bench, '/metrics', bearer('0123456789abcdefX'));
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toMatch(/^Basic realm="media-exporter".*Bearer realm="media-exporter"/);
    expect((await get(bench, '/', basic('alice', 'right'))).body).toContain('href="/metrics?source=one"');
  });

  test('metrics that are open are so to them only', async () => {
    const bench = await start(USERS, ', auth: { metrics: none }');
    expect((await get(bench, '/metrics')).status).toBe(401);
    expect((await get(bench, '/metrics', basic('alice', 'right'))).status).toBe(200);
  });

  test('a page of another site cannot reload with the password that the browser knows', async () => {
    const bench = await start(USERS);
    const headers = { ...basic('alice', 'right'), 'sec-fetch-site': 'cross-site' };
    expect((await ask(bench, '/-/reload', 'POST', headers)).status).toBe(403);
  });

  test('they may change without a restart', async () => {
    const bench = await start(USERS);
    expect((await get(bench, '/metrics', basic('alice', 'right'))).status).toBe(200);
    bench.files.set('/web.yml', `# renewed\nbasic_auth_users: { alice: "${hashSync('other', 4)}" }\n`);
    await bench.clock.tick(5_000);
    await turnUntil(() => bench.lines.some((line) => line.includes('loaded again')));
    expect((await get(bench, '/metrics', basic('alice', 'right'))).status).toBe(401);
    await bench.clock.tick(500);
    expect((await get(bench, '/metrics', basic('alice', 'other'))).status).toBe(200);
    bench.files.set('/web.yml', '');
    expect(await bench.exporter.reload()).toEqual([]);
    expect((await get(bench, '/metrics')).status).toBe(200);
  });

  test('a change that is wrong is told with its place, and the old ones stay', async () => {
    const bench = await start(USERS);
    bench.files.set('/web.yml', 'basic_auth_users:\n  alice: right\n');
    expect(await bench.exporter.reload()).toMatchObject([
      { code: 'MX_WEB_PASSWORD', place: { file: '/web.yml', line: 2, column: 10 } },
    ]);
    expect(bench.lines.join('')).toContain(
      'the configuration was refused, the old one stays: /web.yml:2:10: MX_WEB_PASSW',
    );
    expect((await get(bench, '/metrics')).status).toBe(401);
    expect((await get(bench, '/metrics', basic('alice', 'right'))).status).toBe(200);
  });

  test('no hash comes into the log', async () => {
    const bench = await start(USERS);
    expect(bench.exporter.secrets).toContain(HASH);
    expect(bench.lines.join('')).not.toContain(HASH);
  });
});

describe('a web configuration file', () => {
  test('says who may come where other machines can reach the exporter', async () => {
    const open = async (webFile: string): Promise<string[]> => {
      const bench = set(config('one', ', config_file: /web.yml').replace('127.0.0.1:0', ':0'));
      bench.files.set('/web.yml', webFile);
      return bench.exporter.start().then(
        () => [],
        (error: { problems: { code: string }[] }) => error.problems.map(({ code }) => code),
      );
    };
    expect(await open(USERS)).toEqual([]);
    expect(await open('http_server_config: { http2: false }')).toEqual(['MX_CONFIG_ACCESS']);
    expect(await open('basic_auth_users: { alice: x }')).toEqual(['MX_WEB_PASSWORD']);
  });

  test('adds headers to each answer, also to the page and where it refuses', async () => {
    const headers =
      'http_server_config: { headers: { X-Frame-Options: sameorigin, Strict-Transport-Security: max-age=1 } }';
    const bench = await start(`${USERS}${headers}`);
    for (const answer of [await get(bench, '/'), await get(bench, '/', basic('alice', 'right'))]) {
      expect(answer.headers).toMatchObject({
        'x-frame-options': 'sameorigin',
        'strict-transport-security': 'max-age=1',
      });
    }
    expect((await get(bench, '/metrics', basic('alice', 'right'))).headers['strict-transport-security']).toBe(
      'max-age=1',
    );
  });

  test('limits how often it is asked', async () => {
    const bench = await start('rate_limit: { interval: 1s, burst: 2 }');
    const statuses = async (): Promise<number[]> => {
      const answers = [await get(bench, '/metrics'), await get(bench, '/health'), await get(bench, '/health')];
      return answers.map(({ status }) => status);
    };
    expect(await statuses()).toEqual([200, 200, 429]);
    bench.clock.advance(1_000);
    expect(await statuses()).toEqual([200, 429, 429]);
  });
});
