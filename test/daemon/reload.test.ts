import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { OpenedStore } from '../../packages/exporter/src/held-store.ts';
import { MemoryStore } from '../../packages/exporter/src/state/memory.ts';
import { turnUntil } from '../support/until.ts';
import { ask, type Bench, config, extend, set, stopAll } from './bench.ts';

afterEach(stopAll);

describe('a reload', () => {
  test('leaves sources alone that did not change, stops those that are gone, and starts new ones', async () => {
    const bench = set(config('kept gone'));
    await bench.exporter.start();
    const [kept, gone] = bench.made;
    bench.config = config('kept new');
    expect(await ask(bench, '/-/reload', 'POST')).toMatchObject({ status: 200 });
    expect(bench.made.map((source) => source.id)).toEqual(['kept', 'gone', 'new']);
    expect([kept?.started, kept?.stopped, gone?.stopped, bench.source('new').started]).toEqual([1, 0, 1, 1]);
    const { body } = await ask(bench, '/metrics');
    expect(body).toContain('sfu_streams{source="new",kind="audio"} 3\n');
    expect(body).not.toContain('"gone"');
    expect(body).toContain('media_exporter_config_reloads_total{outcome="success"} 2\n');
  });

  test('makes a source anew when its settings or its secret changed', async () => {
    const bench = set(extend(config('one'), 'secret_file: /secret'));
    bench.files.set('/secret', 'first');
    await bench.exporter.start();
    expect(bench.source('one').secret).toBe('first');
    bench.files.set('/secret', 'second');
    await bench.exporter.reload();
    expect(bench.made.map((source) => [source.secret, source.stopped])).toEqual([
      ['first', 1],
      ['second', 0],
    ]);
  });

  test('with a bad file keeps the old configuration, and says where it is bad', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    bench.config = `${config('two')}bogus: 1\n`;
    const answer = await ask(bench, '/-/reload', 'POST');
    expect(answer.status).toBe(500);
    expect(answer.body).toContain('config.yml:4:1: MX_CONFIG_KEY');
    expect(bench.lines.some((line) => line.includes('config.yml:4:1'))).toBe(true);
    const { body } = await ask(bench, '/metrics');
    expect(body).toContain('media_exporter_source_up{source="one"} 1\n');
    expect(body).toContain('media_exporter_config_last_reload_successful 0\n');
    expect(body).toContain('media_exporter_config_last_reload_success_timestamp_seconds 1767225600\n');
    expect(body).toContain('media_exporter_config_reloads_total{outcome="failure"} 1\n');
  });

  test('with a bad file shows no secret of it, neither in the answer nor in the log', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    const given = ['secret: *hunter2leak', 'secret:hunter2leak', 'secret_env: hunter2leak', 'secret_file: hunter2leak'];
    for (const wrong of given) {
      bench.config = `${config('one').trimEnd().slice(0, -2)}, ${wrong} }\n`;
      const answer = await ask(bench, '/-/reload', 'POST');
      expect(answer.status, wrong).toBe(500);
      expect(answer.body).not.toContain('hunter2leak');
    }
    expect(bench.lines.filter((line) => line.includes('refused'))).toHaveLength(given.length);
    expect(bench.lines.join('')).not.toContain('hunter2leak');
  });

  test('happens by itself when the file changes, also when the change is bad', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    bench.config = 'sources: 3\n';
    await bench.clock.tick(5_000);
    await turnUntil(() => bench.lines.some((line) => line.includes('refused')));
    bench.config = config('two');
    await bench.clock.tick(5_000);
    await turnUntil(() => bench.made.some((source) => source.id === 'two'));
  });

  test('does not happen when the file or a secret is deleted, which the log says once', async () => {
    const bench = set(extend(config('one'), 'secret_file: /secret'));
    bench.files.set('/secret', 'first');
    await bench.exporter.start();
    const warnings = (): string[] => bench.lines.filter((line) => line.includes('cannot be read any more'));
    bench.files.delete('/config');
    bench.files.delete('/secret');
    for (let look = 0; look < 3; look += 1) await bench.clock.tick(5_000);
    await turnUntil(() => warnings().length === 2);
    expect(warnings()).toEqual([expect.stringContaining('file=/config'), expect.stringContaining('file=/secret')]);
    expect((await ask(bench, '/metrics')).body).toContain('media_exporter_source_up{source="one"} 1\n');
  });

  test('opens new addresses, and closes old ones', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    const [before] = bench.exporter.addresses;
    bench.config = config('one').replace('127.0.0.1:0', '[::1]:0');
    await bench.exporter.reload();
    const [after] = bench.exporter.addresses;
    expect(before).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(after).toMatch(/^\[::1\]:\d+$/);
    expect(bench.exporter.addresses).toHaveLength(1);
  });

  test('to an address that is taken is refused whole', async () => {
    const other = set(config('other'));
    await other.exporter.start();
    const bench = set(config('one'));
    await bench.exporter.start();
    const [before] = bench.exporter.addresses;
    bench.config = config('two').replace('"127.0.0.1:0"', `"[::1]:0", "${other.exporter.addresses[0]}"`);
    expect(await bench.exporter.reload()).toMatchObject([{ code: 'MX_LISTEN_IN_USE' }]);
    expect(bench.exporter.addresses).toEqual([before]);
    expect(bench.made.map((source) => source.id)).toEqual(['one']);
  });
});

test('an address that a reload adds answers nobody by the rules of before', async () => {
  const bench = set(config('one', ', config_file: /web.yml'));
  bench.files.set('/web.yml', '');
  await bench.exporter.start();
  const port = bench.exporter.addresses[0]?.split(':')[1];
  const reading = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const scope = bench.store.scope.bind(bench.store);
  bench.store.scope = (name) => {
    const given = scope(name);
    const load: typeof given.load = async () => {
      reading.resolve();
      await gate.promise;
      return given.load();
    };
    return { ...given, load };
  };
  bench.config = bench.config.replace('"127.0.0.1:0"', `"127.0.0.1:0", "[::1]:${port}"`);
  bench.files.set(
    '/web.yml',
    'basic_auth_users: { alice: "$2y$10$tLEJZc1N.as7F1EaM/EK0O9TMe/sWPiN2tV2hChd3rR7uu/ZRdGLS" }',
  );
  const added = async (): Promise<number> => (await fetch(`http://[::1]:${port}/metrics`)).status;
  const reload = bench.exporter.reload();
  await reading.promise;
  expect(await added()).toBe(503);
  gate.resolve();
  expect(await reload).toEqual([]);
  expect(await added()).toBe(401);
});

test('a start on a bad configuration fails with all that is wrong', async () => {
  const bench = set('sources: []\nbogus: 1\n');
  await expect(bench.exporter.start()).rejects.toMatchObject({
    problems: [{ code: 'MX_CONFIG_VALUE' }, { code: 'MX_CONFIG_KEY' }],
  });
});

test('a stop lets a running scrape end, and leaves nothing behind', async () => {
  const bench = set(config('one'));
  await bench.exporter.start();
  await turnUntil(() => bench.exporter.unready === undefined);
  const source = bench.source('one');
  const before = source.asked;
  const gate = Promise.withResolvers<number>();
  source.answer = () => gate.promise;
  const scrape = ask(bench, '/metrics');
  await turnUntil(() => source.asked > before);
  const stopping = bench.exporter.stop();
  gate.resolve(9);
  expect((await scrape).body).toContain('sfu_streams{source="one",kind="audio"} 9\n');
  await stopping;
  expect(source.stopped).toBe(1);
  expect(bench.clock.pending).toBe(0);
});

test('a stop does not wait for ever for a scrape that does not end', async () => {
  const bench = set(config('one'));
  await bench.exporter.start();
  await turnUntil(() => bench.exporter.unready === undefined);
  const source = bench.source('one');
  const before = source.asked;
  source.answer = () => new Promise(() => {});
  const scrape = ask(bench, '/metrics').catch(() => 'cut');
  await turnUntil(() => source.asked > before);
  const stopping = bench.exporter.stop();
  await new Promise((resolve) => setImmediate(resolve));
  bench.clock.advance(5_000);
  await stopping;
  expect(await scrape).toBe('cut');
});

describe('the state of a source', () => {
  const stateOf = async (bench: Bench, name: string): Promise<Record<string, unknown>> =>
    Object.fromEntries(await bench.store.scope(`mediasoup/${name}`).load());

  test('goes on over a reload that makes it anew, and stays when it is removed', async () => {
    const bench = set(config('one two'));
    await bench.exporter.start();
    bench.config = extend(config('one'), 'timeout: 3s');
    await bench.exporter.reload();
    expect(await stateOf(bench, 'one')).toEqual({ starts: 2, stopped: true });
    expect(await stateOf(bench, 'two')).toEqual({ starts: 1, stopped: true });
  });

  test('is written by the old source before the new one reads it', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    const seen: unknown[] = [];
    const stopped = Promise.withResolvers<void>();
    const old = bench.source('one');
    old.stop = () => stopped.promise.then(() => seen.push('old stopped')).then(() => {});
    bench.onMade = (source) => {
      source.start = async () => void seen.push('new started');
    };
    bench.config = extend(config('one'), 'timeout: 3s');
    const reload = bench.exporter.reload();
    await turnUntil(() => bench.made.length === 2);
    stopped.resolve();
    await reload;
    expect(seen).toEqual(['old stopped', 'new started']);
  });

  test('is closed when all sources have stopped', async () => {
    const store = new MemoryStore();
    const seen: string[] = [];
    store.close = async () => void seen.push('closed');
    const bench = set(config('one'), { openStore: () => ({ store }) });
    await bench.exporter.start();
    bench.source('one').stop = async () => void seen.push('stopped');
    await bench.exporter.stop();
    expect(seen).toEqual(['stopped', 'closed']);
  });

  test('stays in its folder until a restart, which the log says', async () => {
    const opened: unknown[] = [];
    const openStore = (dir: string | undefined): OpenedStore => {
      opened.push(dir);
      return { store: new MemoryStore() };
    };
    const bench = set(`${config('one')}state: { dir: /var/a }\n`, { openStore });
    await bench.exporter.start();
    bench.config = `${config('one')}state: { dir: /var/b }\n`;
    await bench.exporter.reload();
    expect(opened).toEqual(['/var/a']);
    expect(bench.lines.join('')).toContain('state.dir has changed');
  });
});

test('a file that changes while the exporter starts is noticed', async () => {
  const bench = set(extend(config('one'), 'secret_file: /secret'));
  bench.files.set('/secret', 'first');
  bench.onMade = () => bench.files.set('/secret', 'second');
  await bench.exporter.start();
  bench.clock.advance(5_000);
  await turnUntil(() => bench.made.length === 2);
  expect(bench.made.map((source) => source.secret)).toEqual(['first', 'second']);
});

test('a secret that a source reads again between two reloads is kept out of the log too', async () => {
  const bench = set(extend(config('one'), 'secret_file: /secret'));
  bench.files.set('/secret', 'the-first-secret');
  await bench.exporter.start();
  bench.files.set('/secret', 'the-second-secret');
  const renewed = await bench.source('one').context.renewSecret?.();
  expect(renewed?.reveal()).toBe('the-second-secret');
  expect(bench.exporter.secrets).toEqual(expect.arrayContaining(['the-first-secret', 'the-second-secret']));
});

test('the certificates that a source trusts are watched, and reach it', async () => {
  const pem = await readFile(new URL('../../packages/exporter/testdata/tls/authority.pem', import.meta.url), 'utf8');
  const bench = set(extend(config('one'), 'tls: { ca_file: /ca.pem }'));
  bench.files.set('/ca.pem', pem);
  await bench.exporter.start();
  expect(bench.source('one').context.ca).toBe(pem);
  bench.files.set('/ca.pem', `${pem}\n`);
  bench.clock.advance(5_000);
  await turnUntil(() => bench.made.length === 2);
  bench.files.set('/ca.pem', 'no certificate');
  expect(await bench.exporter.reload()).toMatchObject([
    { code: 'MX_TLS_AUTHORITIES', detail: expect.stringContaining('there is no certificate') },
  ]);
});
