import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { ExporterError } from '../../../errors.ts';
import { renameKeys } from '../dropin.ts';
import { tlsNames } from '../tls.ts';
import { COLLECTOR_FLAGS, DROP_IN_COLLECTORS } from './collectors.ts';
import { jellyfinConfig, jellyfinNotes, jellyfinWarnings } from './jellyfin.ts';
import { addJellyfinOptions, type JellyfinFlags, jellyfinFlags } from './options.ts';

const KEY = '--jellyfin.token-file=/run/key';
const ENV = { HOME: '/home/bob' };

/** What the flags of a command line say. */
function flagsOf(args: readonly string[], overrides: JellyfinFlags['overrides'] = {}): JellyfinFlags {
  const command = addJellyfinOptions(new Command()).exitOverride().allowExcessArguments();
  command.parse([...args], { from: 'user' });
  const excess = command.args.length;
  return jellyfinFlags(command.opts(), { excess, overrides, log: { level: 'info', format: 'logfmt' } });
}

const configOf = (args: readonly string[], env: Record<string, string> = {}, credential?: string) =>
  jellyfinConfig({ flags: flagsOf(args), env: { ...ENV, ...env }, credential });

function sourceOf(args: readonly string[], env: Record<string, string> = {}, credential?: string) {
  const [source] = configOf(args, env, credential).sources;
  if (source?.type !== 'jellyfin') throw new Error('no Jellyfin');
  return source;
}

/** What is told to be wrong, one line each. */
function faultsOf(args: readonly string[], env: Record<string, string> = {}): string[] {
  try {
    configOf(args, env);
  } catch (error) {
    if (error instanceof ExporterError) return error.problems.map(({ code, detail }) => `${code}: ${detail}`);
    throw error;
  }
  return [];
}

describe('the drop-in mode of Jellyfin', () => {
  test('is as open as the original, at its address and on its port, with all names in clear', () => {
    const { web, privacy, sources, state } = configOf([KEY]);
    expect(web).toMatchObject({ listen: [':9594'], telemetry_path: '/metrics', auth: { metrics: 'none' } });
    expect(privacy).toEqual({ users: 'clear', titles: 'clear', addresses: 'clear' });
    expect(state.dir).toBe('/home/bob/.local/state/media-exporter/jellyfin');
    expect(sources).toMatchObject([{ type: 'jellyfin', url: 'http://localhost:8096', token_file: '/run/key' }]);
  });

  test('takes the flags of the web server and of the state', () => {
    const overrides = { listen: ['127.0.0.1:1'], telemetryPath: '/m', stateDir: '/state' };
    const { web, state } = jellyfinConfig({ flags: flagsOf([KEY], overrides), env: ENV, credential: undefined });
    expect(web).toMatchObject({ listen: ['127.0.0.1:1'], telemetry_path: '/m' });
    expect(state.dir).toBe('/state');
  });

  test('takes the address of its flag, else of its variable', () => {
    const env = { JELLYFIN_ADDRESS: 'http://variable:8096/web/' };
    expect(sourceOf([KEY], env).url).toBe('http://variable:8096');
    expect(sourceOf([KEY, '--jellyfin.address=https://flag/jellyfin'], env).url).toBe('https://flag/jellyfin');
    expect(sourceOf([KEY], { JELLYFIN_ADDRESS: '' }).url).toBe('http://localhost:8096');
  });

  test('collects the defaults and the process, with what flags switch on and without what they switch off', () => {
    expect(new Set(sourceOf([KEY]).collectors)).toEqual(new Set(DROP_IN_COLLECTORS));
    const changed = sourceOf([KEY, '--collector.library_walk', '--no-collector.storage', '--collector.sessions']);
    expect(changed.collectors).toContain('library_walk');
    expect(changed.collectors).not.toContain('storage');
    expect(sourceOf([KEY, '--no-collector.system']).collectors).not.toContain('system');
    expect(changed.collectors).toHaveLength(DROP_IN_COLLECTORS.length);
    const only = sourceOf([KEY, '--collector.disable-defaults', '--collector.tasks', '--collector.users']);
    expect(only.collectors).toEqual(['users', 'tasks']);
  });

  test('takes the names of the collectors of the original, and says what they are here', () => {
    const args = [KEY, '--collector.disable-defaults', '--collector.media', '--collector.playing'];
    expect(sourceOf(args).collectors).toEqual(['sessions', 'library']);
    expect(jellyfinNotes(flagsOf(args))).toEqual([
      '--collector.media is --collector.library here',
      '--collector.playing is --collector.sessions here',
    ]);
    expect(sourceOf([KEY, '--no-collector.playing']).collectors).toContain('sessions');
    expect(jellyfinNotes(flagsOf(['--no-collector.playing'])).join()).toContain('changes nothing');
  });

  test('collects what a flag is for that only one collector reads', () => {
    const only = ['--collector.disable-defaults', KEY];
    expect(sourceOf([...only, '--jellyfin.log-dir=/var/log/jellyfin'])).toMatchObject({
      collectors: ['transcode_logs'],
      log_directory: '/var/log/jellyfin',
    });
    for (const [flag, key] of [
      ['--jellyfin.pid-file', 'pid_file'],
      ['--jellyfin.cgroup', 'cgroup'],
      ['--jellyfin.metrics-path', 'metrics_path'],
    ]) {
      expect(sourceOf([...only, `${flag}=/x`])).toMatchObject({ collectors: ['process'], [key as string]: '/x' });
    }
    expect(sourceOf([...only, '--jellyfin.geoip-file=/x.mmdb'])).toMatchObject({
      collectors: [],
      geoip_file: '/x.mmdb',
    });
    expect(sourceOf([...only, '--collector.activity.days=100'])).toMatchObject({
      collectors: ['playback_reporting'],
      playback_reporting_days: 100,
    });
    const off = [...only, '--jellyfin.cgroup=/x', '--no-collector.process'];
    expect(sourceOf(off).collectors).toEqual([]);
  });

  test('tells where sessions are by a database of places, unless that is switched off', () => {
    const file = '--jellyfin.geoip-file=/x.mmdb';
    expect(sourceOf([KEY, '--collector.geoip', file]).geoip_file).toBe('/x.mmdb');
    expect(sourceOf([KEY, '--no-collector.geoip', file]).geoip_file).toBeUndefined();
    expect(faultsOf([KEY, '--collector.geoip'])).toEqual([
      'MX_USAGE: --collector.geoip needs a database of places: give --jellyfin.geoip-file',
    ]);
  });

  test('is told by flags whose certificate and which name the server has, or to take any', () => {
    expect(sourceOf([KEY]).tls).toEqual({ insecure_skip_verify: false });
    const known = [KEY, '--jellyfin.tls-ca-file=/etc/own.pem', '--jellyfin.tls-server-name=den.example'];
    expect(sourceOf(known).tls).toEqual({
      ca_file: '/etc/own.pem',
      servername: 'den.example',
      insecure_skip_verify: false,
    });
    expect(sourceOf([KEY, '--jellyfin.tls-skip-verify']).tls).toEqual({ insecure_skip_verify: true });
  });

  test('tells by its flag of a certificate that cannot be read', () => {
    const problem = {
      code: 'MX_TLS_AUTHORITIES',
      detail: 'tls.ca_file of the source jellyfin: the file is empty',
    } as const;
    expect(renameKeys([problem], tlsNames('jellyfin'))).toMatchObject([
      { detail: '--jellyfin.tls-ca-file: the file is empty' },
    ]);
  });

  test('has series of single sessions when they are asked for', () => {
    expect(sourceOf([KEY]).session_series).toBe(false);
    expect(sourceOf([KEY, '--jellyfin.session-series']).session_series).toBe(true);
  });

  test('knows each collector by a flag that switches it on and one that switches it off', () => {
    for (const name of COLLECTOR_FLAGS) {
      expect(flagsOf([`--collector.${name}`]).collectors).toEqual(new Map([[name, true]]));
      expect(flagsOf([`--no-collector.${name}`]).collectors).toEqual(new Map([[name, false]]));
    }
  });

  test('takes the API key of the safest place where it is given', () => {
    const places = { JELLYFIN_TOKEN_FILE: '/variable', JELLYFIN_TOKEN: 'the-variable' };
    const token = '--jellyfin.token=the-flag';
    expect(sourceOf([KEY, token], places, '/credential')).toMatchObject({ token_file: '/run/key' });
    expect(sourceOf([token], places, '/credential')).toMatchObject({ token_file: '/variable' });
    const variable = { JELLYFIN_TOKEN: 'the-variable', JELLYFIN_TOKEN_FILE: '' };
    expect(sourceOf([token], variable, '/credential')).toMatchObject({ token_file: '/credential' });
    expect(sourceOf([token], variable)).toMatchObject({ token_env: 'JELLYFIN_TOKEN' });
    expect(sourceOf([token])).toMatchObject({ token: 'the-flag' });
  });

  test('warns of a key on the command line, and of keys that are not used', () => {
    const warnings = jellyfinWarnings({
      flags: flagsOf(['--jellyfin.token=the-flag']),
      env: { JELLYFIN_TOKEN: 'the-variable' },
      credential: undefined,
    });
    expect(warnings).toEqual([
      expect.stringContaining('list of processes'),
      'the API key is that of JELLYFIN_TOKEN: --jellyfin.token is not used',
    ]);
    expect(jellyfinWarnings({ flags: flagsOf([KEY]), env: {}, credential: undefined })).toEqual([]);
  });

  test('says of flags of the original what they do here', () => {
    const notes = jellyfinNotes(flagsOf(['--web.max-requests=40', '--collector.activity.days=100']));
    expect(notes).toEqual([
      expect.stringContaining('--web.max-requests limits nothing'),
      expect.stringContaining('--collector.activity.days is that of --collector.playback_reporting'),
    ]);
    expect(flagsOf(['--web.disable-exporter-metrics']).withoutSelf).toBe(true);
    expect(flagsOf([]).withoutSelf).toBe(false);
  });

  test.each([
    [[], 'MX_USAGE: --jellyfin.token-file is missing'],
    [['--jellyfin.token='], 'MX_USAGE: --jellyfin.token-file is missing'],
    [[KEY, '--web.max-requests=many'], 'MX_USAGE: --web.max-requests is not a whole number'],
    [[KEY, '--collector.activity.days=many'], 'MX_USAGE: --collector.activity.days is not a whole number'],
    [[KEY, '--collector.activity.days=0'], 'MX_CONFIG_VALUE: --collector.activity.days must be'],
    [[KEY, 'sessions'], 'MX_USAGE: an argument is no flag'],
    [['--jellyfin.token=$(cat', '/run/key)'], 'MX_USAGE: --jellyfin.token is a command, but no shell has run it'],
    [['--jellyfin.token=the key'], 'MX_SECRET_FORM: --jellyfin.token: '],
    [[KEY, '--jellyfin.address=nowhere'], 'MX_CONFIG_URL: --jellyfin.address: '],
    [[KEY, '--jellyfin.metrics-path=x'], 'MX_CONFIG_VALUE: --jellyfin.metrics-path must be a path'],
  ])('tells of %j what is wrong, and no secret', (args, fault) => {
    const [first, ...more] = faultsOf(args);
    expect(first).toContain(fault);
    expect(first).not.toContain('the key');
    expect(more).toEqual([]);
  });

  test('names the variable that is wrong', () => {
    expect(faultsOf([KEY], { JELLYFIN_ADDRESS: 'nowhere' })[0]).toContain('MX_CONFIG_URL: JELLYFIN_ADDRESS: ');
  });
});
