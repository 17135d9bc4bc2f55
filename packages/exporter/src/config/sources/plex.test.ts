import { expect, test } from 'vitest';
import { checkInput, parseConfig } from '../load.ts';
import { Secret } from '../secrets.ts';
import { completeConfig, loadFile, type SettingsOptions } from '../settings.ts';
import { secretOf } from '../source-secret.ts';
import { type PlexSettings, plexSourceSchema } from './plex.ts';

const PLEX = { name: 'home', type: 'plex' as const, url: 'http://nas:32400' };
const parse = (more: object = {}): PlexSettings => plexSourceSchema.parse({ ...PLEX, ...more });

function options(files: Record<string, string>, env: Record<string, string> = {}): SettingsOptions {
  const readFile = async (path: string): Promise<string> => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
    return text;
  };
  return { places: { readFile, env }, overrides: {}, randomKey: new Secret('random') };
}

test.each([
  ['http://nas:32400', 'http://nas:32400'],
  ['http://nas:32400/web', 'http://nas:32400'],
  ['http://nas:32400/web/index.html#!/media/abc?key=%2Fx', 'http://nas:32400'],
  ['https://home.example/plex/web/index.html', 'https://home.example/plex'],
  ['https://home.example/plex/', 'https://home.example/plex/'],
  ['http://web', 'http://web'],
  ['http://nas/webcam', 'http://nas/webcam'],
  ['unix:/run/web/plex.sock', 'unix:/run/web/plex.sock'],
])('the address %s of a browser is that of the server at %s', (url, server) => {
  expect(parse({ url }).url).toBe(server);
});

test('a Plex needs no more than a name, an address and a token', () => {
  const given = { ...PLEX, token: 'abc' };
  expect(checkInput({ sources: [given] }).ok).toBe(true);
  expect(checkInput({ sources: [PLEX] }).ok).toBe(false);
  expect(parse(given)).toEqual({
    ...given,
    timeout: 5,
    max_response_bytes: 64 * 1024 ** 2,
    tls: { insecure_skip_verify: false },
    series_budget: 10_000,
    native: true,
    unified: true,
    session_series: false,
    interval: 10,
    idle_interval: 60,
    library_interval: 900,
    server_interval: 60,
    statistics_interval: 30,
    fold_after: 3600,
    labels: { bitrate: true },
  });
});

test.each([
  [{ token: 'a' }, 'token'],
  [{ token_file: '/t' }, 'token_file'],
  [{ token_env: 'T' }, 'token_env'],
  [{}, 'token'],
])('of %j the token is at %s', (given, key) => {
  expect(secretOf(parse(given)).key).toBe(key);
});

test('the token is read from its file, which is watched, and read again when it is asked for', async () => {
  const files: Record<string, string> = {
    '/etc/media/config.yml': `
sources:
  - { name: home, type: plex, url: "http://nas:32400", token_file: token }
state: { dir: state }
`,
    '/etc/media/token': 'first\n',
  };
  const settings = await loadFile('/etc/media/config.yml', options(files));
  expect(settings.secrets.get('home')?.reveal()).toBe('first');
  expect(settings.files).toEqual(['/etc/media/config.yml', '/etc/media/token']);
  expect(settings.config.state.dir).toBe('/etc/media/state');
  files['/etc/media/token'] = 'second';
  expect((await settings.rereadSecret('home'))?.reveal()).toBe('second');
  delete files['/etc/media/token'];
  await expect(settings.rereadSecret('home')).rejects.toMatchObject({ code: 'MX_SECRET_FILE' });
});

test('what is wrong with a token or a certificate is told with its place, all at once', async () => {
  const text = `sources:
  - name: home
    type: plex
    url: http://nas:32400
    token_env: MISSING
    tls:
      ca_file: /nowhere
`;
  const loaded = parseConfig(text, 'config.yml');
  if (!loaded.ok) throw new Error('refused');
  await expect(completeConfig(loaded.config, options({}), loaded.place)).rejects.toMatchObject({
    problems: [
      {
        code: 'MX_SECRET_ENV',
        place: { line: 5, column: 16 },
        detail: expect.stringContaining('token_env of the source'),
      },
      { code: 'MX_TLS_AUTHORITIES', place: { line: 7, column: 16 }, detail: expect.stringContaining('does not exist') },
    ],
  });
});

test('the folder of the state is that of the flag, else of the file, else the usual one', async () => {
  const dirOf = async (dir: string | undefined, stateDir?: string): Promise<string | undefined> => {
    const loaded = checkInput({ sources: [{ ...PLEX, token: 'abc' }], state: dir === undefined ? {} : { dir } });
    if (!loaded.ok) throw new Error('refused');
    const given = options({}, { HOME: '/home/ann' });
    return (await completeConfig(loaded.config, { ...given, overrides: { stateDir } })).config.state.dir;
  };
  expect(await dirOf('/file', '/flag')).toBe('/flag');
  expect(await dirOf('/file')).toBe('/file');
  expect(await dirOf(undefined)).toBe('/home/ann/.local/state/media-exporter');
});
