import { join } from 'node:path';
import { checkInput } from '../../../config/load.ts';
import type { Config, ConfigInput } from '../../../config/schema.ts';
import { ExporterError, type Problem } from '../../../errors.ts';
import { dropInStateDir } from '../../../state/folder.ts';
import type { Environment } from '../../process/environment.ts';
import { isSet, type Names, renameKeys, runDropIn, WEB_NAMES, webInput } from '../dropin.ts';
import { tlsConfig, tlsNames } from '../tls.ts';
import { collectorNotes, dropInCollectors, ORIGINAL_NAMES } from './collectors.ts';
import type { JellyfinFlags } from './options.ts';
import { bareProcess } from './process.ts';

/** The original's. */
const LISTEN = ':9594';
const ADDRESS = 'http://localhost:8096';

/** What the credential of systemd is called that holds the API key. */
const CREDENTIAL = 'jellyfin-token';

/** What flags, environment and, where it is there, the path of the credential say. */
export interface JellyfinInput {
  readonly flags: JellyfinFlags;
  readonly env: Environment['env'];
  readonly credential: string | undefined;
}

/** `media-exporter jellyfin`: stands in for the Jellyfin exporter, with its port, flags and variables. */
export async function runJellyfin(flags: JellyfinFlags, environment: Environment): Promise<number> {
  const { env } = environment;
  const input = { flags, env, credential: await findCredential(environment) };
  const serverProcess = bareProcess();
  return runDropIn(
    () => ({
      config: jellyfinConfig(input),
      names: namesOf(input),
      view: { serverProcess, withoutSelf: flags.withoutSelf, collectorNames: ORIGINAL_NAMES },
      notes: jellyfinNotes(flags),
      warnings: jellyfinWarnings(input),
    }),
    flags.log,
    environment,
  );
}

/**
 * The configuration that flags and environment of the drop-in mode mean.
 *
 * @throws ExporterError with all that is wrong, by the names of flags and variables.
 */
export function jellyfinConfig(input: JellyfinInput): Config {
  const { flags, env } = input;
  const { stateDir = dropInStateDir('jellyfin', env) } = flags.overrides;
  const [key] = keysOf(input);
  const problems = [...flagProblems(flags)];
  if (key === undefined) {
    problems.push(usage('--jellyfin.token-file is missing: a file whose first line is an API key of the server'));
  }
  if (problems.length > 0) throw new ExporterError(problems);
  const { logDirectory, pidFile, cgroup, geoipFile, metricsPath, activityDays, disableDefaults } = flags;
  const implied = [
    ...(logDirectory === undefined ? [] : ['transcode_logs' as const]),
    ...((pidFile ?? cgroup ?? metricsPath) === undefined ? [] : ['process' as const]),
    ...(activityDays === undefined ? [] : ['playback_reporting' as const]),
  ];
  const config: ConfigInput = {
    web: webInput(flags.overrides, LISTEN),
    privacy: { users: 'clear', titles: 'clear', addresses: 'clear' },
    state: stateDir === undefined ? {} : { dir: stateDir },
    sources: [
      {
        name: 'jellyfin',
        type: 'jellyfin',
        url: addressOf(input),
        ...key?.config,
        tls: tlsConfig(flags.tls, flags.skipVerify),
        collectors: dropInCollectors(flags.collectors, { disableDefaults, implied }),
        session_series: flags.sessionSeries,
        ...(logDirectory === undefined ? {} : { log_directory: logDirectory }),
        ...(pidFile === undefined ? {} : { pid_file: pidFile }),
        ...(cgroup === undefined ? {} : { cgroup }),
        ...(geoipFile === undefined || flags.collectors.get('geoip') === false ? {} : { geoip_file: geoipFile }),
        ...(metricsPath === undefined ? {} : { metrics_path: metricsPath }),
        ...(activityDays === undefined ? {} : { playback_reporting_days: Number(activityDays) }),
      },
    ],
  };
  const loaded = checkInput(config);
  if (!loaded.ok) throw new ExporterError(renameKeys(loaded.problems, namesOf(input)));
  return loaded.config;
}

/** What is not done as the flags say. */
export function jellyfinNotes({ collectors, maxRequests, activityDays }: JellyfinFlags): string[] {
  return [
    ...collectorNotes(collectors),
    ...(maxRequests === undefined
      ? []
      : ['--web.max-requests limits nothing: scrapes read what is known already, however many there are']),
    ...(activityDays === undefined
      ? []
      : [
          '--collector.activity.days is that of --collector.playback_reporting, which it switches on: activity is the log',
        ]),
  ];
}

/** What is better done in another way. */
export function jellyfinWarnings(input: JellyfinInput): string[] {
  const [key, ...others] = keysOf(input);
  return [
    ...(input.flags.token === undefined
      ? []
      : ['everybody on this machine can read --jellyfin.token in the list of processes: use --jellyfin.token-file']),
    ...others.map(({ name }) => `the API key is that of ${key?.name}: ${name} is not used`),
  ];
}

function flagProblems({ token, excess, collectors, geoipFile, maxRequests, activityDays }: JellyfinFlags): Problem[] {
  const problems: Problem[] = [];
  if (collectors.get('geoip') === true && geoipFile === undefined) {
    problems.push(usage('--collector.geoip needs a database of places: give --jellyfin.geoip-file'));
  }
  // A line for systemd, as it is written for a shell: the rest of the command is arguments then.
  if (token?.startsWith('$(')) {
    problems.push(usage('--jellyfin.token is a command, but no shell has run it: use --jellyfin.token-file'));
  } else if (excess > 0) {
    problems.push(usage(excess === 1 ? 'an argument is no flag' : `${excess} arguments are no flags`));
  }
  for (const [flag, value] of [
    ['--web.max-requests', maxRequests],
    ['--collector.activity.days', activityDays],
  ]) {
    if (value !== undefined && !/^\d{1,9}$/.test(value)) problems.push(usage(`${flag} is not a whole number`));
  }
  return problems;
}

interface ApiKey {
  readonly name: string;
  readonly config: { token: string } | { token_file: string } | { token_env: string };
}

/** Where the API key is given, the safest place first: only that one is used. */
function keysOf({ flags, env, credential }: JellyfinInput): ApiKey[] {
  const keys: ApiKey[] = [];
  const { JELLYFIN_TOKEN_FILE: file } = env;
  if (flags.tokenFile !== undefined) {
    keys.push({ name: '--jellyfin.token-file', config: { token_file: flags.tokenFile } });
  }
  if (isSet(file)) keys.push({ name: 'JELLYFIN_TOKEN_FILE', config: { token_file: file } });
  if (credential !== undefined) {
    keys.push({ name: `the credential ${CREDENTIAL}`, config: { token_file: credential } });
  }
  if (isSet(env.JELLYFIN_TOKEN)) keys.push({ name: 'JELLYFIN_TOKEN', config: { token_env: 'JELLYFIN_TOKEN' } });
  if (flags.token !== undefined) keys.push({ name: '--jellyfin.token', config: { token: flags.token } });
  return keys;
}

function addressOf({ flags, env }: JellyfinInput): string {
  return flags.address ?? (isSet(env.JELLYFIN_ADDRESS) ? env.JELLYFIN_ADDRESS : ADDRESS);
}

/** systemd.exec(5): the folder is there only for units that were given credentials, and may have others. */
async function findCredential({ env, files }: Environment): Promise<string | undefined> {
  if (!isSet(env.CREDENTIALS_DIRECTORY)) return undefined;
  const path = join(env.CREDENTIALS_DIRECTORY, CREDENTIAL);
  return files.stat(path).then(
    () => path,
    () => undefined,
  );
}

/** What is wrong is told by the name of what was written. */
function namesOf(input: JellyfinInput): Names {
  const [key] = keysOf(input);
  const given = key?.name ?? '--jellyfin.token-file';
  return [
    ...WEB_NAMES,
    [/^sources\[0\]\.url\b/, input.flags.address === undefined ? 'JELLYFIN_ADDRESS' : '--jellyfin.address'],
    [/^sources\[0\]\.token(_file|_env)?\b/, given],
    [/^token(_file|_env)? of the source jellyfin\b/, given],
    ...tlsNames('jellyfin'),
    [/^sources\[0\]\.metrics_path\b/, '--jellyfin.metrics-path'],
    [/^sources\[0\]\.playback_reporting_days\b/, '--collector.activity.days'],
    [/^state\.dir\b/, '--state.dir'],
  ];
}

function usage(detail: string): Problem {
  return { code: 'MX_USAGE', detail };
}
