import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Authority, withoutOpenssl } from '../support/certificates.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { describeIf, describeWith } from '../support/tools.ts';
import { Daemon, Folder, until } from './daemon.ts';

// Processes are started, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000 });

const { hashSync } = createRequire(new URL('../../packages/exporter/package.json', import.meta.url))('bcryptjs');

let folder: Folder;
const daemons: Daemon[] = [];

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.dispose();
  await folder.remove();
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Daemon {
  const state = { STATE_DIRECTORY: join(folder.path, 'state') };
  const daemon = new Daemon([...args, '--web.listen-address=127.0.0.1:0'], { ...state, ...env });
  daemons.push(daemon);
  return daemon;
}

/** A web configuration file with TLS and a user, and what a client needs beside it. */
async function secure(): Promise<string> {
  const authority = new Authority();
  const server = authority.issue('DNS:localhost,IP:127.0.0.1');
  const client = authority.issue('DNS:scraper.test');
  await folder.write('authority.pem', authority.cert);
  await folder.write('server.pem', server.cert);
  await folder.write('server.key', server.key);
  await folder.write('client.pem', client.cert);
  await folder.write('client.key', client.key);
  return folder.write(
    'web.yml',
    `tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: authority.pem
  client_allowed_sans: [scraper.test]
basic_auth_users:
  prometheus: ${hashSync('a password: \u00fc', 10)}
`,
  );
}

const NOBODY = 'http://127.0.0.1:1';

describeIf(withoutOpenssl, '--web.config.file', () => {
  const modes: [string, readonly string[]][] = [
    ['run', []],
    ['the demo', ['--demo']],
    ['mediasoup', ['mediasoup', `--mediasoup.url=${NOBODY}`]],
    ['plex', ['plex', `--plex.server=${NOBODY}`]],
    ['jellyfin', ['jellyfin', `--jellyfin.address=${NOBODY}`, '--jellyfin.token=abc']],
  ];

  test.each(modes)('is taken by %s', async (name, args) => {
    const config = await folder.write('run.yml', `sources: [{ name: one, type: mediasoup, url: "${NOBODY}" }]\n`);
    const given = name === 'run' ? ['--config.file', config] : args;
    const daemon = start([...given, '--web.config.file', await secure()], { PLEX_TOKEN: 'abc' });
    await daemon.address();
    expect(daemon.stderr).toMatch(/msg=listening address=127\.0\.0\.1:\d+ scheme=https\n/);
    if (name !== 'the demo') return;
    await until(
      () => /Metrics: https:\/\/127\.0\.0\.1:\d+\/metrics\n/.test(daemon.stdout),
      () => daemon.stdout,
    );
  });
});

test('a web configuration file that is wrong stops the start, with its place', async () => {
  const file = await folder.write('web.yml', 'basic_auth_users:\n  alice: hunter2\n');
  const { code, stderr } = await start(['plex', `--plex.server=${NOBODY}`, '--web.config.file', file], {
    PLEX_TOKEN: 'abc',
  }).ended();
  expect(code).toBe(1);
  expect(stderr).toContain(`${file}:2:10: MX_WEB_PASSWORD: `);
  expect(stderr).not.toContain('hunter2');
});

test('--config.check looks at the web configuration file that the configuration names', async () => {
  await folder.write('web.yml', 'tls_server_config:\n  cert_file: none.pem\n  key_file: none.key\n');
  const sources = `sources: [{ name: one, type: mediasoup, url: "${NOBODY}" }]\n`;
  const config = await folder.write('run.yml', `web: { listen: [":9594"], config_file: web.yml }\n${sources}`);
  const daemon = new Daemon(['--config.file', config, '--config.check']);
  daemons.push(daemon);
  const { code, stderr } = await daemon.ended();
  expect(code).toBe(1);
  expect(stderr).toContain(`${join(folder.path, 'web.yml')}:2:14: MX_WEB_CERTIFICATE: tls_server_config.cert_file`);
  expect(stderr).toContain(`${join(folder.path, 'web.yml')}:3:13: MX_WEB_CERTIFICATE: tls_server_config.key_file`);
});

/** Writes the modules of the repository that a process loads to a file, when it ends. */
const RECORD = `import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const urls = [];
registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
process.on('exit', () => writeFileSync(process.env.LOADED, urls.join('\\n')));
`;

test('what it needs is loaded by no mode that is not given one', async () => {
  const record = await folder.write('record.mjs', RECORD);
  const loaded = join(folder.path, 'loaded');
  const env = { NODE_OPTIONS: `--import ${record}`, LOADED: loaded, PLEX_TOKEN: 'abc' };
  const only = async (args: readonly string[]): Promise<string[]> => {
    const daemon = start(args, env);
    await daemon.address();
    daemon.signal('SIGTERM');
    await daemon.ended();
    const urls = readFileSync(loaded, 'utf8').split('\n');
    expect(urls.length).toBeGreaterThan(50);
    return urls.filter((url) => /bcryptjs|web-file|server\/(guard|tls|passwords)/.test(url));
  };
  expect(await only(['jellyfin', `--jellyfin.address=${NOBODY}`, '--jellyfin.token=abc'])).toEqual([]);
  expect(await only(['plex', `--plex.server=${NOBODY}`])).toEqual([]);
  const file = await folder.write('web.yml', '');
  const given = await only(['plex', `--plex.server=${NOBODY}`, '--web.config.file', file]);
  // The one that checks hashes waits for the first password.
  expect(given.filter((url) => url.includes('bcryptjs'))).toEqual([]);
  expect(given.filter((url) => url.includes('server/guard'))).toHaveLength(1);
});

describeIf(withoutOpenssl, 'a real Prometheus', () => {
  describeWith(
    ['prometheus', 'promtool'],
    'that trusts the certificate and has the password',
    ({ prometheus, promtool }) => {
      test('scrapes an exporter that wants both, and its certificate', async () => {
        const file = await secure();
        const check = spawnSync(promtool.path, ['check', 'web-config', file], { encoding: 'utf8' });
        expect(check).toMatchObject({ status: 0 });
        const daemon = start([
          'jellyfin',
          `--jellyfin.address=${NOBODY}`,
          '--jellyfin.token=abc',
          '--web.config.file',
          file,
        ]);
        const target = {
          scheme: 'https',
          basic_auth: { username: 'prometheus', password: 'a password: \u00fc' },
          tls_config: {
            ca_file: join(folder.path, 'authority.pem'),
            cert_file: join(folder.path, 'client.pem'),
            key_file: join(folder.path, 'client.key'),
          },
          static_configs: [{ targets: [await daemon.address()] }],
          scrape_interval: '2s',
          scrape_timeout: '2s',
        };
        const running = await startPrometheus(prometheus, [{ ...target, job_name: 'exporter' }]);
        try {
          await running.scraped('exporter', 2);
          const [up] = await running.query('jellyfin_up');
          expect(up?.value?.[1]).toBe('0');
        } finally {
          await running.stop();
        }
      });
    },
  );
});
