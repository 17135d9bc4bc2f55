import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Daemon, Folder, until } from './daemon.ts';
import { healthy, silent, Upstream } from './upstream.ts';

// Processes are started, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000 });

let folder: Folder;
const disposers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(async () => {
  for (const dispose of disposers.splice(0).reverse()) await dispose();
  await folder.remove();
});

async function upstream(): Promise<Upstream> {
  const server = await new Upstream().start();
  disposers.push(() => server.stop());
  return server;
}

function daemon(args: readonly string[], env: Readonly<Record<string, string>> = {}): Daemon {
  const started = new Daemon(args, env);
  disposers.push(() => started.dispose());
  return started;
}

const source = (name: string, url: string, more = ''): string =>
  `  - { name: ${name}, type: mediasoup, url: "${url}"${more} }\n`;

async function configure(sources: string, web = ''): Promise<string> {
  return folder.write(
    'media-exporter.yml',
    `web: { listen: ["127.0.0.1:0"]${web} }\nreload: { interval: 100ms }\nsources:\n${sources}`,
  );
}

describe('media-exporter run', () => {
  test('exports its sources, and stops cleanly on SIGTERM and on SIGINT', async () => {
    const sfu = await upstream();
    const config = await configure(source('one', sfu.url) + source('two', `${sfu.url}/`));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const running = daemon(['--config.file', config]);
      await until(
        async () => (await fetch(await running.url('/-/ready'))).ok,
        () => running.stderr,
      );
      const text = await running.get('/metrics');
      expect(text).toContain('Ejtimaa_rooms{source="one"} 2\n');
      expect(text).toContain('Ejtimaa_rooms{source="two"} 2\n');
      expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
      running.signal(signal);
      const { code, stderr } = await running.ended();
      expect(code).toBe(0);
      expect(stderr).toContain('msg=stopped');
    }
    expect(new Set(sfu.paths)).toEqual(new Set(['/stats']));
  });

  test('lets a running scrape end before it stops', async () => {
    const sfu = await upstream();
    const running = daemon(['--config.file', await configure(source('one', sfu.url))]);
    await until(
      async () => (await fetch(await running.url('/-/ready'))).ok,
      () => running.stderr,
    );
    const gate = Promise.withResolvers<void>();
    const before = sfu.paths.length;
    sfu.answer = (request, response) => void gate.promise.then(() => healthy(request, response));
    const scrape = running.get('/metrics');
    await until(
      () => sfu.paths.length > before,
      () => 'the SFU was not asked',
    );
    running.signal('SIGTERM');
    await running.logged('msg=stopping');
    gate.resolve();
    expect(await scrape).toContain('Ejtimaa_rooms{source="one"} 2\n');
    expect((await running.ended()).code).toBe(0);
  });

  test('goes on when one source is down, slow or talks nonsense, and finds it again', async () => {
    const good = await upstream();
    const bad = await upstream();
    const config = await configure(source('good', good.url) + source('bad', bad.url, ', timeout: 300ms'));
    const running = daemon(['--config.file', config]);
    const up = async (value: number): Promise<void> => {
      await until(
        async () => (await running.get('/metrics')).includes(`media_exporter_source_up{source="bad"} ${value}\n`),
        () => running.stderr,
      );
      expect(await running.get('/metrics')).toContain('Ejtimaa_rooms{source="good"} 2\n');
    };
    await up(1);
    bad.answer = silent;
    await up(0);
    bad.answer = healthy;
    await up(1);
    bad.answer = (_, response) => response.end('<html>');
    await up(0);
    await bad.stop();
    await up(0);
    await bad.start();
    bad.answer = healthy;
    await up(1);
    expect(running.stderr).toContain('MX_UPSTREAM_TIMEOUT');
    expect(running.stderr).toContain('MX_UPSTREAM_ANSWER');
  });

  test('loads its configuration again on SIGHUP, on POST and on change, and keeps the old one when the new one is bad', async () => {
    const sfu = await upstream();
    const running = daemon(['--config.file', await configure(source('one', sfu.url))]);
    expect(await running.get('/metrics')).toContain('source="one"');

    await configure(source('two', sfu.url));
    await running.logged('the configuration was loaded again');
    expect(await running.get('/metrics')).toContain('source="two"');

    running.signal('SIGHUP');
    await running.logged('the configuration was loaded again', 2);

    const posted = await fetch(await running.url('/-/reload'), { method: 'POST' });
    expect(posted.status).toBe(200);

    await configure(`${source('three', sfu.url)}bogus: 1\n`);
    await running.logged('the old one stays');
    expect(running.stderr).toMatch(/media-exporter\.yml:5:1: MX_CONFIG_KEY/);
    const text = await running.get('/metrics');
    expect(text).toContain('source="two"');
    expect(text).toContain('media_exporter_config_last_reload_successful 0\n');
    expect((await fetch(await running.url('/-/reload'), { method: 'POST' })).status).toBe(500);
  });

  test('wants the token where there is one, and takes a new one without a restart', async () => {
    const sfu = await upstream();
    const first = '0123456789abcdef0123456789abcdef';
    await folder.write('token', `${first}\n`);
    const running = daemon(['--config.file', await configure(source('one', sfu.url), ', auth: { token_file: token }')]);
    const status = async (token: string): Promise<number> =>
      (await fetch(await running.url('/metrics'), { headers: { authorization: `Bearer ${token}` } })).status;
    expect((await fetch(await running.url('/metrics'))).status).toBe(401);
    expect(await status(first)).toBe(200);
    const second = 'fedcba9876543210fedcba9876543210';
    await folder.write('token', second);
    await running.logged('the configuration was loaded again');
    expect(await status(first)).toBe(401);
    expect(await status(second)).toBe(200);
    expect(running.stderr).not.toContain(first);
    expect(running.stderr).not.toContain(second);
  });

  test('sends the secret of a source, and never shows it', async () => {
    const sfu = await upstream();
    const secret = 'a-secret-of-the-tests';
    sfu.answer = (request, response) => {
      if (request.headers.authorization === `Bearer ${secret}`) healthy(request, response);
      else response.writeHead(401).end(secret);
    };
    const config = await configure(source('with', sfu.url, ', secret_env: SFU_SECRET') + source('without', sfu.url));
    const running = daemon(['--config.file', config, '--log.level', 'debug'], { SFU_SECRET: secret });
    const text = await running.get('/metrics');
    expect(text).toContain('media_exporter_source_up{source="with"} 1\n');
    expect(text).toContain('media_exporter_source_up{source="without"} 0\n');
    await running.logged('MX_UPSTREAM_UNAUTHORIZED');
    const page = await running.get('/');
    for (const shown of [text, page, running.stderr]) expect(shown).not.toContain(secret);
  });

  test('listens where the flags say, on several addresses', async () => {
    const sfu = await upstream();
    const config = await configure(source('one', sfu.url));
    const addresses = ['--web.listen-address', '127.0.0.1:0', '--web.listen-address', '[::1]:0'];
    const running = daemon(['run', '--config.file', config, ...addresses, '--web.telemetry-path', '/m']);
    const [first, second] = [await running.address(0), await running.address(1)];
    expect(second).toMatch(/^\[::1\]:\d+$/);
    for (const address of [first, second]) {
      expect((await fetch(`http://${address}/m`)).status).toBe(200);
      expect((await fetch(`http://${address}/metrics`)).status).toBe(404);
    }
  });

  test('says that another program has the address', async () => {
    const sfu = await upstream();
    const config = await configure(source('one', sfu.url));
    const taken = new URL(sfu.url).host;
    const { code, stderr } = await daemon(['--config.file', config, '--web.listen-address', taken]).ended();
    expect(code).toBe(1);
    expect(stderr).toContain('MX_LISTEN_IN_USE');
    expect(stderr).toContain(taken);
  });
});

describe('the state', () => {
  test('is kept in the folder that the flag names, and SQLite says nothing of itself', async () => {
    const config = await folder.write(
      'media-exporter.yml',
      'web: { listen: ["127.0.0.1:0"] }\nsources:\n  - { name: home, type: plex, url: "http://127.0.0.1:1", token: abc }\n',
    );
    const running = daemon(['--config.file', config, '--state.dir', join(folder.path, 'state')]);
    expect(await running.get('/metrics')).toContain('media_exporter_state_store_up 1\n');
    running.signal('SIGTERM');
    const { code, stderr } = await running.ended();
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/warning|sqlite/i);
    // What was in the journal is in the database when it was closed.
    expect(readdirSync(join(folder.path, 'state'))).toEqual(['state.db']);
  });
});

describe('a state that cannot be kept', () => {
  test('stops nothing, and is told once', async () => {
    const config = await folder.write(
      'media-exporter.yml',
      'web: { listen: ["127.0.0.1:0"] }\nsources:\n  - { name: home, type: plex, url: "http://127.0.0.1:1", token: abc }\n',
    );
    const running = daemon(['--config.file', config, '--state.dir', join(config, 'below')]);
    expect(await running.get('/metrics')).toContain('media_exporter_state_store_up 0\n');
    running.signal('SIGTERM');
    const { code, stderr } = await running.ended();
    expect(code).toBe(0);
    expect(stderr.match(/code=MX_STATE_DIR/g)).toHaveLength(1);
  });
});

describe('the command line', () => {
  test('ends with the version of the package, and with 2 when it cannot be understood', async () => {
    const manifest: unknown = JSON.parse(
      readFileSync(new URL('../../packages/exporter/package.json', import.meta.url), 'utf8'),
    );
    const version = await daemon(['--version']).ended();
    expect(version).toEqual({ code: 0, stdout: `${(manifest as { version: string }).version}\n`, stderr: '' });
    const wrong = await daemon(['--bogus']).ended();
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('MX_USAGE');
  });
});

describe('media-exporter mediasoup', () => {
  test('stands in for the original: its port, its variables, its six metrics', async () => {
    const sfu = await upstream();
    const running = daemon(['mediasoup', '--mediasoup.url', sfu.url], { PROM_PORT: '0' });
    const metrics = await running.get('/metrics');
    expect(metrics).toContain('Ejtimaa_rooms 2\n');
    expect(metrics).toContain('display_name="Bob"');
    expect(metrics).toContain('media_exporter_build_info');
    expect(metrics).not.toContain('mediasoup_audio_in_count');
    const root = await running.get('/');
    expect(new Set([...root.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]))).toEqual(
      new Set([
        'Ejtimaa_rooms',
        'Ejtimaa_peers',
        'mediasoup_consumer_byte_count_bytes',
        'mediasoup_consumer_score',
        'mediasoup_producer_byte_count_bytes',
        'mediasoup_producer_score',
      ]),
    );
    expect(await running.get('/', { accept: 'text/html' })).toContain('<!doctype html>');
    expect(await running.get('/', { accept: 'text/plain, text/html;q=0.5' })).toContain('Ejtimaa_rooms 2\n');
    running.signal('SIGTERM');
    expect((await running.ended()).code).toBe(0);
  });

  test('takes its options from flags and environment', async () => {
    const sfu = await upstream();
    const secret = 'a-secret-of-the-tests';
    sfu.answer = (request, response) => {
      if (request.headers.authorization === `Bearer ${secret}`) healthy(request, response);
      else response.writeHead(401).end();
    };
    const file = await folder.write('secret', `${secret}\n`);
    const flags = ['--mediasoup.aggregated', '--mediasoup.prefix', 'edumeet_', '--mediasoup.secret-file', file];
    const env = { PROM_DEIDENTIFY: '1', PROM_QUIET: '1', PROM_NUMERIC: '1' };
    const listen = ['--web.listen-address', '127.0.0.1:0'];
    const running = daemon(['mediasoup', '--mediasoup.url', sfu.url, ...flags, ...listen], env);
    const text = await running.get('/metrics');
    expect(text).toContain('edumeet_rooms 2\n');
    expect(text).toContain('mediasoup_audio_in_count 3\n');
    expect(text).not.toMatch(/Bob|203\.0\.113|2001:db8|Mozilla/);
    expect(text).not.toMatch(/transport_id="[^"]/);
    expect(await running.get('/')).not.toContain('mediasoup_audio_in_count');
  });
});
