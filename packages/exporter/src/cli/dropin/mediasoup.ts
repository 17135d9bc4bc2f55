import { seedCatalogue } from '@media-exporter/mediasoup';
import { checkInput } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { Overrides } from '../../config/settings.ts';
import { ExporterError, type Problem } from '../../errors.ts';
import type { LogFlags } from '../commands/serve.ts';
import type { Environment } from '../process/environment.ts';
import { isSet, type Names, renameKeys, runDropIn, WEB_NAMES, webInput } from './dropin.ts';

export interface DropInFlags {
  readonly url: string | undefined;
  readonly secretFile: string | undefined;
  readonly aggregated: boolean;
  readonly prefix: string | undefined;
  readonly overrides: Overrides;
  readonly log: LogFlags;
}

/** The original's port. */
const PORT = '8889';

/** The most streams of an SFU that are exported one by one: the original had no limit at all. */
const SERIES_BUDGET = 100_000;

/** `media-exporter mediasoup`: stands in for the exporter of edumeet, with its port, variables and metrics. */
export function runMediasoup(flags: DropInFlags, environment: Environment): Promise<number> {
  const { env } = environment;
  return runDropIn(
    () => {
      const config = dropInConfig(flags, env);
      const [source] = config.sources;
      const seed = seedCatalogue(source?.type === 'mediasoup' ? source.prefix : '');
      return {
        config,
        names: NAMES,
        view: { rootMetrics: new Set(seed.map((metric) => metric.name)) },
        notes: isSet(env.PROM_NUMERIC)
          ? ['PROM_NUMERIC changes nothing here: the SFU decides whether addresses are resolved to names']
          : [],
      };
    },
    flags.log,
    environment,
  );
}

/**
 * The configuration that flags and environment of the drop-in mode mean. A variable that is set to anything is on, as
 * in the original.
 *
 * @throws ExporterError with all that is wrong.
 */
export function dropInConfig(flags: DropInFlags, env: Environment['env']): Config {
  const problems: Problem[] = [];
  if (flags.url === undefined) {
    problems.push({
      code: 'MX_USAGE',
      detail: '--mediasoup.url is missing: the SFU to ask, http://HOST:PORT or unix:/PATH',
    });
  }
  const port = env.PROM_PORT ?? PORT;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    problems.push({ code: 'MX_USAGE', detail: `PROM_PORT is "${port}", which is no port` });
  }
  if (problems.length > 0) throw new ExporterError(problems);
  const personal = isSet(env.PROM_DEIDENTIFY) ? 'pseudonym' : 'clear';
  const loaded = checkInput({
    web: webInput(flags.overrides, `:${port}`),
    privacy: { users: personal, addresses: personal },
    sources: [
      {
        name: 'mediasoup',
        type: 'mediasoup',
        url: flags.url ?? '',
        sets: flags.aggregated ? ['seed', 'aggregated'] : ['seed'],
        quiet: isSet(env.PROM_QUIET),
        series_budget: SERIES_BUDGET,
        ...(flags.prefix === undefined ? {} : { prefix: flags.prefix }),
        ...(flags.secretFile === undefined ? {} : { secret_file: flags.secretFile }),
      },
    ],
  });
  if (!loaded.ok) throw new ExporterError(renameKeys(loaded.problems, NAMES));
  return loaded.config;
}

const NAMES: Names = [
  ...WEB_NAMES,
  [/^sources\[0\]\.url\b/, '--mediasoup.url'],
  [/^sources\[0\]\.prefix\b/, '--mediasoup.prefix'],
  [/^sources\[0\]\.secret_file\b/, '--mediasoup.secret-file'],
  [/^secret_file of the source mediasoup\b/, '--mediasoup.secret-file'],
];
