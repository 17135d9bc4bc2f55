import { describe, expect, test } from 'vitest';
import { problemsOf } from '../../errors.ts';
import { type PlexFlags, plexConfig, plexLog, plexNotes } from './plex.ts';

const FLAGS: PlexFlags = { server: undefined, tokenFile: undefined, tls: {}, overrides: {}, log: {} };
const ENV = { PLEX_SERVER: 'http://192.168.1.10:32400', PLEX_TOKEN: 'the-token-of-the-owner', HOME: '/home/bob' };

const sourceOf = (env: Record<string, string>, flags: Partial<PlexFlags> = {}) =>
  plexConfig({ ...FLAGS, ...flags }, { ...ENV, ...env }).sources[0];

/** What is told to be wrong, one line each. */
function faultsOf(env: Record<string, string | undefined>, flags: Partial<PlexFlags> = {}): string[] {
  try {
    plexConfig({ ...FLAGS, ...flags }, env);
  } catch (error) {
    return problemsOf(error).map(({ code, detail }) => `${code}: ${detail}`);
  }
  return [];
}

describe('the drop-in mode of Plex', () => {
  test('is as open as the original, on its port, with all names in clear', () => {
    const { web, privacy, sources, state } = plexConfig(FLAGS, ENV);
    expect(web).toMatchObject({ listen: [':9000'], telemetry_path: '/metrics', auth: { metrics: 'none' } });
    expect(privacy).toEqual({ users: 'clear', titles: 'clear', addresses: 'clear' });
    expect(state.dir).toBe('/home/bob/.local/state/media-exporter/plex');
    expect(sources).toMatchObject([
      {
        ...{ type: 'plex', url: 'http://192.168.1.10:32400', token_env: 'PLEX_TOKEN' },
        ...{ timeout: 10, library_interval: 900, tls: { insecure_skip_verify: false } },
      },
    ]);
  });

  test('never has the token itself in its configuration', () => {
    expect(JSON.stringify(plexConfig(FLAGS, ENV))).not.toContain(ENV.PLEX_TOKEN);
  });

  test('takes the variables of the original', () => {
    const env = { LIBRARY_REFRESH_INTERVAL: '30', PLEX_CLIENT_TIMEOUT_SECONDS: '2.5', SKIP_TLS_VERIFICATION: 'True' };
    expect(sourceOf(env)).toMatchObject({ library_interval: 1800, timeout: 2.5, tls: { insecure_skip_verify: true } });
    const empty = { LIBRARY_REFRESH_INTERVAL: '', PLEX_CLIENT_TIMEOUT_SECONDS: '', SKIP_TLS_VERIFICATION: '0' };
    expect(sourceOf(empty)).toEqual(sourceOf({}));
  });

  test('takes the token from a file, and flags before variables', () => {
    expect(sourceOf({ PLEX_TOKEN: '', PLEX_TOKEN_FILE: '/run/plex' })).toMatchObject({ token_file: '/run/plex' });
    const flags = { server: 'https://plex:32400/', tokenFile: '/flag' };
    expect(sourceOf({}, flags)).toMatchObject({ url: 'https://plex:32400/', token_file: '/flag' });
    expect(sourceOf({}, flags)).not.toHaveProperty('token_env');
    const overrides = { listen: ['127.0.0.1:1'], telemetryPath: '/m', stateDir: '/state' };
    const { web, state } = plexConfig({ ...FLAGS, overrides }, ENV);
    expect(web).toMatchObject({ listen: ['127.0.0.1:1'], telemetry_path: '/m' });
    expect(state.dir).toBe('/state');
  });

  test('is told by flags whose certificate and which name the server has', () => {
    const tls = { caFile: '/etc/plex.pem', serverName: 'a.plex.direct' };
    expect(sourceOf({}, { tls })).toMatchObject({
      tls: { ca_file: '/etc/plex.pem', servername: 'a.plex.direct', insecure_skip_verify: false },
    });
  });

  test('counts libraries once a minute at most and once a day at least, and says so', () => {
    expect(sourceOf({ LIBRARY_REFRESH_INTERVAL: '0' })).toMatchObject({ library_interval: 60 });
    expect(sourceOf({ LIBRARY_REFRESH_INTERVAL: '9999' })).toMatchObject({ library_interval: 86_400 });
    expect(plexNotes({ LIBRARY_REFRESH_INTERVAL: '0' }).join()).toContain('once a minute');
    expect(plexNotes({ LIBRARY_REFRESH_INTERVAL: '9999' }).join()).toContain('once a day');
    expect(plexNotes({ LIBRARY_REFRESH_INTERVAL: '15', LOG_LEVEL: 'INFO' })).toEqual([]);
  });

  test('tells all that is missing at once, and what to do', () => {
    const [server, token] = faultsOf({ PLEX_SERVER: '', LIBRARY_REFRESH_INTERVAL: '1h' });
    expect(server).toMatch(/^MX_USAGE: PLEX_SERVER is not set: .*--plex\.server/);
    expect(token).toMatch(/^MX_USAGE: PLEX_TOKEN is not set: .*PLEX_TOKEN_FILE/);
    expect(faultsOf({ PLEX_SERVER: '', LIBRARY_REFRESH_INTERVAL: '1h' })).toHaveLength(3);
  });

  test.each([
    [{ PLEX_SERVER: 'nowhere' }, 'MX_CONFIG_URL: PLEX_SERVER: '],
    [{ PLEX_SERVER: 'http://bob:pass@plex' }, 'MX_CONFIG_URL_CREDENTIALS: PLEX_SERVER: '],
    [{ PLEX_TOKEN_FILE: '/run/plex' }, 'MX_USAGE: PLEX_TOKEN and PLEX_TOKEN_FILE are set together'],
    [{ LIBRARY_REFRESH_INTERVAL: '-1' }, 'MX_USAGE: LIBRARY_REFRESH_INTERVAL is not'],
    [{ PLEX_CLIENT_TIMEOUT_SECONDS: 'ten' }, 'MX_USAGE: PLEX_CLIENT_TIMEOUT_SECONDS is not'],
    [{ PLEX_CLIENT_TIMEOUT_SECONDS: '0' }, 'MX_CONFIG_VALUE: PLEX_CLIENT_TIMEOUT_SECONDS must be'],
  ])('names the variable that is wrong: %j', (env, fault) => {
    const [first, ...more] = faultsOf({ ...ENV, ...env });
    expect(first).toContain(fault);
    expect(more).toEqual([]);
    expect(first).not.toMatch(/the-token|pass@/);
  });

  test('names the flag that is wrong', () => {
    expect(faultsOf(ENV, { server: 'nowhere' })[0]).toContain('MX_CONFIG_URL: --plex.server: ');
  });

  test('logs as the variables say, and flags before them', () => {
    expect(plexLog({}, {})).toEqual({ level: 'info', format: 'logfmt' });
    expect(plexLog({}, { LOG_LEVEL: 'WARN', LOG_FORMAT: 'json' })).toEqual({ level: 'warn', format: 'json' });
    expect(plexLog({}, { LOG_FORMAT: 'console', ENVIRONMENT: 'development' }).format).toBe('logfmt');
    expect(plexLog({ level: 'debug' }, { LOG_LEVEL: 'error' }).level).toBe('debug');
    expect(plexLog({}, { LOG_LEVEL: 'loud' }).level).toBe('info');
    expect(plexNotes({ LOG_LEVEL: 'loud' }).join()).toContain('LOG_LEVEL');
  });
});
