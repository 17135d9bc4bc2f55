import { type ErrorText, type ServerType, UPSTREAM_ERRORS } from './upstream-errors.ts';

/**
 * Every error that a user of the daemon can meet, by its stable code: what is wrong, and what to do about it.
 * `docs/errors.md` is made from this table.
 */
export const ERRORS = {
  MX_USAGE: {
    what: 'The command line has a flag, a command or a value that the program does not know. The exit code is 2.',
    fix: 'Run `media-exporter --help`, or `media-exporter COMMAND --help`.',
  },
  MX_NODE_VERSION: {
    what: 'The Node.js that runs the exporter is older than 24.',
    fix: 'Install Node.js 24 or newer, or start it from the repository with `npm start`, which brings its own.',
  },
  MX_NO_CONFIG: {
    what: 'The exporter was started without a configuration, so it has nothing to export.',
    fix: 'Try `--demo`, or write a configuration and give it with `--config.file FILE`; `docs/configuration.md` has an example.',
  },
  MX_CONFIG_READ: {
    what: 'The configuration file cannot be read.',
    fix: 'Check the path given to `--config.file` and the permissions of the file.',
  },
  MX_CONFIG_SYNTAX: {
    what: 'The configuration file is not well-formed YAML.',
    fix: 'Look at the line and column in the message; put quotes around values with special characters.',
  },
  MX_CONFIG_KEY: {
    what: 'The configuration has a key that does not exist there.',
    fix: 'Correct its spelling or its indentation. `media-exporter config-schema` prints a schema that editors can complete from.',
  },
  MX_CONFIG_MISSING: {
    what: 'A key that is needed is missing from the configuration.',
    fix: 'Add the key. `docs/configuration.md` describes each.',
  },
  MX_CONFIG_VALUE: {
    what: 'A value in the configuration has the wrong type, or is out of its range.',
    fix: 'Write the value as the message and `docs/configuration.md` describe it.',
  },
  MX_CONFIG_LISTEN: {
    what: 'A listen address is not of the form `HOST:PORT`, `[IPV6]:PORT` or `:PORT`.',
    fix: 'Write for example `127.0.0.1:9594`, `[::1]:9594`, or `:9594` for all interfaces.',
  },
  MX_CONFIG_ACCESS: {
    what: 'The exporter shall listen on an address that is not loopback, but nothing says who may read the metrics.',
    fix: 'Set `web.auth.token_file` to a file that holds a bearer token, or `web.auth.metrics: none` to let everybody read; or listen on loopback only.',
  },
  MX_DEMO_ACCESS: {
    what: 'The demo shall listen on an address that is not loopback.',
    fix: 'With `--demo`, use a loopback address such as `127.0.0.1:9594`; for others, write a configuration, which can say who may read the metrics.',
  },
  MX_CONFIG_TOKEN: {
    what: '`web.auth.metrics` is `token`, but there is no `web.auth.token_file`.',
    fix: 'Add `web.auth.token_file`, or set `web.auth.metrics: none`.',
  },
  MX_CONFIG_SOURCE_DUPLICATE: {
    what: 'Two sources have the same name.',
    fix: 'Give each source a name of its own: it becomes the `source` label and must tell them apart.',
  },
  MX_CONFIG_SOURCE_TYPE: {
    what: 'The type of a source is not one that this version has.',
    fix: 'Use one of the types that the message lists.',
  },
  MX_CONFIG_URL: {
    what: 'The URL of a source is not one that can be asked.',
    fix: 'Write `http://HOST:PORT`, `https://HOST:PORT` or `unix:/PATH/TO/SOCKET`, and nothing after it; only of Plex and Jellyfin a path may follow, where a proxy or the base URL of the server adds one.',
  },
  MX_CONFIG_URL_CREDENTIALS: {
    what: 'The URL of a source contains a user name or a password, which would end up in logs.',
    fix: 'Take them out of the URL and give the secret with its own key, such as `secret_file` or `token_env`.',
  },
  MX_CONFIG_SECRET: {
    what: 'A secret is given in more than one way.',
    fix: 'Keep exactly one of the plain key, the key with `_file` and the key with `_env`.',
  },
  MX_WEB_READ: {
    what: 'The web configuration file cannot be read.',
    fix: 'Check the path given to `--web.config.file` or `web.config_file`, and the permissions of the file.',
  },
  MX_WEB_KEY: {
    what: 'The web configuration file has a key that does not exist there.',
    fix: 'Correct its spelling or its indentation; `docs/operations.md` names the keys under "TLS and passwords".',
  },
  MX_WEB_VALUE: {
    what: 'A key that is needed is missing from the web configuration file, or a value is not one that it can have.',
    fix: 'Write it as the message and `docs/operations.md` ("TLS and passwords") describe it.',
  },
  MX_WEB_PASSWORD: {
    what: 'The password of a user in the web configuration file is not a hash of bcrypt, or one that takes too long to check.',
    fix: 'Make the hash with `htpasswd -nBC 10 NAME`, and write it after the name and a colon, in quotes.',
  },
  MX_WEB_CERTIFICATE: {
    what: 'A certificate or a key that the web configuration file names cannot be read, or the two do not belong together.',
    fix: 'Check the paths, which are relative to that file, and the permissions; certificates and keys are in PEM form, and the key without a passphrase.',
  },
  MX_SECRET_FILE: {
    what: 'The file of a secret cannot be read, or it is empty.',
    fix: 'Check the path and the permissions; the first line of the file is the secret.',
  },
  MX_SECRET_ENV: {
    what: 'The environment variable of a secret is not set, or it is empty.',
    fix: 'Set the variable in the environment of the exporter, and restart it.',
  },
  MX_SECRET_FORM: {
    what: 'The secret or token of a source has characters that none has: it is sent in a header.',
    fix: 'Copy it again, without quotes, spaces or anything else around it. One that you choose yourself, as for mediasoup, shall be of letters and digits.',
  },
  MX_TLS_AUTHORITIES: {
    what: 'The file of `tls.ca_file` cannot be read, or there is no certificate in it.',
    fix: 'Check the path and the permissions; the file holds certificates in PEM form, which begins with `-----BEGIN CERTIFICATE-----`.',
  },
  MX_TOKEN_WEAK: {
    what: 'The bearer token is shorter than 16 characters, or has characters that a header cannot carry.',
    fix: 'Make a token of letters and digits, for example with `openssl rand -hex 32`.',
  },
  MX_LISTEN_IN_USE: {
    what: 'Another program listens on the address already.',
    fix: 'Stop the other program, or choose another address with `--web.listen-address` or `web.listen`.',
  },
  MX_LISTEN_DENIED: {
    what: 'The system does not let the exporter listen on the address.',
    fix: 'Choose a port above 1023, or give the process the right to use the port.',
  },
  MX_LISTEN_ADDRESS: {
    what: 'The address to listen on does not belong to this machine.',
    fix: 'Use an address of one of its interfaces, a loopback address, or `:PORT` for all interfaces.',
  },
  MX_SOURCE_UNKNOWN: {
    what: 'There is no source of that name in the configuration.',
    fix: 'Use one of the names that the message lists.',
  },
  ...UPSTREAM_ERRORS,
  MX_JELLYFIN_METRICS: {
    what: 'Figures of the process of Jellyfin cannot be had from its own metrics: it does not show them, or something before it keeps them back.',
    fix: 'Write `<EnableMetrics>true</EnableMetrics>` into `system.xml` and restart Jellyfin; where a proxy keeps `/metrics` back, let the exporter ask Jellyfin itself. On the same machine its pid file or its control group will do: `pid_file` (`--jellyfin.pid-file`), `cgroup` (`--jellyfin.cgroup`).',
  },
  MX_LOCAL_READ: {
    what: 'A file of the media server on this machine cannot be read: a log, a pid file, a control group or a process.',
    fix: "Check the path, and that the exporter's user may read it: the folder of the logs often belongs to the server alone, and systemd's `ProtectProc` and `ProcSubset` hide processes.",
  },
  MX_GEOIP_FILE: {
    what: 'The database of places cannot be read, or it is none. Metrics about places are absent; all else goes on.',
    fix: "Check the path of `geoip_file` (`--jellyfin.geoip-file`), and that the exporter's user may read it: it is a file in MaxMind's format (.mmdb) that knows cities, such as GeoLite2-City. The exporter tries again by itself.",
  },
  MX_STATE_DIR: {
    what: 'There is no folder for what must survive a restart, or it cannot be used. Counters are kept in memory meanwhile, and begin anew when the exporter is started again.',
    fix: 'Give a folder that this user can write with `--state.dir` or `state.dir`. The exporter tries again by itself.',
  },
  MX_STATE_WRITE: {
    what: 'What must survive a restart cannot be written. Counters are kept in memory meanwhile.',
    fix: 'Look for space on the disk and for the permissions of the folder. The exporter tries again by itself.',
  },
  MX_STATE_BUSY: {
    what: 'Another process uses the state database.',
    fix: 'Give each exporter a folder of its own with `--state.dir`. This one keeps its counters in memory and tries again by itself.',
  },
  MX_STATE_CORRUPT: {
    what: 'The state database is damaged. It was moved aside, and a new one was begun: counters begin anew.',
    fix: 'To have them back, stop the exporter and put a backup in the place of the file.',
  },
  MX_STATE_UNREAD: {
    what: 'The state database could not be read when the exporter started, and counters began anew. Now that it can be used it was moved aside, and a new one was begun.',
    fix: 'To have the old counters back, stop the exporter and put the file that was moved in the place of the new one. Where two exporters overlap when one is replaced, stop the old one first.',
  },
  MX_STATE_LOST: {
    what: 'The state database was removed or replaced while the exporter used it. It was made again from memory: nothing is lost.',
    fix: 'Nothing has to be done. To begin anew, stop the exporter before the folder is removed.',
  },
  MX_STATE_FOREIGN: {
    what: 'The state database was made by a later version of the exporter, or by another program. It is left as it is, and counters are kept in memory only.',
    fix: 'Start the later version again, give this one a folder of its own with `--state.dir`, or move the file away.',
  },
  MX_INTERNAL: {
    what: 'Something failed that this version has no code for.',
    fix: 'Please report it with the log line.',
  },
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof ERRORS;

/** Where in a configuration file: line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong, ready to be shown to a person. `detail` never contains a secret. */
export interface Problem {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly place?: Place;
  /** The status of HTTP, where a media server answered with one that is no success. */
  readonly status?: number;
  /** The type of the media server that it is about: what to do is told of that one. */
  readonly server?: ServerType;
}

/** An error with a stable `code`. The message says what happened and what to do. */
export class ExporterError extends Error {
  override readonly name = 'ExporterError';
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const all = [problems].flat() as Problem[];
    super(all.map(describeProblem).join('\n'), options);
    this.problems = all;
  }

  /** The code of the first problem. */
  get code(): ErrorCode {
    return this.problems[0]?.code ?? 'MX_INTERNAL';
  }

  /** The status of HTTP of the first problem, where a media server answered with one that is no success. */
  get status(): number | undefined {
    return this.problems[0]?.status;
  }
}

/** `FILE:LINE:COLUMN: CODE: detail. What to do (docs/errors.md#code)`, in one line. */
export function describeProblem(problem: Problem): string {
  const { place, code, detail, server } = problem;
  const where = place === undefined ? '' : `${describePlace(place)}: `;
  return `${where}${code}: ${sentence(detail)} ${fixOf(code, server)} (docs/errors.md#${code.toLowerCase()})`;
}

/** `FILE:LINE:COLUMN`. */
export function describePlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** What to do: of one type of media server, or else of each, where it is not the same. */
export function fixOf(code: ErrorCode, server?: ServerType): string {
  const { fix }: ErrorText = ERRORS[code];
  if (typeof fix === 'string') return fix;
  if (server !== undefined) return fix[server];
  return Object.entries(fix)
    .map(([type, text]) => `Of \`${type}\`: ${text}`)
    .join(' ');
}

/** The problems of whatever was thrown; an error of another kind becomes `MX_INTERNAL`. */
export function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof ExporterError) return error.problems;
  return [{ code: 'MX_INTERNAL', detail: error instanceof Error ? error.message : String(error) }];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
