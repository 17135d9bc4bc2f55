import { Counter, renderText, SERIES_DROPPED } from '@media-exporter/metrics';
import { completeConfig, loadFile, type Settings } from '../../config/settings.ts';
import { describeProblem, ExporterError, problemsOf } from '../../errors.ts';
import { Inventory } from '../../inventory.ts';
import { createSource } from '../../sources/factory.ts';
import type { RequestReport, SourceContext } from '../../sources/source.ts';
import { MemoryStore } from '../../state/memory.ts';
import type { Environment } from '../process/environment.ts';
import { describeCollection, isAllRight } from './collection-report.ts';
import { demoConfig, openDemo, settingsOptions } from './run.ts';
import { type LogFlags, openLog } from './serve.ts';

export interface TestFlags {
  readonly configFile: string | undefined;
  readonly demo: boolean;
  readonly log: LogFlags;
}

/**
 * `media-exporter test SOURCE`: one collection now. Its metrics go to the standard output, what it took goes to the
 * standard error. The exit code is 0 when the server answered and no collector failed.
 */
export async function testSource(name: string, flags: TestFlags, environment: Environment): Promise<number> {
  const options = settingsOptions({}, environment);
  const log = openLog({ ...flags.log, level: 'error' }, environment, () => []);
  const demo = flags.demo ? await openDemo(log, environment) : undefined;
  try {
    const settings =
      demo !== undefined
        ? await completeConfig(demoConfig(demo.sources), options)
        : await loadFile(given(flags.configFile), options);
    return await collectOnce(name, settings, environment);
  } catch (error) {
    for (const problem of problemsOf(error)) environment.stderr(`${describeProblem(problem)}\n`);
    return 1;
  } finally {
    await demo?.close();
  }
}

function given(file: string | undefined): string {
  if (file !== undefined) return file;
  throw new ExporterError({ code: 'MX_NO_CONFIG', detail: '--config.file or --demo says which sources there are' });
}

/** The longest that a timer may be. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

async function collectOnce(name: string, settings: Settings, environment: Environment): Promise<number> {
  const { config, secrets, pseudonymKey, authorities, rereadSecret } = settings;
  const wanted = config.sources.find((source) => source.name === name);
  if (wanted === undefined) {
    const known = config.sources.map((source) => source.name).join(', ');
    throw new ExporterError({ code: 'MX_SOURCE_UNKNOWN', detail: `"${name}"; the sources are: ${known}` });
  }
  const { clock, random } = environment;
  const requests: RequestReport[] = [];
  const silent = openLog({ level: 'error', format: 'logfmt' }, { ...environment, stderr: () => {} }, () => []);
  const privacy = { ...config.privacy, key: pseudonymKey };
  const ca = authorities.get(name);
  const context: SourceContext = {
    clock,
    random,
    log: silent,
    // A running exporter may have the state, and one collection adds nothing to it.
    state: new MemoryStore().scope(name),
    renewSecret: () => rereadSecret(name),
    ...(ca === undefined ? {} : { ca }),
    onRequest: (report: RequestReport) => requests.push(report),
    onReconnect: () => {},
  };
  const source = await createSource(wanted, secrets.get(name), privacy, context);
  const inventory = new Inventory(clock, new Counter(SERIES_DROPPED));
  const { series_budget: seriesBudget, native, unified } = wanted;
  const entry = { name, key: name, seriesBudget, native, unified, create: async () => source };
  await inventory.apply([entry], config.labels.max_value_bytes);
  // The clock's timers let a process end; this one has to wait for them while a collector rests.
  const waiting = setInterval(() => {}, LONGEST_TIMER_MS);
  try {
    await source.start();
    const { families } = await inventory.gatherOne(name, new AbortController().signal);
    const text = renderText(families);
    environment.stdout(text);
    const { up, collectors } = source.snapshot();
    const collectorNames = [...source.catalogues.keys()];
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    const collection = { settings: wanted, up, collectorNames, collectors, requests, samples };
    environment.stderr(describeCollection(collection));
    return isAllRight(collection) ? 0 : 1;
  } finally {
    clearInterval(waiting);
    await source.stop();
  }
}
