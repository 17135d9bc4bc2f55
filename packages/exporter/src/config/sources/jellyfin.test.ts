import { expect, test } from 'vitest';
import { JELLYFIN_DEFAULTS, type JellyfinSettings } from '../../sources/jellyfin/settings.ts';
import { checkInput, parseConfig } from '../load.ts';
import { Secret } from '../secrets.ts';
import { loadFile } from '../settings.ts';
import { secretOf } from '../source-secret.ts';
import { COLLECTOR_NAMES, jellyfinSourceSchema } from './jellyfin.ts';

const JELLYFIN = { name: 'den', type: 'jellyfin' as const, url: 'http://nas:8096' };
const parse = (more: object = {}) => jellyfinSourceSchema.parse({ ...JELLYFIN, ...more });

/** What is told to be wrong with one key. */
function faultsOf(more: object): string[] {
  const token = Object.keys(more).some((key) => key.startsWith('token')) ? {} : { token: 'abc' };
  const loaded = checkInput({ sources: [{ ...JELLYFIN, ...token, ...more }] });
  return loaded.ok ? [] : loaded.problems.map(({ code, detail }) => `${code}: ${detail}`);
}

test('a Jellyfin needs no more than a name, an address and an API key, and is asked gently then', () => {
  expect(faultsOf({ token: 'abc' })).toEqual([]);
  expect(faultsOf({ token: undefined }).join()).toMatch(
    /^MX_CONFIG_MISSING: sources\[0\]\.token is missing: an API key/,
  );
  const settings: JellyfinSettings = parse({ token: 'abc' });
  const { collectors, ...defaults } = JELLYFIN_DEFAULTS;
  expect(settings).toMatchObject({ ...JELLYFIN, ...defaults });
  expect(new Set(settings.collectors)).toEqual(new Set(collectors));
});

test.each([
  ['http://nas:8096/web/index.html#!/home', 'http://nas:8096'],
  ['https://home.example/jellyfin/web/#/home.html', 'https://home.example/jellyfin'],
  ['https://home.example/jellyfin', 'https://home.example/jellyfin'],
])('the address %s of a browser is that of the server at %s', (url, server) => {
  expect(parse({ url }).url).toBe(server);
});

test('each collector that there is can be named', () => {
  expect(parse({ collectors: [...COLLECTOR_NAMES] }).collectors).toEqual([...COLLECTOR_NAMES]);
});

test('a list of collectors is all that is collected, each once', () => {
  expect(parse({ collectors: ['sessions', 'activity', 'sessions'] }).collectors).toEqual(['sessions', 'activity']);
  expect(parse({ collectors: [] }).collectors).toEqual([]);
});

test('a mapping of collectors changes what is collected by default', () => {
  const { collectors } = parse({ collectors: { library_walk: true, storage: false } });
  const others = JELLYFIN_DEFAULTS.collectors.filter((name) => name !== 'storage');
  expect(new Set(collectors)).toEqual(new Set([...others, 'library_walk']));
});

test('what was made of the collectors can be given again', () => {
  const first = parse({ collectors: { library_walk: true } });
  expect(jellyfinSourceSchema.parse(first)).toEqual(first);
});

test.each([
  [['sesions'], /^MX_CONFIG_VALUE: sources\[0\]\.collectors must be a list .*; there are: system, .*library_walk/],
  [{ library_walk: '12h' }, /^MX_CONFIG_VALUE: sources\[0\]\.collectors must be .* true or false for each/],
  [{ library_wlak: true }, /^MX_CONFIG_KEY: unknown key "library_wlak" in .*; did you mean "library_walk"\?/],
  ['sessions', /^MX_CONFIG_VALUE: sources\[0\]\.collectors must be a list of collectors, or true or false/],
])('of the collectors %j it is told what is wrong', (collectors, fault) => {
  const [first, ...more] = faultsOf({ collectors });
  expect(first).toMatch(fault);
  expect(more).toEqual([]);
});

test.each([
  [{ interval: '2m' }, 'MX_CONFIG_VALUE: sources[0].interval must be between 2s and 60s'],
  [{ walk_interval: '5m' }, 'MX_CONFIG_VALUE: sources[0].walk_interval must be'],
  [{ metrics_path: 'metrics' }, 'MX_CONFIG_VALUE: sources[0].metrics_path must be a path'],
  [{ recently_added_limit: 0 }, 'MX_CONFIG_VALUE: sources[0].recently_added_limit must be at least 1'],
  [{ url: 'nas:8096' }, 'MX_CONFIG_URL: sources[0].url'],
  [{ token: 'a', token_file: '/t' }, 'MX_CONFIG_SECRET: token and token_file are given together'],
  [{ idle_interval: 60 }, 'MX_CONFIG_KEY: unknown key "idle_interval" in sources[0]'],
])('%j is refused', (given, fault) => {
  expect(faultsOf(given).join()).toContain(fault);
});

test.each([
  [{ token: 'a' }, 'token'],
  [{ token_file: '/t' }, 'token_file'],
  [{ token_env: 'T' }, 'token_env'],
  [{}, 'token'],
])('of %j the API key is at %s', (given, key) => {
  expect(secretOf(parse(given)).key).toBe(key);
});

test('what is of this machine is found beside the configuration', async () => {
  const files: Record<string, string> = {
    '/etc/media/config.yml': `
sources:
  - name: den
    type: jellyfin
    url: http://nas:8096
    token_file: key
    log_directory: logs
    pid_file: ../jellyfin.pid
    cgroup: /sys/fs/cgroup/system.slice/jellyfin.service
    geoip_file: places.mmdb
`,
    '/etc/media/key': 'the-key\n',
  };
  const readFile = async (path: string): Promise<string> => files[path] ?? '';
  const settings = await loadFile('/etc/media/config.yml', {
    ...{ places: { readFile, env: {} }, overrides: {}, randomKey: new Secret('random') },
  });
  expect(settings.secrets.get('den')?.reveal()).toBe('the-key');
  expect(settings.config.sources[0]).toMatchObject({
    log_directory: '/etc/media/logs',
    pid_file: '/etc/jellyfin.pid',
    cgroup: '/sys/fs/cgroup/system.slice/jellyfin.service',
    geoip_file: '/etc/media/places.mmdb',
  });
});

test('a collector that there is not is shown where it stands', () => {
  const text = `sources:
  - name: den
    type: jellyfin
    url: http://nas:8096
    collectors: { walk: true }
    token: abc
`;
  const loaded = parseConfig(text, 'config.yml');
  expect(loaded).toMatchObject({ ok: false, problems: [{ place: { line: 5, column: 19 } }] });
});
