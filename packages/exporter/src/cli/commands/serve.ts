import type { Clock } from '@media-exporter/metrics';
import type { Settings } from '../../config/settings.ts';
import { problemsOf } from '../../errors.ts';
import { Exporter } from '../../exporter.ts';
import type { DropInView } from '../../exposition.ts';
import type { OpenedStore } from '../../held-store.ts';
import { createLogger, type LogFormat, type Logger, type LogLevel } from '../../log.ts';
import { ProcessCollector } from '../../process.ts';
import { createSource } from '../../sources/factory.ts';
import { MemoryStore } from '../../state/memory.ts';
import { SqliteStore } from '../../state/sqlite.ts';
import type { Environment } from '../process/environment.ts';
import { tellProblems } from '../process/problems.ts';
import { handleSignals } from '../process/shutdown.ts';

export interface LogFlags {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

export interface ServeOptions {
  readonly log: Logger;
  readonly format: LogFormat;
  readonly load: () => Promise<Settings>;
  readonly dropIn?: DropInView;
  /** Keeps nothing over restarts. */
  readonly forgetful?: boolean;
  /** Told once it runs, with the URL of the metrics on each address. */
  readonly onStarted?: (urls: readonly string[]) => void;
  /** Told which exporter runs, so that its secrets stay out of the log. */
  readonly onExporter?: (exporter: Exporter) => void;
}

/** Makes the logger of a command; `secrets` are asked for each line. */
export function openLog(flags: LogFlags, environment: Environment, secrets: () => Iterable<string>): Logger {
  const { clock } = environment;
  return createLogger({ ...flags, write: (line) => environment.stderr(line), date: () => clock.date(), secrets });
}

function openStore(dir: string | undefined, log: Logger, clock: Clock): OpenedStore {
  const store = new SqliteStore({ dir, log, clock });
  return { store, metrics: store.metrics };
}

/** Runs an exporter until a signal asks it to stop. The exit code: 0 after a clean stop, 1 when it could not start. */
export async function serve(options: ServeOptions, environment: Environment): Promise<number> {
  const { log, format, load, dropIn } = options;
  const { clock, random, version, node, files } = environment;
  const process = new ProcessCollector(environment.readProcess(), clock, {
    yields: dropIn?.serverProcess !== undefined,
  });
  const exporter = new Exporter({
    clock,
    log,
    version,
    node,
    files,
    load,
    process,
    createSource,
    openStore: (dir) => (options.forgetful ? { store: new MemoryStore() } : openStore(dir, log, clock)),
    random,
    ...(dropIn && { dropIn }),
  });
  options.onExporter?.(exporter);
  const { stopped, release } = handleSignals({
    signals: environment.signals,
    clock,
    onReload: () => void exporter.reload(),
    onImpatience: () => environment.exit(1),
  });
  try {
    let started: boolean;
    try {
      log.info({ version, node }, 'starting media-exporter');
      // Who wants it to stop does not wait for its start.
      started = await Promise.race([exporter.start().then(() => true), stopped.then(() => false)]);
    } catch (error) {
      tellProblems(problemsOf(error), format, environment);
      await exporter.stop();
      return 1;
    }
    if (started) {
      const path = exporter.web.telemetryPath;
      options.onStarted?.(exporter.addresses.map((address) => `${exporter.scheme}://${address}${path}`));
    }
    const signal = await stopped;
    log.info({ signal }, 'stopping');
    await exporter.stop();
    log.info('stopped');
    return 0;
  } finally {
    release();
  }
}
