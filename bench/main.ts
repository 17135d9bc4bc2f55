import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { saveResult } from './result.ts';

const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  exposition: () => import('./exposition/index.ts'),
  jellyfin: () => import('./jellyfin/index.ts'),
  mediasoup: () => import('./mediasoup/index.ts'),
  plex: () => import('./plex/index.ts'),
};

const USAGE = `usage: npm run -s bench -- NAME [--json] [--quick] [--save] [--series N,…] [--labels N,…]

  NAME     ${Object.keys(BENCHMARKS).join(', ')}
  --json   print the result as one JSON object, as the last line
  --quick  fewer and smaller rows
  --save   write the result to bench/results/NAME.json
  --series, --labels   only such rows of exposition
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    labels: { type: 'string' },
    series: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [name] = positionals;
const load = name === undefined ? undefined : BENCHMARKS[name];
if (values.help || name === undefined || load === undefined) {
  if (name !== undefined && !values.help) process.stderr.write(`There is no benchmark "${name}".\n\n`);
  process.stderr.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

const benchmark = await load();
const figures = await benchmark.run({
  quick: values.quick,
  ...(values.labels === undefined ? {} : { labels: numbers(values.labels) }),
  ...(values.series === undefined ? {} : { series: numbers(values.series) }),
  progress: (line) => process.stderr.write(`${line}\n`),
});
const result = { bench: name, node: process.version, cores: availableParallelism(), ...figures };
if (values.save) await saveResult(name, result);
process.stdout.write(`${JSON.stringify(result, null, values.json ? undefined : 2)}\n`);

function numbers(list: string): number[] {
  return list.split(',').map(Number);
}
