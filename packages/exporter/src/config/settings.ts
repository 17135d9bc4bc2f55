import { dirname, isAbsolute, resolve } from 'node:path';
import { ExporterError, type Problem, problemsOf } from '../errors.ts';
import { defaultStateDir } from '../state/folder.ts';
import { explainFileError } from '../system-errors.ts';
import { isLoopback, parseListenAddress } from './address.ts';
import { readAuthorities } from './authorities.ts';
import { openAddress } from './checks.ts';
import { type Locate, parseConfig } from './load.ts';
import type { Config, SourceSettings } from './schema.ts';
import { readSecret, readSourceSecret, readToken, type Secret, type SecretPlaces } from './secrets.ts';
import { secretOf } from './source-secret.ts';
import { judgeTelemetryPath } from './values.ts';
import type { WebFile } from './web-file/read.ts';

/** A configuration with its secrets read: all that the exporter needs to run. */
export interface Settings {
  readonly config: Config;
  /** The bearer token of the metrics and of reloads. */
  readonly token: Secret | undefined;
  readonly pseudonymKey: Secret;
  /** Whether that key was made for this start: pseudonyms are wanted, and the configuration has no key. */
  readonly keyIsFresh: boolean;
  /** The secrets of sources, by name. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** The certificates of authorities that sources trust, as PEM text, by name. */
  readonly authorities: ReadonlyMap<string, string>;
  readonly webFile: WebFile | undefined;
  /** Reads the secret of a source again; rejects with what is wrong. */
  readonly rereadSecret: (source: string) => Promise<Secret | undefined>;
  /** Files whose change means a reload. */
  readonly files: readonly string[];
}

/** What flags put in the place of the configuration. */
export interface Overrides {
  readonly listen?: readonly string[] | undefined;
  readonly telemetryPath?: string | undefined;
  readonly webConfigFile?: string | undefined;
  readonly stateDir?: string | undefined;
}

export interface SettingsOptions {
  readonly places: SecretPlaces;
  readonly overrides: Overrides;
  /** Keys the pseudonyms where the configuration has no key. */
  readonly randomKey: Secret;
}

/**
 * Reads a configuration file and the secrets it names.
 *
 * @throws ExporterError with all that is wrong.
 */
export async function loadFile(file: string, options: SettingsOptions): Promise<Settings> {
  let text: string;
  try {
    text = await options.places.readFile(file);
  } catch (error) {
    throw new ExporterError({ code: 'MX_CONFIG_READ', detail: `${file} ${explainFileError(error)}` }, { cause: error });
  }
  const loaded = parseConfig(text, file, options.overrides.webConfigFile);
  if (!loaded.ok) throw new ExporterError(loaded.problems);
  const settings = await completeConfig(withFolder(loaded.config, dirname(resolve(file))), options, loaded.place);
  return { ...settings, files: [file, ...settings.files] };
}

/**
 * Applies the flags to a configuration and reads its secrets. `locate` tells where a key stands.
 *
 * @throws ExporterError with all that is wrong.
 */
export async function completeConfig(
  given: Config,
  options: SettingsOptions,
  locate: Locate = () => undefined,
): Promise<Settings> {
  const { overrides, places, randomKey } = options;
  const config: Config = {
    ...given,
    web: {
      ...given.web,
      listen: [...(overrides.listen ?? given.web.listen)],
      telemetry_path: overrides.telemetryPath ?? given.web.telemetry_path,
      config_file: overrides.webConfigFile ?? given.web.config_file,
    },
    state: { dir: overrides.stateDir ?? given.state.dir ?? defaultStateDir(places.env) },
  };
  const problems: Problem[] = [];
  const pathFault = judgeTelemetryPath(config.web.telemetry_path);
  if (pathFault !== undefined) problems.push({ code: 'MX_CONFIG_VALUE', detail: `--web.telemetry-path ${pathFault}` });
  const read = async <T>(path: readonly PropertyKey[], reading: Promise<T>): Promise<T | undefined> => {
    try {
      return await reading;
    } catch (error) {
      const place = locate(path);
      problems.push(...problemsOf(error).map((problem) => (place === undefined ? problem : { place, ...problem })));
      return undefined;
    }
  };
  const { config_file: webConfigFile } = config.web;
  const webFile =
    webConfigFile === undefined ? undefined : await read(['web', 'config_file'], loadWebFile(webConfigFile, places));
  if (webConfigFile === undefined ? overrides.listen !== undefined : webFile !== undefined) {
    problems.push(...checkListen(config, webFile, locate));
  }
  const tokenFile = config.web.auth.token_file;
  const token =
    tokenFile === undefined ? undefined : await read(['web', 'auth', 'token_file'], readToken(tokenFile, places));
  const { key: value, key_file: file, key_env: env, users, titles, addresses } = config.privacy;
  const key = await read(
    ['privacy', file === undefined ? 'key_env' : 'key_file'],
    readSecret({ value, file, env }, `privacy.${file === undefined ? 'key_env' : 'key_file'}`, places),
  );
  const secrets = new Map<string, Secret>();
  const authorities = new Map<string, string>();
  const rereadSecret = async (name: string): Promise<Secret | undefined> => {
    const source = config.sources.find((candidate) => candidate.name === name);
    if (source === undefined) return undefined;
    const { key, fields } = secretOf(source);
    return readSourceSecret(fields, `${key} of the source ${name}`, places);
  };
  for (const [index, source] of config.sources.entries()) {
    const { name } = source;
    const secret = await read(['sources', index, secretOf(source).key], rereadSecret(name));
    if (secret !== undefined) secrets.set(name, secret);
    const { ca_file: caFile } = source.tls;
    if (caFile === undefined) continue;
    const pem = await read(['sources', index, 'tls', 'ca_file'], readAuthorities(caFile, name, places));
    if (pem !== undefined) authorities.set(name, pem);
  }
  if (problems.length > 0) throw new ExporterError(problems);
  const files = [
    tokenFile,
    file,
    ...(webFile?.files ?? []),
    ...config.sources.flatMap((source) => [secretOf(source).fields.file, source.tls.ca_file]),
  ];
  return {
    config,
    token,
    pseudonymKey: key ?? randomKey,
    keyIsFresh: key === undefined && [users, titles, addresses].includes('pseudonym'),
    secrets,
    authorities,
    webFile,
    rereadSecret,
    files: files.filter((path) => path !== undefined),
  };
}

/** What is needed to read it is loaded only where there is one. */
async function loadWebFile(file: string, places: SecretPlaces): Promise<WebFile> {
  const { readWebFile } = await import('./web-file/read.ts');
  return readWebFile(file, places);
}

/** What the schema cannot look at: addresses that a flag gave, and access that the web configuration file limits. */
function checkListen(config: Config, webFile: WebFile | undefined, locate: Locate): Problem[] {
  const { listen, auth } = config.web;
  return listen.flatMap((text, index): Problem[] => {
    const address = parseListenAddress(text);
    if (address === undefined) return [{ code: 'MX_CONFIG_LISTEN', detail: `"${text}" is no listen address` }];
    const guarded = auth.metrics !== undefined || auth.token_file !== undefined || webFile?.restricts;
    if (guarded || isLoopback(address.host)) return [];
    const place = locate(['web', 'listen', index]);
    return [{ code: 'MX_CONFIG_ACCESS', detail: openAddress(text), ...(place && { place }) }];
  });
}

const JELLYFIN_PATHS = ['token_file', 'log_directory', 'pid_file', 'cgroup', 'geoip_file'] as const;

/** Relative paths in a file are relative to it, wherever the exporter was started. */
function withFolder(config: Config, folder: string): Config {
  const place = <T extends object, K extends keyof T>(object: T, key: K): T => {
    const path = object[key];
    return typeof path === 'string' && !isAbsolute(path) ? { ...object, [key]: resolve(folder, path) } : object;
  };
  const placeSource = (source: SourceSettings): SourceSettings => {
    switch (source.type) {
      case 'mediasoup':
        return place(source, 'secret_file');
      case 'plex':
        return place(source, 'token_file');
      case 'jellyfin':
        return JELLYFIN_PATHS.reduce((placed, key) => place(placed, key), source);
    }
  };
  return {
    ...config,
    web: { ...place(config.web, 'config_file'), auth: place(config.web.auth, 'token_file') },
    privacy: place(config.privacy, 'key_file'),
    state: place(config.state, 'dir'),
    sources: config.sources.map((source) => ({ ...placeSource(source), tls: place(source.tls, 'ca_file') })),
  };
}
