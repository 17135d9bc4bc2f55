import { type Command, Option } from 'commander';
import type { Overrides } from '../../../config/settings.ts';
import type { CollectorSwitch } from '../../../config/sources/jellyfin.ts';
import type { LogFlags } from '../../commands/serve.ts';
import { addTlsOptions, type TlsFlags, tlsFlags } from '../tls.ts';
import { COLLECTOR_FLAGS, DROP_IN_COLLECTORS, HELP_NAMES } from './collectors.ts';

/** What the flags of the drop-in mode say; `undefined` is not given. */
export interface JellyfinFlags {
  readonly address: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly tls: TlsFlags;
  readonly skipVerify: boolean;
  readonly metricsPath: string | undefined;
  readonly pidFile: string | undefined;
  readonly cgroup: string | undefined;
  readonly logDirectory: string | undefined;
  readonly geoipFile: string | undefined;
  readonly sessionSeries: boolean;
  readonly collectors: ReadonlyMap<string, boolean>;
  readonly disableDefaults: boolean;
  readonly activityDays: string | undefined;
  readonly withoutSelf: boolean;
  readonly maxRequests: string | undefined;
  /** Arguments that are no flags: how many. What they are may be a secret. */
  readonly excess: number;
  readonly overrides: Overrides;
  readonly log: LogFlags;
}

type Values = Readonly<Record<string, unknown>>;

export const JELLYFIN_HELP = `
Collectors: --collector.NAME switches one on, --no-collector.NAME off. On by default are those with a *:
${columns(HELP_NAMES.map((name) => `${name}${DROP_IN_COLLECTORS.includes(name as CollectorSwitch) ? '*' : ''}`))}
Whether the server is up is always told; geoip is on where --jellyfin.geoip-file is given, and needs it.

Environment (one that is empty is not set):
  JELLYFIN_ADDRESS       the server, where no --jellyfin.address is given
  JELLYFIN_TOKEN_FILE    a file whose first line is the API key
  CREDENTIALS_DIRECTORY  set by systemd: the credential jellyfin-token in it is the API key
  JELLYFIN_TOKEN         the API key

The API key is that of --jellyfin.token-file, else of JELLYFIN_TOKEN_FILE, of the credential, of JELLYFIN_TOKEN, and
last of --jellyfin.token, which everybody on the machine can read in the list of processes.

Example:
  media-exporter jellyfin --jellyfin.address=http://localhost:8096 --jellyfin.token-file=/run/secrets/jellyfin \\
    --web.listen-address=:9594 --collector.library_walk
`;

/** The flags of the drop-in mode, those of the web server, the state and the log excepted. */
export function addJellyfinOptions(command: Command): Command {
  command
    .option('--jellyfin.address <url>', 'the server, with its base URL (default: http://localhost:8096)')
    .option('--jellyfin.token-file <file>', 'a file whose first line is an API key of the server')
    .option('--jellyfin.token <key>', 'the API key itself; better in a file');
  addTlsOptions(command, 'jellyfin')
    .option('--jellyfin.tls-skip-verify', 'takes any certificate: whoever is in between can then read the API key')
    .option('--jellyfin.log-dir <folder>', 'the logs of the server, on this machine; switches on transcode_logs')
    .option('--jellyfin.metrics-path <path>', "the path of the server's own metrics (default: /metrics)")
    .option('--jellyfin.pid-file <file>', 'a file with the number of the process of the server, on this machine')
    .option('--jellyfin.cgroup <folder>', 'the control group of the server, on this machine')
    .option('--jellyfin.geoip-file <file>', 'a database of places (.mmdb), to tell where sessions are')
    .option('--jellyfin.session-series', 'series of single sessions, with user, title, device and address')
    .option('--collector.disable-defaults', 'collects only what is switched on')
    .option('--web.disable-exporter-metrics', 'leaves out what the exporter tells of itself')
    .addOption(new Option('--web.max-requests <number>').hideHelp())
    .addOption(new Option('--collector.activity.days <days>').hideHelp());
  for (const name of COLLECTOR_FLAGS) {
    command
      .addOption(new Option(`--collector.${name}`).hideHelp())
      .addOption(new Option(`--no-collector.${name}`).hideHelp());
  }
  return command;
}

/** The flags from what `commander` read. */
export function jellyfinFlags(
  values: Values,
  { excess, overrides, log }: Pick<JellyfinFlags, 'excess' | 'overrides' | 'log'>,
): JellyfinFlags {
  const text = (key: string): string | undefined => {
    const value = values[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    address: text('jellyfin.address'),
    token: text('jellyfin.token'),
    tokenFile: text('jellyfin.tokenFile'),
    tls: tlsFlags(values, 'jellyfin'),
    skipVerify: values['jellyfin.tlsSkipVerify'] === true,
    metricsPath: text('jellyfin.metricsPath'),
    pidFile: text('jellyfin.pidFile'),
    cgroup: text('jellyfin.cgroup'),
    logDirectory: text('jellyfin.logDir'),
    geoipFile: text('jellyfin.geoipFile'),
    sessionSeries: values['jellyfin.sessionSeries'] === true,
    collectors: new Map(
      COLLECTOR_FLAGS.flatMap((name) => {
        const value = values[`collector.${name}`];
        return typeof value === 'boolean' ? [[name, value] as const] : [];
      }),
    ),
    disableDefaults: values['collector.disableDefaults'] === true,
    activityDays: text('collector.activity.days'),
    withoutSelf: values['web.disableExporterMetrics'] === true,
    maxRequests: text('web.maxRequests'),
    ...{ excess, overrides, log },
  };
}

function columns(names: readonly string[]): string {
  const rows = [0, 1, 2, 3].map((row) => names.filter((_, index) => index % 4 === row));
  return rows.map((row) => `  ${row.map((name) => name.padEnd(19)).join('')}`.trimEnd()).join('\n');
}
