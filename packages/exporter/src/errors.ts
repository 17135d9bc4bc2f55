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
    fix: 'Write `http://HOST:PORT`, `https://HOST:PORT` or `unix:/PATH/TO/SOCKET`, and nothing after it.',
  },
  MX_CONFIG_URL_CREDENTIALS: {
    what: 'The URL of a source contains a user name or a password, which would end up in logs.',
    fix: 'Take them out of the URL and give the secret as `secret_file` or `secret_env`.',
  },
  MX_CONFIG_SECRET: {
    what: 'A secret is given in more than one way.',
    fix: 'Keep exactly one of the plain key, the key with `_file` and the key with `_env`.',
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
    what: 'The secret of a source has characters that a header cannot carry (RFC 6750, section 2.1), so no server can be sent it.',
    fix: 'Give the server and the source another one, for example from `openssl rand -hex 32`.',
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
  MX_UPSTREAM_CONNECT: {
    what: 'The media server cannot be reached: it is down, the address is wrong, or the connection broke.',
    fix: 'Check that it runs and that the URL or the path of the socket is right. The exporter tries again by itself.',
  },
  MX_UPSTREAM_TIMEOUT: {
    what: 'The media server did not answer in time.',
    fix: 'Look at its load; if it is slow by nature, raise `timeout` of the source. The exporter tries again by itself.',
  },
  MX_UPSTREAM_UNAUTHORIZED: {
    what: 'The media server refused the secret, or wants one.',
    fix: 'Set `secret`, `secret_file` or `secret_env` of the source to the value that the server was given.',
  },
  MX_UPSTREAM_REDIRECT: {
    what: 'The media server answered with a redirect.',
    fix: 'Give the URL it redirects to, if that is the embedded metrics server; redirects are not followed, so that a secret goes nowhere else.',
  },
  MX_UPSTREAM_NOT_FOUND: {
    what: 'The media server does not know the path of the state.',
    fix: 'Check that host and port are those of the metrics server that `@media-exporter/mediasoup` embeds, not those of the application.',
  },
  MX_UPSTREAM_BUSY: {
    what: 'The media server, or a proxy before it, says that it is asked too often.',
    fix: 'Scrape less often, or raise the limit there. The exporter tries again by itself.',
  },
  MX_UPSTREAM_STATUS: {
    what: 'The media server answered with an error.',
    fix: 'Look at its log, or at that of a proxy before it. The exporter tries again by itself.',
  },
  MX_UPSTREAM_TOO_LARGE: {
    what: 'The answer of the media server is larger than the limit.',
    fix: 'Raise `max_response_bytes` of the source, or switch per-stream detail off in the server.',
  },
  MX_UPSTREAM_ANSWER: {
    what: 'The media server answered something that is not the state the exporter reads.',
    fix: 'Check that the URL is that of the embedded metrics server, without a path, and that both are of versions that fit together.',
  },
  MX_UPSTREAM_PAUSED: {
    what: 'The media server failed several times in a row, so the exporter leaves it alone for some seconds.',
    fix: 'Nothing: it is asked again by itself. The failure that came before says what is wrong.',
  },
  MX_INTERNAL: {
    what: 'Something failed that this version has no code for.',
    fix: 'Please report it with the log line.',
  },
} as const satisfies Record<string, { what: string; fix: string }>;

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
}

/** `FILE:LINE:COLUMN: CODE: detail. What to do (docs/errors.md#code)`, in one line. */
export function describeProblem(problem: Problem): string {
  const { place, code, detail } = problem;
  const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
  return `${where}${code}: ${sentence(detail)} ${ERRORS[code].fix} (docs/errors.md#${code.toLowerCase()})`;
}

/** The problems of whatever was thrown; an error of another kind becomes `MX_INTERNAL`. */
export function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof ExporterError) return error.problems;
  return [{ code: 'MX_INTERNAL', detail: error instanceof Error ? error.message : String(error) }];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
