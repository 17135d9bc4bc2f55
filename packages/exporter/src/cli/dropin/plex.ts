import { checkInput } from '../../config/load.ts';
import type { Config, ConfigInput } from '../../config/schema.ts';
import type { Overrides } from '../../config/settings.ts';
import { ExporterError, type Problem } from '../../errors.ts';
import type { LogLevel } from '../../log.ts';
import { dropInStateDir } from '../../state/folder.ts';
import type { LogFlags } from '../commands/serve.ts';
import type { Environment } from '../process/environment.ts';
import { isSet, type Names, renameKeys, runDropIn, WEB_NAMES, webInput } from './dropin.ts';
import { type TlsFlags, tlsConfig, tlsNames } from './tls.ts';

export interface PlexFlags {
  readonly server: string | undefined;
  readonly tokenFile: string | undefined;
  readonly tls: TlsFlags;
  readonly overrides: Overrides;
  /** What is not given comes from the environment. */
  readonly log: Partial<LogFlags>;
}

type Variables = Environment['env'];

/** The original's address. */
const LISTEN = ':9000';

/** The original's defaults. */
const TIMEOUT_SECONDS = '10';
const REFRESH_MINUTES = '15';

const LEAST_MINUTES = 1;
const MOST_MINUTES = 24 * 60;

/** `media-exporter plex`: stands in for the Plex exporter, with its port, variables and metrics. */
export function runPlex(flags: PlexFlags, environment: Environment): Promise<number> {
  const { env } = environment;
  return runDropIn(
    () => ({
      config: plexConfig(flags, env),
      names: namesOf(flags),
      notes: plexNotes(env),
    }),
    plexLog(flags.log, env),
    environment,
  );
}

/**
 * The configuration that flags and environment of the drop-in mode mean. A variable that is empty is not set.
 *
 * @throws ExporterError with all that is wrong, by the names of flags and variables.
 */
export function plexConfig(flags: PlexFlags, env: Variables): Config {
  const { stateDir = dropInStateDir('plex', env) } = flags.overrides;
  const names = namesOf(flags);
  const problems: Problem[] = [];
  const url = flags.server ?? variable(env, 'PLEX_SERVER');
  if (url === undefined) {
    problems.push(
      usage('PLEX_SERVER is not set: the server, such as http://192.168.1.10:32400, or give --plex.server'),
    );
  }
  const tokens = ['PLEX_TOKEN', 'PLEX_TOKEN_FILE'].filter((name) => variable(env, name) !== undefined);
  if (flags.tokenFile === undefined && tokens.length !== 1) {
    problems.push(
      tokens.length === 0
        ? usage("PLEX_TOKEN is not set: the server owner's X-Plex-Token, or a file with it in PLEX_TOKEN_FILE")
        : usage('PLEX_TOKEN and PLEX_TOKEN_FILE are set together'),
    );
  }
  const minutes = variable(env, 'LIBRARY_REFRESH_INTERVAL') ?? REFRESH_MINUTES;
  if (!/^\d{1,9}$/.test(minutes)) problems.push(usage('LIBRARY_REFRESH_INTERVAL is not a whole number of minutes'));
  const seconds = variable(env, 'PLEX_CLIENT_TIMEOUT_SECONDS') ?? TIMEOUT_SECONDS;
  if (!/^\d{1,9}(\.\d+)?$/.test(seconds))
    problems.push(usage('PLEX_CLIENT_TIMEOUT_SECONDS is not a number of seconds'));
  if (problems.length > 0) throw new ExporterError(problems);
  const input: ConfigInput = {
    web: webInput(flags.overrides, LISTEN),
    privacy: { users: 'clear', titles: 'clear', addresses: 'clear' },
    state: stateDir === undefined ? {} : { dir: stateDir },
    sources: [
      {
        name: 'plex',
        type: 'plex',
        url: url ?? '',
        ...tokenOf(flags, env),
        timeout: Number(seconds),
        library_interval: 60 * Math.min(Math.max(Number(minutes), LEAST_MINUTES), MOST_MINUTES),
        tls: tlsConfig(flags.tls, /^(1|true)$/i.test(env.SKIP_TLS_VERIFICATION ?? '')),
      },
    ],
  };
  const loaded = checkInput(input);
  if (!loaded.ok) throw new ExporterError(renameKeys(loaded.problems, names));
  return loaded.config;
}

/** The log that flags and environment ask for. `LOG_FORMAT=console` and a development environment want it readable, as it is anyhow. */
export function plexLog({ level, format }: Partial<LogFlags>, env: Variables): LogFlags {
  return {
    level: level ?? LEVELS.get(env.LOG_LEVEL?.toLowerCase() ?? '') ?? 'info',
    format: format ?? (env.LOG_FORMAT?.toLowerCase() === 'json' ? 'json' : 'logfmt'),
  };
}

const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['fatal', 'error'],
]);

/** What is not done as the variables say. */
export function plexNotes(env: Variables): string[] {
  const minutes = Number(variable(env, 'LIBRARY_REFRESH_INTERVAL') ?? REFRESH_MINUTES);
  const level = variable(env, 'LOG_LEVEL')?.toLowerCase();
  return [
    ...(minutes < LEAST_MINUTES ? ['LIBRARY_REFRESH_INTERVAL is below 1: libraries are counted once a minute'] : []),
    ...(minutes > MOST_MINUTES ? ['LIBRARY_REFRESH_INTERVAL is above 1440: libraries are counted once a day'] : []),
    ...(level !== undefined && !LEVELS.has(level) ? ['LOG_LEVEL is no level that is known: info is used'] : []),
  ];
}

function tokenOf(flags: PlexFlags, env: Variables): { token_file: string } | { token_env: string } {
  const file = flags.tokenFile ?? variable(env, 'PLEX_TOKEN_FILE');
  return file === undefined ? { token_env: 'PLEX_TOKEN' } : { token_file: file };
}

/** What is wrong is told by the name of what was written: a flag, or else a variable. */
function namesOf({ server, tokenFile }: PlexFlags): Names {
  const file = tokenFile === undefined ? 'PLEX_TOKEN_FILE' : '--plex.token-file';
  return [
    ...WEB_NAMES,
    [/^sources\[0\]\.url\b/, server === undefined ? 'PLEX_SERVER' : '--plex.server'],
    ...tlsNames('plex'),
    [/^sources\[0\]\.timeout\b/, 'PLEX_CLIENT_TIMEOUT_SECONDS'],
    [/^sources\[0\]\.token_file\b/, file],
    [/^token_file of the source plex\b/, file],
    [/^token_env of the source plex\b/, 'PLEX_TOKEN'],
    [/^state\.dir\b/, '--state.dir'],
  ];
}

function usage(detail: string): Problem {
  return { code: 'MX_USAGE', detail };
}

function variable(env: Variables, name: string): string | undefined {
  return isSet(env[name]) ? env[name] : undefined;
}
