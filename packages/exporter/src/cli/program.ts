import { Command, CommanderError, Option } from 'commander';
import { jsonSchema } from '../config/schema.ts';
import type { Overrides } from '../config/settings.ts';
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from '../log.ts';
import { run } from './commands/run.ts';
import type { LogFlags } from './commands/serve.ts';
import { testSource } from './commands/test-source.ts';
import { addJellyfinOptions, JELLYFIN_HELP, jellyfinFlags } from './dropin/jellyfin/options.ts';
import { addTlsOptions, tlsFlags } from './dropin/tls.ts';
import type { Environment } from './process/environment.ts';
import { tellProblems } from './process/problems.ts';
import { explainUsage, wantsJson } from './usage.ts';

type Values = Readonly<Record<string, unknown>>;

const DROP_IN_HELP = `
Environment (a variable other than PROM_PORT is on when it is set to anything, even to 0):
  PROM_PORT        the port on all interfaces, where no --web.listen-address is given (default: 8889)
  PROM_DEIDENTIFY  pseudonyms instead of peer ids, names, user agents and addresses
  PROM_QUIET       empties the labels transport_id and id
  PROM_NUMERIC     changes nothing: the SFU decides whether addresses are resolved to names

Example:
  media-exporter mediasoup --mediasoup.url http://127.0.0.1:8890 --web.listen-address 127.0.0.1:8889
`;

const PLEX_HELP = `
Environment (a flag goes before its variable; one that is empty is not set):
  PLEX_SERVER                  required, or --plex.server: the server
  PLEX_TOKEN, PLEX_TOKEN_FILE  one is required, or --plex.token-file: the X-Plex-Token of the server's owner
  LIBRARY_REFRESH_INTERVAL     how often libraries are counted, in minutes, 1 at least (default: 15)
  PLEX_CLIENT_TIMEOUT_SECONDS  how long one request may take (default: 10)
  SKIP_TLS_VERIFICATION        1 or true takes any certificate
  LOG_LEVEL                    debug, info, warn or error (default: info)
  LOG_FORMAT                   json or console, which is logfmt (default: console)

Example:
  PLEX_SERVER=http://192.168.1.10:32400 PLEX_TOKEN_FILE=/run/secrets/plex media-exporter plex
`;

/** Runs the command line `args` (without the program itself). Answers the exit code: 2 when it cannot be understood. */
export async function execute(args: readonly string[], environment: Environment): Promise<number> {
  let code = 0;
  const program = createProgram(environment, async (work) => {
    code = await work;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const detail = explainUsage(error, program, args);
    tellProblems([{ code: 'MX_USAGE', detail }], wantsJson(args) ? 'json' : 'logfmt', environment);
    return 2;
  }
}

/** The commands with their flags, `finish` taking the exit code of the one that is run. */
export function createProgram(environment: Environment, finish: (work: Promise<number>) => Promise<void>): Command {
  const program = new Command('media-exporter')
    .description('One Prometheus exporter for every media server.')
    .version(environment.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help');
  const command = (name: string, description: string, options: { isDefault?: boolean } = {}): Command =>
    program.command(name, options).description(description).allowExcessArguments(false);

  const runner = withLog(
    withState(
      withWeb(withConfig(command('run', 'export what a configuration names; the default', { isDefault: true }))),
    ),
  )
    .option('--config.check', 'only check the configuration: exit code 0 or 1')
    .action((values: Values) => {
      const flags = {
        configFile: text(values['config.file']),
        check: values['config.check'] === true,
        demo: values.demo === true,
        overrides: overridesOf(values),
        log: logOf(values),
      };
      return finish(run(flags, environment));
    });

  const dropIn = command('mediasoup', 'stand in for the exporter of edumeet, on port 8889');
  withLog(withWeb(dropIn, ':PROM_PORT, else :8889, which is all interfaces'))
    .option(
      '--mediasoup.url <url>',
      'required: the SFU, which embeds @media-exporter/mediasoup: http://HOST:PORT or unix:/PATH',
    )
    .option('--mediasoup.secret-file <file>', 'a file whose first line is the secret of the SFU')
    .option('--mediasoup.aggregated', "serve the original's aggregated metrics too")
    .option('--mediasoup.prefix <prefix>', 'the prefix of the rooms and peers metrics (default: Ejtimaa_)')
    .addHelpText('after', DROP_IN_HELP)
    .action((values: Values) => {
      const flags = {
        url: text(values['mediasoup.url']),
        secretFile: text(values['mediasoup.secretFile']),
        aggregated: values['mediasoup.aggregated'] === true,
        prefix: text(values['mediasoup.prefix']),
        overrides: overridesOf(values),
        log: logOf(values),
      };
      // Loaded only here: a mode has no use for what the others read.
      return finish(import('./dropin/mediasoup.ts').then(({ runMediasoup }) => runMediasoup(flags, environment)));
    });

  const plex = command('plex', 'stand in for the Plex exporter, on port 9000');
  withState(withWeb(plex, ':9000, which is all interfaces'), 'the folder plex in that of run')
    .option('--plex.server <url>', 'the server: http://HOST:32400')
    .option('--plex.token-file <file>', "a file whose first line is the X-Plex-Token of the server's owner");
  addTlsOptions(plex, 'plex')
    .addOption(new Option('--log.level <level>', 'the least level that is logged').choices([...LOG_LEVELS]))
    .addOption(new Option('--log.format <format>', 'the form of the log').choices([...LOG_FORMATS]))
    .addHelpText('after', PLEX_HELP)
    .action((values: Values) => {
      const { level, format } = logOf(values) as Partial<LogFlags>;
      const flags = {
        server: text(values['plex.server']),
        tokenFile: text(values['plex.tokenFile']),
        tls: tlsFlags(values, 'plex'),
        overrides: overridesOf(values),
        log: { ...(level && { level }), ...(format && { format }) },
      };
      return finish(import('./dropin/plex.ts').then(({ runPlex }) => runPlex(flags, environment)));
    });

  const jellyfin = command('jellyfin', 'stand in for the Jellyfin exporter, on port 9594').allowExcessArguments();
  withLog(
    withState(
      withWeb(addJellyfinOptions(jellyfin), ':9594, which is all interfaces'),
      'the folder jellyfin in that of run',
    ),
  )
    .addHelpText('after', JELLYFIN_HELP)
    .action((values: Values, { args }: Command) => {
      const common = { excess: args.length, overrides: overridesOf(values), log: logOf(values) };
      const flags = jellyfinFlags(values, common);
      return finish(import('./dropin/jellyfin/jellyfin.ts').then(({ runJellyfin }) => runJellyfin(flags, environment)));
    });

  withLog(withConfig(command('test', 'collect once from one source now, and print the metrics and what it took')))
    .argument('<source>', 'the name of the source')
    .action((source: string, values: Values) => {
      const flags = { configFile: text(values['config.file']), demo: values.demo === true, log: logOf(values) };
      return finish(testSource(source, flags, environment));
    });

  command('config-schema', 'print the JSON Schema of the configuration').action(() => {
    environment.stdout(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  });

  program.addHelpText('after', () => `\nOptions of run:\n${optionsPart(runner)}`);
  for (const each of [program, ...program.commands]) {
    each
      .exitOverride()
      .showSuggestionAfterError(false)
      .configureOutput({
        writeOut: (output) => environment.stdout(output),
        // Errors are told in our own form, with their code.
        writeErr: () => {},
      });
  }
  return program;
}

function withConfig(command: Command): Command {
  return command
    .option('--config.file <file>', 'the configuration')
    .option('--demo', 'use built-in media servers instead of a configuration');
}

function withWeb(command: Command, standard = 'web.listen of the configuration, else 127.0.0.1:9594'): Command {
  const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];
  return command
    .option(
      '--web.listen-address <address>',
      `an address to listen on, HOST:PORT or :PORT; may be given several times (default: ${standard})`,
      collect,
    )
    .option('--web.telemetry-path <path>', 'the path of the metrics (default: /metrics)')
    .option('--web.config.file <file>', 'TLS and passwords, in the format of the Prometheus exporter-toolkit');
}

function withState(command: Command, standard = 'state.dir of the configuration, else docs/operations.md'): Command {
  return command.option('--state.dir <folder>', `the folder of what must survive a restart (default: ${standard})`);
}

function withLog(command: Command): Command {
  return command
    .addOption(
      new Option('--log.level <level>', 'the least level that is logged').choices([...LOG_LEVELS]).default('info'),
    )
    .addOption(new Option('--log.format <format>', 'the form of the log').choices([...LOG_FORMATS]).default('logfmt'));
}

function logOf(values: Values): LogFlags {
  return { level: values['log.level'] as LogLevel, format: values['log.format'] as LogFormat };
}

function overridesOf(values: Values): Overrides {
  const listen = values['web.listenAddress'] as readonly string[] | undefined;
  return {
    listen,
    telemetryPath: text(values['web.telemetryPath']),
    // Empty is the default of other exporters, and means that there is none.
    webConfigFile: text(values['web.config.file']) || undefined,
    stateDir: text(values['state.dir']),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function optionsPart(command: Command): string {
  const help = command.helpInformation();
  return help.slice(help.indexOf('Options:') + 'Options:\n'.length);
}
