import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { defineMetric, family } from '@media-exporter/metrics';
import { ManualClock, parseOpenMetrics } from '@media-exporter/metrics/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseConfig } from './config/load.ts';
import { Secret } from './config/secrets.ts';
import { completeConfig, type Settings } from './config/settings.ts';
import { ExporterError, problemsOf } from './errors.ts';
import { Exporter, type ExporterOptions } from './exporter.ts';
import { createLogger } from './log.ts';
import { Health } from './sources/health.ts';
import { Round } from './sources/round.ts';
import type { Source, SourceContext } from './sources/source.ts';

const STREAMS = defineMetric({ name: 'sfu_streams', type: 'gauge', help: 'Streams.', labels: { kind: 'public' } });
const SEED = defineMetric({ name: 'Ejtimaa_rooms', type: 'gauge', help: '#rooms' });

/** A source whose server answers as the test says. */
class FakeSource implements Source {
  readonly type = 'mediasoup';
  readonly collectorNames = ['stats'];
  readonly catalogue = [STREAMS, SEED];
  readonly id: string;
  readonly secret: string | undefined;
  started = 0;
  stopped = 0;
  asked = 0;
  answer: () => Promise<number> = async () => 3;
  readonly #health: Health;
  readonly #round: Round;
  #value: number | undefined;

  constructor(id: string, secret: string | undefined, { clock, log, onReconnect, onRequest }: SourceContext) {
    this.id = id;
    this.secret = secret;
    this.#health = new Health(id, log, onReconnect);
    this.#round = new Round('stats', clock, async () => {
      this.asked += 1;
      this.#value = undefined;
      try {
        this.#value = await this.answer();
        this.#health.succeed();
        onRequest({ endpoint: '/stats', outcome: 'success', seconds: 0, bytes: 1 });
      } catch (error) {
        for (const problem of problemsOf(error)) this.#health.fail(problem);
        onRequest({ endpoint: '/stats', outcome: 'connect', seconds: 0, bytes: 0 });
        throw error;
      }
    });
  }

  async start(): Promise<void> {
    this.started += 1;
  }

  refresh(deadline: AbortSignal): Promise<void> {
    return this.#round.run(deadline);
  }

  snapshot(): ReturnType<Source['snapshot']> {
    const value = this.#value;
    const families = value === undefined ? [] : [family(STREAMS, [[{ kind: 'audio' }, value]]), family(SEED, value)];
    const { status } = this.#round;
    return { up: this.#health.up, families, collectors: status === undefined ? [] : [status] };
  }

  async stop(): Promise<void> {
    this.stopped += 1;
  }
}

interface Bench {
  readonly exporter: Exporter;
  readonly clock: ManualClock;
  readonly made: FakeSource[];
  readonly lines: string[];
  /** The configuration of the next load, and the files beside it. */
  config: string;
  readonly files: Map<string, string>;
  source(name: string): FakeSource;
}

const running: Exporter[] = [];

afterEach(async () => {
  for (const exporter of running.splice(0)) await exporter.stop();
});

const config = (sources: string, web = ''): string =>
  `web: { listen: ["127.0.0.1:0"]${web} }\nsources:\n${sources
    .split(' ')
    .map((name) => `  - { name: ${name}, type: mediasoup, url: "http://127.0.0.1:1" }`)
    .join('\n')}\n`;

function set(text: string, options: Partial<ExporterOptions> = {}, answer?: () => Promise<number>): Bench {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const made: FakeSource[] = [];
  const lines: string[] = [];
  const files = new Map<string, string>();
  const log = createLogger({
    level: 'info',
    format: 'logfmt',
    write: (line) => lines.push(line),
    date: () => clock.date(),
  });
  const readFile = async (path: string): Promise<string> => {
    const content = files.get(path);
    if (content === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
    return content;
  };
  files.set('/config', text);
  const bench = {
    clock,
    made,
    lines,
    files,
    get config(): string {
      return files.get('/config') ?? '';
    },
    set config(value: string) {
      files.set('/config', value);
    },
    source: (name: string) => made.findLast((source) => source.id === name) as FakeSource,
  };
  const load = async (): Promise<Settings> => {
    const loaded = parseConfig(bench.config, 'config.yml');
    if (!loaded.ok) throw new ExporterError(loaded.problems);
    const places = { readFile, env: { SFU_SECRET: 'from-the-environment' } };
    const settings = await completeConfig(loaded.config, { places, overrides: {}, randomKey: new Secret('random') });
    return { ...settings, files: ['/config', ...settings.files] };
  };
  const exporter = new Exporter({
    clock,
    log,
    version: '1.2.3',
    node: 'v24.0.0',
    files: {
      async stat(path) {
        const content = await readFile(path);
        return {
          mtimeMs: 0,
          ctimeMs: 0,
          size: content.length,
          ino: [...content].reduce((a, c) => a * 31 + c.charCodeAt(0), 0),
        };
      },
      read: async (path) => Buffer.from(await readFile(path)),
    },
    load,
    process: { name: 'process', catalogue: [], collect: () => [] },
    createSource(settings, secret, _privacy, context) {
      const source = new FakeSource(settings.name, secret?.reveal(), context);
      if (answer !== undefined) source.answer = answer;
      made.push(source);
      return source;
    },
    ...options,
  });
  running.push(exporter);
  return Object.defineProperty(bench, 'exporter', { value: exporter }) as Bench;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(bench: Bench, path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  const [host, port] = (bench.exporter.addresses[0] ?? '').split(':');
  return new Promise((resolve, reject) => {
    httpRequest({ host, port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

const refused = async (): Promise<number> => {
  throw new ExporterError({ code: 'MX_UPSTREAM_CONNECT', detail: 'ECONNREFUSED' });
};

/** Lets what the network and promises have ready happen, until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 20_000) throw new Error('The condition never held.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a scrape', () => {
  test('tells the sources apart by a label, and tells of each how it fared', async () => {
    const bench = set(config('one two'));
    await bench.exporter.start();
    bench.source('one').answer = async () => 7;
    bench.source('two').answer = refused;
    await until(() => bench.exporter.unready === undefined);
    const { status, headers, body } = await ask(bench, '/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('sfu_streams{source="one",kind="audio"} 7\n');
    expect(body).not.toContain('source="two",kind');
    expect(body).toContain('media_exporter_source_up{source="one"} 1\n');
    expect(body).toContain('media_exporter_source_up{source="two"} 0\n');
    expect(body).toContain('media_exporter_collector_success{source="two",collector="stats"} 0\n');
    expect(body).toContain(
      'media_exporter_collector_last_success_timestamp_seconds{source="one",collector="stats"} 1767225600\n',
    );
    expect(body).toMatch(
      /media_exporter_upstream_requests_total\{source="two",endpoint="\/stats",outcome="connect"\} \d+\n/,
    );
    expect(body).toContain('media_exporter_build_info{version="1.2.3",node="v24.0.0"} 1\n');
    expect(body).toContain('media_exporter_config_last_reload_successful 1\n');
    expect(body).toContain('media_exporter_scrapes_in_flight 1\n');
  });

  test('does not tell when a source last answered that never has', async () => {
    const bench = set(config('one'), {}, refused);
    await bench.exporter.start();
    const { body } = await ask(bench, '/metrics');
    expect(body).toContain('media_exporter_source_up{source="one"} 0\n');
    expect(body).not.toContain('media_exporter_collector_last_success_timestamp_seconds{');
  });

  test('is well-formed OpenMetrics for who asks for it', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    const accept =
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3';
    const { headers, body } = await ask(bench, '/metrics', 'GET', { accept });
    expect(headers['content-type']).toContain('application/openmetrics-text');
    expect(() => parseOpenMetrics(body)).not.toThrow();
  });

  test('of one source has no label, and nothing of the others', async () => {
    const bench = set(config('one two'));
    await bench.exporter.start();
    await until(() => bench.exporter.unready === undefined);
    const asked = bench.source('two').asked;
    const { body } = await ask(bench, '/metrics?source=one');
    expect(body).toContain('sfu_streams{kind="audio"} 3\n');
    expect(body).toContain('media_exporter_source_up{source="one"} 1\n');
    expect(body).not.toContain('two');
    expect(body).not.toContain('media_exporter_build_info');
    expect(bench.source('two').asked).toBe(asked);
  });

  test('of an unknown source is 404 with the names there are, and of two at once is 400', async () => {
    const bench = set(config('one two'));
    await bench.exporter.start();
    const unknown = await ask(bench, '/metrics?source=three');
    expect(unknown).toMatchObject({
      status: 404,
      body: 'There is no source of that name. The sources are: one, two\n',
    });
    expect((await ask(bench, '/metrics?source=one&source=two')).status).toBe(400);
  });

  test('serves at its deadline what is there, and marks what is late', async () => {
    const bench = set(config('fast slow'));
    await bench.exporter.start();
    await until(() => bench.exporter.unready === undefined);
    const before = bench.source('slow').asked;
    const gate = Promise.withResolvers<number>();
    bench.source('slow').answer = () => gate.promise;
    const scrape = ask(bench, '/metrics', 'GET', { 'x-prometheus-scrape-timeout-seconds': '3' });
    await until(() => bench.source('slow').asked > before && bench.source('fast').asked > before);
    await bench.clock.tick(2_500);
    const { status, body } = await scrape;
    gate.resolve(1);
    expect(status).toBe(200);
    expect(body).toContain('sfu_streams{source="fast",kind="audio"} 3\n');
    expect(body).not.toContain('sfu_streams{source="slow"');
    expect(body).toContain('media_exporter_source_up{source="slow"} 0\n');
    expect(body).toContain('media_exporter_collector_success{source="slow",collector="stats"} 0\n');
    expect(body).toContain('media_exporter_collector_duration_seconds{source="slow",collector="stats"} 2.5\n');
    expect((await ask(bench, '/metrics')).body).toContain('media_exporter_scrapes_total{outcome="partial"} 1\n');
  });

  test('that comes while another is under way causes no second request', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    await until(() => bench.exporter.unready === undefined);
    const source = bench.source('one');
    const before = source.asked;
    const gate = Promise.withResolvers<number>();
    source.answer = () => gate.promise;
    const begin = vi.spyOn(bench.exporter, 'begin');
    const scrapes = Array.from({ length: 8 }, (_, i) => ask(bench, i % 2 === 0 ? '/metrics' : '/metrics?source=one'));
    await until(() => begin.mock.calls.length === scrapes.length);
    gate.resolve(5);
    for (const { body } of await Promise.all(scrapes)) expect(body).toContain('kind="audio"} 5');
    expect(source.asked - before).toBe(1);
  });

  test('after a failure finds a source that came back, and counts it', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    await until(() => bench.exporter.unready === undefined);
    bench.source('one').answer = refused;
    await ask(bench, '/metrics');
    await ask(bench, '/metrics');
    bench.source('one').answer = async () => 4;
    const { body } = await ask(bench, '/metrics');
    expect(body).toContain('sfu_streams{source="one",kind="audio"} 4\n');
    expect(body).toContain('media_exporter_source_reconnects_total{source="one"} 1\n');
    expect(bench.lines.filter((line) => line.includes('source is down'))).toHaveLength(1);
  });

  test('whose client leaves ends, and is counted', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    await until(() => bench.exporter.unready === undefined);
    const source = bench.source('one');
    const before = source.asked;
    const gate = Promise.withResolvers<number>();
    source.answer = () => gate.promise;
    const [host, port] = (bench.exporter.addresses[0] ?? '').split(':');
    const client = httpRequest({ host, port, path: '/metrics', agent: false }).on('error', () => {});
    client.end();
    await until(() => source.asked > before);
    client.destroy();
    await until(() => bench.clock.pending === 1);
    gate.resolve(1);
    source.answer = async () => 1;
    expect((await ask(bench, '/metrics')).body).toContain('media_exporter_scrapes_total{outcome="aborted"} 1\n');
  });
});

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
    expect((await ask(bench, 'http://other/metrics')).status).toBe(400);
  });

  test('tell that it is not ready before the first collection, nor while it stops', async () => {
    const gate = Promise.withResolvers<number>();
    const bench = set(config('one'), {}, () => gate.promise);
    const { exporter } = bench;
    await exporter.start();
    expect((await ask(bench, '/-/ready')).status).toBe(503);
    gate.resolve(1);
    await until(() => exporter.unready === undefined);
    expect((await ask(bench, '/-/ready')).status).toBe(200);
    const stopping = exporter.stop();
    expect(exporter.unready).toContain('stopping');
    await stopping;
  });

  test('are ready in the end although a source never answers', async () => {
    const bench = set(config('one'), {}, () => new Promise(() => {}));
    await bench.exporter.start();
    await bench.clock.tick(10_000);
    await until(() => bench.exporter.unready === undefined);
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
    await until(() => bench.lines.some((line) => line.includes('loaded again')));
    expect((await ask(bench, '/metrics', 'GET', { authorization: `Bearer ${TOKEN}` })).status).toBe(401);
    expect((await ask(bench, '/metrics', 'GET', { authorization: `Bearer ${other}` })).status).toBe(200);
  });

  test('is not asked for where the configuration says that metrics are open', async () => {
    const bench = guarded(set(config('one', ', auth: { metrics: none, token_file: /token }')));
    await bench.exporter.start();
    expect((await ask(bench, '/metrics')).status).toBe(200);
  });
});

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
    const bench = set(`${config('one').trimEnd().slice(0, -2)}, secret_file: /secret }\n`);
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

  test('happens by itself when the file changes, also when the change is bad', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    bench.config = 'sources: 3\n';
    await bench.clock.tick(5_000);
    await until(() => bench.lines.some((line) => line.includes('refused')));
    bench.config = config('two');
    await bench.clock.tick(5_000);
    await until(() => bench.made.some((source) => source.id === 'two'));
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

describe('the drop-in mode', () => {
  const dropIn = { rootMetrics: new Set(['Ejtimaa_rooms']) };

  test('has no source label, and its own metrics beside', async () => {
    const bench = set(config('mediasoup'), { dropIn });
    await bench.exporter.start();
    const { body } = await ask(bench, '/metrics');
    expect(body).toContain('Ejtimaa_rooms 3\n');
    expect(body).toContain('sfu_streams{kind="audio"} 3\n');
    expect(body).toContain('media_exporter_build_info');
  });

  test('serves exactly the seed at /, unless a browser asks', async () => {
    const bench = set(config('mediasoup'), { dropIn });
    await bench.exporter.start();
    const { body, headers } = await ask(bench, '/', 'GET', { accept: 'text/plain' });
    expect(body).toBe('# HELP Ejtimaa_rooms #rooms\n# TYPE Ejtimaa_rooms gauge\nEjtimaa_rooms 3\n');
    expect(headers.vary).toContain('accept');
    const page = await ask(bench, '/', 'GET', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  });
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
  await until(() => bench.exporter.unready === undefined);
  const source = bench.source('one');
  const before = source.asked;
  const gate = Promise.withResolvers<number>();
  source.answer = () => gate.promise;
  const scrape = ask(bench, '/metrics');
  await until(() => source.asked > before);
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
  await until(() => bench.exporter.unready === undefined);
  const source = bench.source('one');
  const before = source.asked;
  source.answer = () => new Promise(() => {});
  const scrape = ask(bench, '/metrics').catch(() => 'cut');
  await until(() => source.asked > before);
  const stopping = bench.exporter.stop();
  await new Promise((resolve) => setImmediate(resolve));
  bench.clock.advance(5_000);
  await stopping;
  expect(await scrape).toBe('cut');
});
