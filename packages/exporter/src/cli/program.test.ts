import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@media-exporter/metrics';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../config/secrets.ts';
import { readProcess } from '../process.ts';
import { HELP_NAMES } from './dropin/jellyfin/collectors.ts';
import { execute } from './program.ts';

const STATE = readFileSync(new URL('../../testdata/sfu/state.json', import.meta.url), 'utf8');

let folder: string;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-exporter-test-'));
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
});

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** Stands in for an SFU on a port of its own, or on a socket. */
async function open(answer: RequestListener, socket?: string): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    if (socket === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socket, resolve);
  });
  closers.push(() => server.close());
  return socket === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${socket}`;
}

/** Runs a command line in this process. */
async function runCli(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const out = { stdout: '', stderr: '' };
  const code = await execute(args, {
    env,
    clock: systemClock,
    random: Math.random,
    signals: { on: () => undefined, off: () => undefined },
    version: '1.2.3',
    node: process.version,
    places: { readFile: (path) => readFile(path, 'utf8'), env },
    files: { stat, read: (path) => readFile(path) },
    randomKey: new Secret('the key of the tests'),
    stdout: (text) => {
      out.stdout += text;
    },
    stderr: (text) => {
      out.stderr += text;
    },
    exit: () => {},
    readProcess,
  });
  return { code, ...out };
}

const MINIMAL = 'sources:\n  - { name: sfu, type: mediasoup, url: "http://127.0.0.1:1" }\n';

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
  const flags = ['--mediasoup.secret-file', join(folder, 'none'), '--web.listen-address', '127.0.0.1:0'];
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

test('--config.check tells a good file from a bad one', async () => {
  const good = await write('good.yml', MINIMAL);
  expect(await runCli(['--config.file', good, '--config.check'])).toMatchObject({
    code: 0,
    stdout: `${good}: valid, 1 source\n`,
  });
  const bad = await write('bad.yml', `${MINIMAL}bogus: 1\nweb: { listen: [":1"] }\n`);
  const { code, stderr } = await runCli(['--config.file', bad, '--config.check']);
  expect(code).toBe(1);
  expect(stderr).toContain(`${bad}:3:1: MX_CONFIG_KEY`);
  expect(stderr).toContain(`${bad}:4:17: MX_CONFIG_ACCESS`);
  expect((await runCli(['--config.file', `${good}.none`, '--config.check'])).stderr).toContain('MX_CONFIG_READ');
});

test('another address than loopback needs a word on who may read', async () => {
  const config = await write('config.yml', MINIMAL);
  const { code, stderr } = await runCli(['--config.file', config, '--web.listen-address', ':0']);
  expect(code).toBe(1);
  expect(stderr).toContain('MX_CONFIG_ACCESS');
  expect(stderr).toContain('web.auth.metrics: none');
  expect(stderr).toContain('web.auth.token_file');
});

test('users in the file of a flag are such a word, and an empty flag is none', async () => {
  const config = await write('config.yml', `web: { listen: [":0"] }\n${MINIMAL}`);
  const hash = '$2y$10$tLEJZc1N.as7F1EaM/EK0O9TMe/sWPiN2tV2hChd3rR7uu/ZRdGLS';
  const users = await write('web.yml', `basic_auth_users: { alice: "${hash}" }\n`);
  const check = (file: string, more: readonly string[] = []) =>
    runCli(['--config.file', config, '--config.check', '--web.config.file', file, ...more]);
  expect((await check(users)).code).toBe(0);
  expect((await check(users, ['--web.listen-address', ':1'])).code).toBe(0);
  const nobody = await check(await write('nobody.yml', ''));
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toContain(`${config}:1:17: MX_CONFIG_ACCESS`);
  expect((await check('')).stderr).toContain('MX_CONFIG_ACCESS');
});

test('a path for the metrics that cannot be one is refused', async () => {
  const config = await write('config.yml', MINIMAL);
  for (const path of ['metrics', '/-/reload', '/a b']) {
    const { code, stderr } = await runCli(['--config.file', config, '--web.telemetry-path', path]);
    expect(code).toBe(1);
    expect(stderr).toContain('MX_CONFIG_VALUE: --web.telemetry-path');
  }
});

test('a secret that cannot be read stops the start, and is not guessed', async () => {
  const config = await write('config.yml', `${MINIMAL.trimEnd().slice(0, -2)}, secret_file: none }\n`);
  const { code, stderr } = await runCli(['--config.file', config]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${config}:2:75: MX_SECRET_FILE: secret_file of the source sfu: the file does not exist.`);
});

test('--config.check refuses a secret that no header can carry, and does not show it', async () => {
  const odd = await write('odd', 'line break\u20ac\n');
  for (const given of ['secret: "line\\nbreak\u20ac"', `secret_file: ${odd}`, 'secret_env: ODD']) {
    const config = await write('config.yml', `${MINIMAL.trimEnd().slice(0, -2)}, ${given} }\n`);
    const { code, stdout, stderr } = await runCli(['--config.file', config, '--config.check'], { ODD: 'line\nbreak' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/config\.yml:2:\d+: MX_SECRET_FORM: /);
    expect(stdout + stderr).not.toContain('break');
  }
});

test('--config.check finds a token of Plex that cannot be read or sent, with its place and without its value', async () => {
  const plex = (more: string): string => `sources:\n  - { name: home, type: plex, url: "http://h:32400", ${more} }\n`;
  for (const [given, code] of [
    ['token: "line break"', 'MX_SECRET_FORM'],
    ['token_env: NOT_THERE_break', 'MX_SECRET_ENV'],
    ['token_file: not-there-break', 'MX_SECRET_FILE'],
    ['token: abc, tls: { ca_file: not-there-break }', 'MX_TLS_AUTHORITIES'],
  ] as const) {
    const config = await write('config.yml', plex(given));
    const { code: exit, stdout, stderr } = await runCli(['--config.file', config, '--config.check']);
    expect(exit).toBe(1);
    expect(stderr).toMatch(new RegExp(`config\\.yml:2:\\d+: ${code}: `));
    expect(stdout + stderr).not.toContain('break');
  }
  const config = await write('config.yml', plex('token: abc'));
  expect((await runCli(['--config.file', config, '--config.check'])).code).toBe(0);
});

test('--config.check refuses a server without the token that it wants', async () => {
  for (const type of ['plex', 'jellyfin']) {
    const config = await write('config.yml', `sources:\n  - { name: home, type: ${type}, url: "http://h:1" }\n`);
    const { code, stderr } = await runCli(['--config.file', config, '--config.check']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/config\.yml:2:5: MX_CONFIG_MISSING: sources\[0\]\.token is missing: .*token_file/);
  }
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

test('a secret that was pasted in the place of its file or variable is not shown, but where it stands', async () => {
  const wrong = ['secret_file: hunter2leak', 'secret_env: hunter2leak', 'secret: *hunter2leak'];
  for (const given of wrong) {
    const config = await write('config.yml', `${MINIMAL.trimEnd().slice(0, -2)}, ${given} }\n`);
    const { code, stderr } = await runCli(['--config.file', config]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${config}:2:`);
    expect(stderr).not.toContain('hunter2leak');
  }
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
  const url = await open((_, response) => response.end(STATE), join(folder, 'sfu.sock'));
  const config = await write('config.yml', `sources:\n  - { name: sfu, type: mediasoup, url: "${url}" }\n`);
  const { code, stdout, stderr } = await runCli(['test', 'sfu', '--config.file', config]);
  expect(code).toBe(0);
  expect(stdout).toContain('Ejtimaa_rooms 2\n');
  expect(stderr).toContain(url);
});
