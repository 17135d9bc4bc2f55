import { afterEach, describe, expect, test } from 'vitest';
import { turnUntil } from '../support/until.ts';
import { ask, type Bench, config, set, stopAll } from './bench.ts';

afterEach(stopAll);

describe('the other paths', () => {
  test('answer what they are asked', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    expect(await ask(bench, '/health')).toMatchObject({ status: 200, body: '{"status":"ok"}\n' });
    expect((await ask(bench, '/-/healthy')).status).toBe(200);
    const landing = await ask(bench, '/');
    expect(landing.status).toBe(200);
    expect(landing.headers['content-security-policy']).toContain("default-src 'none'");
    expect(landing.body).toContain('href="/metrics?source=one"');
    const head = await ask(bench, '/metrics', 'HEAD');
    expect(head).toMatchObject({ status: 200, body: '' });
  });

  test('are 404 with a hint where there is nothing, and 405 with what is allowed', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    for (const path of ['/nothing', '//metrics', '/metrics/', '/constructor', '/__proto__', '/%2e%2e/etc']) {
      const answer = await ask(bench, path);
      expect(answer.status, path).toBe(404);
      expect(answer.body).toContain('/metrics');
    }
    expect(await ask(bench, '/metrics', 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(await ask(bench, '/-/reload')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect((await ask(bench, '*', 'OPTIONS')).status).toBe(400);
  });

  test('are the same in the absolute form that proxies use', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    expect((await ask(bench, 'http://other.example:80/metrics?source=one')).status).toBe(200);
  });

  test('tell that it is not ready before the first collection, nor while it stops', async () => {
    const gate = Promise.withResolvers<number>();
    const bench = set(config('one'), {}, () => gate.promise);
    const { exporter } = bench;
    await exporter.start();
    expect((await ask(bench, '/-/ready')).status).toBe(503);
    gate.resolve(1);
    await turnUntil(() => exporter.unready === undefined);
    expect((await ask(bench, '/-/ready')).status).toBe(200);
    const stopping = exporter.stop();
    expect(exporter.unready).toContain('stopping');
    await stopping;
  });

  test('are ready in the end although a source never answers', async () => {
    const bench = set(config('one'), {}, () => new Promise(() => {}));
    await bench.exporter.start();
    await bench.clock.tick(10_000);
    await turnUntil(() => bench.exporter.unready === undefined);
  });
});

describe('a token', () => {
  const TOKEN = '0123456789abcdef0123456789abcdef';
  const guarded = (bench: Bench): Bench => {
    bench.files.set('/token', `${TOKEN}\n`);
    return bench;
  };

  test('guards the metrics, and the names of the sources on the page', async () => {
    const bench = guarded(set(config('one', ', auth: { token_file: /token }')));
    await bench.exporter.start();
    const without = await ask(bench, '/metrics');
    expect(without).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="media-exporter"' } });
    expect((await ask(bench, '/metrics', 'GET', { authorization: 'Basic eDp5' })).status).toBe(400);
    expect((await ask(bench, '/metrics', 'GET', { authorization: `Bearer ${TOKEN}0` })).status).toBe(401);
    expect((await ask(bench, '/metrics', 'GET', { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    expect((await ask(bench, '/metrics?source=nobody')).status).toBe(401);
    expect((await ask(bench, '/')).body).not.toContain('one');
    expect((await ask(bench, '/health')).status).toBe(200);
    expect(bench.lines.join('')).not.toContain(TOKEN);
  });

  test('is read again when its file changes', async () => {
    const bench = guarded(set(config('one', ', auth: { token_file: /token }')));
    await bench.exporter.start();
    const other = 'fedcba9876543210';
    bench.files.set('/token', other);
    await bench.clock.tick(5_000);
    await turnUntil(() => bench.lines.some((line) => line.includes('loaded again')));
    expect((await ask(bench, '/metrics', 'GET', { authorization: `Bearer ${TOKEN}` })).status).toBe(401);
    expect((await ask(bench, '/metrics', 'GET', { authorization: `Bearer ${other}` })).status).toBe(200);
  });

  test('is not asked for where the configuration says that metrics are open', async () => {
    const bench = guarded(set(config('one', ', auth: { metrics: none, token_file: /token }')));
    await bench.exporter.start();
    expect((await ask(bench, '/metrics')).status).toBe(200);
  });
});
