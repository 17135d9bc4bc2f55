import { isLoopback, parseListenAddress } from '../../config/address.ts';
import { checkInput } from '../../config/load.ts';
import type { SourceConfig } from '../../config/schema.ts';
import {
  completeConfig,
  loadFile,
  type Overrides,
  type Settings,
  type SettingsOptions,
} from '../../config/settings.ts';
import { ExporterError, problemsOf } from '../../errors.ts';
import type { Exporter } from '../../exporter.ts';
import type { LogFormat, Logger } from '../../log.ts';
import type { Environment } from '../process/environment.ts';
import { tellProblems } from '../process/problems.ts';
import { handleSignals } from '../process/shutdown.ts';
import { type LogFlags, openLog, serve } from './serve.ts';

export interface RunFlags {
  readonly configFile: string | undefined;
  readonly check: boolean;
  readonly demo: boolean;
  readonly overrides: Overrides;
  readonly log: LogFlags;
}

/** `media-exporter run`: exports what a configuration file names, or the demo. Answers the exit code. */
export async function run(flags: RunFlags, environment: Environment): Promise<number> {
  const { configFile, demo, overrides } = flags;
  const { format } = flags.log;
  const options = settingsOptions(overrides, environment);
  if (demo && configFile !== undefined) {
    tellProblems([{ code: 'MX_USAGE', detail: '--demo and --config.file do not go together' }], format, environment);
    return 2;
  }
  if (demo) return runDemo(flags, options, environment);
  if (configFile === undefined) {
    tellProblems([{ code: 'MX_NO_CONFIG', detail: 'there is nothing to export yet' }], format, environment);
    if (format === 'logfmt') environment.stderr(`\n${GETTING_STARTED}`);
    return 1;
  }
  if (flags.check) return check(configFile, options, format, environment);
  let exporter: Exporter | undefined;
  const log = openLog(flags.log, environment, () => exporter?.secrets ?? []);
  const load = (): Promise<Settings> => loadFile(configFile, options);
  return serve(
    {
      log,
      format,
      load,
      onExporter: (running) => {
        exporter = running;
      },
    },
    environment,
  );
}

/** What `media-exporter` says when it has nothing to do. */
const GETTING_STARTED = `To see it at work with a built-in media server:

    media-exporter --demo              (from the repository: npm start -- --demo)

To export your own, write a file such as media-exporter.yml

    sources:
      - name: sfu
        type: mediasoup
        url: http://127.0.0.1:8889

and start

    media-exporter --config.file media-exporter.yml

From the repository, npm start -- stands for media-exporter.
`;

export function settingsOptions(overrides: Overrides, environment: Environment): SettingsOptions {
  const { places, randomKey } = environment;
  return { places, overrides, randomKey };
}

async function check(
  file: string,
  options: SettingsOptions,
  format: LogFormat,
  environment: Environment,
): Promise<number> {
  try {
    const { config } = await loadFile(file, options);
    const count = config.sources.length;
    environment.stdout(`${file}: valid, ${count} ${count === 1 ? 'source' : 'sources'}\n`);
    return 0;
  } catch (error) {
    tellProblems(problemsOf(error), format, environment);
    return 1;
  }
}

async function runDemo(flags: RunFlags, options: SettingsOptions, environment: Environment): Promise<number> {
  const open = (options.overrides.listen ?? []).filter((text) => {
    const address = parseListenAddress(text);
    return address !== undefined && !isLoopback(address.host);
  });
  if (open.length > 0) {
    const problems = open.map((text) => ({
      code: 'MX_DEMO_ACCESS' as const,
      detail: `${text} can be reached from other machines`,
    }));
    tellProblems(problems, flags.log.format, environment);
    return 1;
  }
  const log = openLog(flags.log, environment, () => []);
  const { stopped, release } = handleSignals({
    signals: environment.signals,
    clock: environment.clock,
    onReload: () => {},
    onImpatience: () => environment.exit(1),
  });
  let wanted = true;
  void stopped.then(() => {
    wanted = false;
  });
  // Until it runs, a signal must wait: what the demo has started so far could not be ended.
  const demo = await openDemo(log, environment).finally(release);
  try {
    if (!wanted) return 0;
    return await serve(
      {
        log,
        format: flags.log.format,
        load: () => completeConfig(demoConfig(demo.sources), options),
        forgetful: true,
        onStarted(urls) {
          const lines = [...demo.describe, ...urls.map((url) => `Metrics: ${url}`), 'Stop it with Ctrl-C.'];
          environment.stdout(`\n${lines.map((line) => `  ${line}`).join('\n')}\n\n`);
        },
      },
      environment,
    );
  } finally {
    await demo.close();
  }
}

/** The media servers of the demo. Loaded only when they are asked for: the simulators are large. */
export async function openDemo(
  log: Logger,
  { clock }: Environment,
): Promise<{ sources: readonly SourceConfig[]; describe: readonly string[]; close(): Promise<void> }> {
  const { startDemo } = await import('../../demo/index.ts');
  return startDemo({ clock, log });
}

/** The demo on the defaults. Its people are invented, so their names are shown. */
export function demoConfig(sources: readonly SourceConfig[]): Settings['config'] {
  const loaded = checkInput({ privacy: { users: 'clear', addresses: 'clear' }, sources: [...sources] });
  if (!loaded.ok) throw new ExporterError(loaded.problems);
  return loaded.config;
}
