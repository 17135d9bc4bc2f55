import type { Config, ConfigInput } from '../../config/schema.ts';
import { completeConfig, type Overrides } from '../../config/settings.ts';
import { ExporterError, type Problem, problemsOf } from '../../errors.ts';
import type { Exporter } from '../../exporter.ts';
import type { DropInView } from '../../exposition.ts';
import { settingsOptions } from '../commands/run.ts';
import { type LogFlags, openLog, serve } from '../commands/serve.ts';
import type { Environment } from '../process/environment.ts';
import { tellProblems } from '../process/problems.ts';

/** A mode that stands in for another exporter: one source, with the port, the variables and the metrics of the original. */
export interface DropIn {
  /** The configuration that flags and environment mean, the flags of the web server in it already. */
  readonly config: Config;
  /** What flags and variables are called that stand for keys of the configuration. */
  readonly names: Names;
  readonly view?: DropInView;
  /** What the user should know about what was asked for. */
  readonly notes: readonly string[];
  /** What the user should do in another way. */
  readonly warnings?: readonly string[];
}

/** What messages about the configuration begin with, and what they shall begin with instead. */
export type Names = readonly (readonly [key: RegExp, name: string])[];

export const WEB_NAMES: Names = [
  [/^web\.listen\[\d+\]/, '--web.listen-address'],
  [/^web\.telemetry_path\b/, '--web.telemetry-path'],
  [/^web\.config_file\b/, '--web.config.file'],
];

/** The web server that the flags mean: open to everybody, as the originals are, and on `standard` where no flag says. */
export function webInput({ listen, telemetryPath, webConfigFile }: Overrides, standard: string): ConfigInput['web'] {
  return {
    listen: [...(listen ?? [standard])],
    auth: { metrics: 'none' },
    ...(telemetryPath === undefined ? {} : { telemetry_path: telemetryPath }),
    ...(webConfigFile === undefined ? {} : { config_file: webConfigFile }),
  };
}

/**
 * Runs a drop-in mode until a signal asks it to stop. The exit code is 2 when `prepare` throws because flags and
 * environment do not make sense.
 */
export async function runDropIn(prepare: () => DropIn, logFlags: LogFlags, environment: Environment): Promise<number> {
  let dropIn: DropIn;
  try {
    dropIn = prepare();
  } catch (error) {
    tellProblems(problemsOf(error), logFlags.format, environment);
    return 2;
  }
  const { config, names, view = {}, notes, warnings = [] } = dropIn;
  let exporter: Exporter | undefined;
  const log = openLog(logFlags, environment, () => exporter?.secrets ?? []);
  for (const warning of warnings) log.warn(warning);
  for (const note of notes) log.info(note);
  // The flags are in the configuration already.
  const options = settingsOptions({}, environment);
  return serve(
    {
      log,
      format: logFlags.format,
      load: () =>
        completeConfig(config, options).catch((error: unknown) => {
          throw new ExporterError(renameKeys(problemsOf(error), names), { cause: error });
        }),
      dropIn: view,
      onExporter: (running) => {
        exporter = running;
      },
    },
    environment,
  );
}

/** Problems with the flag or the variable that was written instead of the key that it means. */
export function renameKeys(problems: readonly Problem[], names: Names): Problem[] {
  return problems.map((problem) => ({
    ...problem,
    detail: names.reduce((text, [key, name]) => text.replace(key, name), problem.detail),
  }));
}

export function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
