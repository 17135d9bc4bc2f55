import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HELP_NAMES } from './dropin/jellyfin/collectors.ts';
import { MINIMAL, pathOf, runCli, write } from './program.testing.ts';

const STATE = readFileSync(new URL('../../testdata/sfu/state.json', import.meta.url), 'utf8');

/** Stands in for an SFU on a port of its own, or on a socket. */
async function open(answer: RequestListener, socket?: string): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    if (socket === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socket, resolve);
  });
  onTestFinished(() => void server.close());
  return socket === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${socket}`;
}

test('without a configuration it says what to do', async () => {
  const { code, stdout, stderr } = await runCli([]);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('MX_NO_CONFIG');
  expect(stderr).toContain('media-exporter --demo');
  expect(stderr).toContain('npm start -- --demo');
  expect(stderr).toContain('--config.file');
});

test('the demo listens on loopback only, and says so', async () => {
  const { code, stderr } = await runCli(['--demo', '--web.listen-address', ':9594']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^MX_DEMO_ACCESS: :9594 can be reached from other machines\. With `--demo`, use a loopback/);
  expect(stderr).not.toContain('web.auth');
});

test('the help of the drop-in has its default address, what is required, its variables and an example', async () => {
  const { stdout } = await runCli(['mediasoup', '--help']);
  const words = stdout.replace(/\s+/g, ' ');
  expect(words).toContain('required: the SFU');
  expect(words).toContain('(default: :PROM_PORT, else :8889, which is all interfaces)');
  for (const name of ['PORT', 'DEIDENTIFY', 'QUIET', 'NUMERIC'])
    expect(stdout).toMatch(new RegExp(`PROM_${name} +\\w`));
  expect(words).toContain('Example: media-exporter mediasoup --mediasoup.url');
});

test('the help of the drop-in for Jellyfin names each collector', async () => {
  const { stdout } = await runCli(['jellyfin', '--help']);
  for (const name of HELP_NAMES) expect(stdout).toMatch(new RegExp(`^ .*\\b${name}\\b`, 'm'));
  expect(stdout).toContain('geoip is on where --jellyfin.geoip-file is given');
});

test('--version and --help are printed, with the flags of run and the commands', async () => {
  expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: '1.2.3\n' });
  const { code, stdout } = await runCli(['--help']);
  expect(code).toBe(0);
  const words = [
    'mediasoup',
    'test',
    'config-schema',
    '--demo',
    '--config.file',
    '--config.check',
    '--web.listen-address',
  ];
  for (const word of [...words, '--web.telemetry-path', '--log.level', '--log.format']) expect(stdout).toContain(word);
  expect((await runCli(['mediasoup', '--help'])).stdout).toContain('PROM_DEIDENTIFY');
});

test.each([
  [['--bogus'], '--bogus'],
  [['--confg.file', 'x'], '--config.file'],
  [['mediasop'], 'did you mean "mediasoup"'],
  [['emby'], 'there is no command "emby"; the commands are: run, mediasoup, plex, jellyfin, test, config-schema.'],
  [['plex'], 'MX_USAGE: PLEX_SERVER is not set'],
  [['jellyfin'], 'MX_USAGE: --jellyfin.token-file is missing'],
  [['jellyfin', '--collector.sesions'], `unknown option '--collector.sesions'; did you mean "--collector.sessions"?`],
  [['jellyfin', '--jellyfin.adress=http://h'], `'--jellyfin.adress'; did you mean "--jellyfin.address"?`],
  [['jellyfin', '--jellyfin.adress', 'http://h'], `'--jellyfin.adress'; did you mean "--jellyfin.address"?`],
  [['jellyfin', '--jelyfin.address=http://h'], 'did you mean "--jellyfin.address"?'],
  [['jellyfin', '--no-collector.storag'], 'did you mean "--no-collector.storage"?'],
  [['jellyfin', '--collector.backups'], "unknown option '--collector.backups'. Run"],
  [['plex', '--plex.sever=http://h'], 'did you mean "--plex.server"?'],
  [['mediasoup', '--mediasoup.uri=http://h'], 'did you mean "--mediasoup.url"?'],
  [['test', 'home', '--cofig.file=x'], 'did you mean "--config.file"?'],
  [['--web.listen-adress=:1'], 'did you mean "--web.listen-address"?'],
  [['--log.level', 'loud'], 'loud'],
  [['test'], 'source'],
  [['--config.file'], '--config.file'],
  [['--demo', '--config.file', 'x'], 'do not go together'],
  [['mediasoup'], '--mediasoup.url'],
  [['mediasoup', '--mediasoup.url', 'nowhere'], 'MX_CONFIG_URL: --mediasoup.url: the URL cannot be read'],
  [['mediasoup', '--mediasoup.url', 'http://h:1/metrics'], 'MX_CONFIG_URL: --mediasoup.url: the URL has a path; leave'],
  [['mediasoup', '--mediasoup.url', 'http://h', '--web.listen-address', 'x'], '--web.listen-address: "x"'],
  [['mediasoup', '--mediasoup.url', 'http://h', '--mediasoup.prefix', '1'], 'prefix'],
])('%j is told to be wrong, with exit code 2', async (args, hint) => {
  const { code, stdout, stderr } = await runCli(args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(hint);
  expect(stderr).toMatch(/MX_\w+: .*\(docs\/errors\.md#mx_\w+\)/);
});

test('of a flag that is misspelt the value is not shown: it may be a secret', async () => {
  const { code, stderr } = await runCli(['jellyfin', '--jellyfin.tokn=the-secret']);
  expect(code).toBe(2);
  expect(stderr).toContain("unknown option '--jellyfin.tokn'");
  expect(stderr).not.toContain('the-secret');
});

test('a secret of the drop-in that cannot be read is told by its flag', async () => {
  const flags = ['--mediasoup.secret-file', pathOf('none'), '--web.listen-address', '127.0.0.1:0'];
  const { code, stderr } = await runCli(['mediasoup', '--mediasoup.url', 'http://127.0.0.1:1', ...flags]);
  expect(code).toBe(1);
  expect(stderr).toContain('MX_SECRET_FILE: --mediasoup.secret-file: the file does not exist');
});

test('with a log in JSON, why the start fails is JSON too, wherever it fails', async () => {
  const bad = await write('bad.yml', `${MINIMAL}bogus: 1\n`);
  const config = await write('config.yml', MINIMAL);
  for (const [args, code] of [
    [['--config.file', bad], 'MX_CONFIG_KEY'],
    [['--config.file', bad, '--config.check'], 'MX_CONFIG_KEY'],
    [['--config.file', config, '--web.telemetry-path', 'metrics'], 'MX_CONFIG_VALUE'],
    [[], 'MX_NO_CONFIG'],
    [['--demo', '--web.listen-address', ':1'], 'MX_DEMO_ACCESS'],
    [['jellyfin'], 'MX_USAGE'],
    [['mediasoup', '--bogus'], 'MX_USAGE'],
  ] as const) {
    for (const json of [['--log.format=json'], ['--log.format', 'json']]) {
      const { code: exit, stderr } = await runCli([...args, ...json]);
      expect(exit).not.toBe(0);
      const lines = stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.at(-1)).toMatchObject({ level: 'error', code, fix: expect.any(String) });
    }
  }
  const { stderr } = await runCli(['plex'], { LOG_FORMAT: 'json' });
  expect(JSON.parse(stderr.split('\n')[0] ?? '')).toMatchObject({ code: 'MX_USAGE' });
});

test('PROM_PORT must be a port', async () => {
  const { code, stderr } = await runCli(['mediasoup', '--mediasoup.url', 'http://h'], { PROM_PORT: '99999' });
  expect(code).toBe(2);
  expect(stderr).toContain('PROM_PORT');
});

test('a source that fails in many ways says each only once', async () => {
  const config = await write(
    'config.yml',
    'sources:\n  - { name: home, type: plex, url: "http://127.0.0.1:1", token: abc }\n',
  );
  const { code, stderr } = await runCli(['test', 'home', '--config.file', config]);
  expect(code).toBe(1);
  const lines = stderr.split('\n').filter((line) => line.includes('MX_UPSTREAM_CONNECT'));
  expect(lines.length).toBeGreaterThan(0);
  expect(new Set(lines).size).toBe(lines.length);
});

test('config-schema prints the schema that is in docs', async () => {
  const { code, stdout } = await runCli(['config-schema']);
  expect(code).toBe(0);
  const docs = readFileSync(new URL('../../../../docs/config.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(stdout)).toEqual(JSON.parse(docs));
});

test('test SOURCE prints the metrics of one collection, and what it took', async () => {
  const paths: (string | undefined)[] = [];
  const url = await open((request, response) => {
    paths.push(request.url);
    response.end(STATE);
  });
  const config = await write('config.yml', `sources:\n  - { name: sfu, type: mediasoup, url: "${url}" }\n`);
  const { code, stdout, stderr } = await runCli(['test', 'sfu', '--config.file', config]);
  expect(code).toBe(0);
  expect(stdout).toContain('Ejtimaa_rooms 2\n');
  expect(stderr).toContain(`sfu (mediasoup, ${url}) is up`);
  expect(stderr).toMatch(/GET \/stats: 200 success, [\d.]+ ms, \d+ bytes/);
  expect(stderr).toMatch(/collector stats: success, [\d.]+ ms/);
  expect(paths).toEqual(['/stats']);
});

test('test SOURCE tells what is wrong, with exit code 1', async () => {
  const url = await open((_, response) => response.end('<html>'));
  const config = await write('config.yml', `sources:\n  - { name: sfu, type: mediasoup, url: "${url}" }\n`);
  const failed = await runCli(['test', 'sfu', '--config.file', config]);
  expect(failed.code).toBe(1);
  expect(failed.stdout.match(/^[^#].*$/gm)).toEqual(['media_server_up{server="sfu",platform="mediasoup"} 0']);
  expect(failed.stderr).toContain('sfu (mediasoup');
  expect(failed.stderr).toContain('is down');
  expect(failed.stderr).toContain('MX_UPSTREAM_ANSWER');
  const unknown = await runCli(['test', 'other', '--config.file', config]);
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('MX_SOURCE_UNKNOWN: "other"; the sources are: sfu');
  expect((await runCli(['test', 'sfu'])).stderr).toContain('MX_NO_CONFIG');
});

test('a Unix socket is asked as a port is', async () => {
  const url = await open((_, response) => response.end(STATE), pathOf('sfu.sock'));
  const config = await write('config.yml', `sources:\n  - { name: sfu, type: mediasoup, url: "${url}" }\n`);
  const { code, stdout, stderr } = await runCli(['test', 'sfu', '--config.file', config]);
  expect(code).toBe(0);
  expect(stdout).toContain('Ejtimaa_rooms 2\n');
  expect(stderr).toContain(url);
});
