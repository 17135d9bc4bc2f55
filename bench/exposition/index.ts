import type { BenchOptions } from '../benchmark.ts';
import { round } from '../result.ts';
import type { ContenderName } from './contenders.ts';
import { type FailedRow, measure, type Row } from './row.ts';

const OURS: readonly ContenderName[] = ['handles', 'fresh'];
const PEERS: readonly ContenderName[] = ['prom-client', '@prometheus-io/client'];
const SCRAPES: Readonly<Record<number, number>> = { 1000: 30, 10000: 15, 100000: 7, 1000000: 3 };
const MILLION = 1_000_000;
const HEAP_MB = 4096;
/** What the peers need at a million series, if they can do it at all. */
const RAISED_HEAP_MB = 14_000;

/** Scrapes of our core beside those of the peers, in one run. */
export async function run({ quick, progress, labels: onlyLabels, series: onlySeries }: BenchOptions): Promise<object> {
  const all = quick ? [1_000, 10_000] : [1_000, 10_000, 100_000, MILLION];
  const sizes = all.filter((size) => onlySeries?.includes(size) ?? true);
  const labelCounts = (quick ? [7] : [3, 7, 13]).filter((count) => onlyLabels?.includes(count) ?? true);
  const rows: (Row | FailedRow)[] = [];
  for (const series of sizes) {
    for (const labels of labelCounts) {
      for (const contender of [...OURS, ...PEERS]) {
        progress(`${contender}: ${series} series with ${labels} labels`);
        const once = PEERS.includes(contender) && series === MILLION;
        const heap = series === MILLION ? RAISED_HEAP_MB : HEAP_MB;
        const scrapes = once ? 1 : (SCRAPES[series] as number);
        rows.push(
          ...(await measure({ contender, series, labels }, scrapes, heap, once ? ['plain'] : ['plain', 'gzip'])),
        );
      }
    }
  }
  return { rows, ratios: ratios(rows) };
}

/** The figures that the core is held to, each a ratio within this run or a bound on it. */
function ratios(rows: readonly (Row | FailedRow)[]): object {
  const find = (contender: ContenderName, series: number): Row | undefined =>
    rows.find(
      (row): row is Row =>
        !('failed' in row) &&
        row.contender === contender &&
        row.series === series &&
        row.labels === 7 &&
        row.encoding === 'plain',
    );
  const over = (a: number | undefined, b: number | undefined): number | null =>
    a === undefined || b === undefined ? null : round(a / b);
  const most = Math.max(...rows.map((row) => row.series).filter((series) => series <= 100_000));
  const peer = find('prom-client', most);
  const million = find('handles', MILLION);
  const hundredth = find('handles', 100_000);
  return {
    at: { series: most, labels: 7, encoding: 'plain' },
    promClientOverHandles: over(peer?.renderCpuMs, find('handles', most)?.renderCpuMs),
    promClientOverFresh: over(peer?.renderCpuMs, find('fresh', most)?.renderCpuMs),
    promClientOverHandlesOnTheWire: over(peer?.scrapeCpuMs, find('handles', most)?.scrapeCpuMs),
    promClientOverFreshOnTheWire: over(peer?.scrapeCpuMs, find('fresh', most)?.scrapeCpuMs),
    prometheusClientOverHandles: over(
      find('@prometheus-io/client', most)?.renderCpuMs,
      find('handles', most)?.renderCpuMs,
    ),
    costPerSeriesMillionOverHundredThousand: over(
      million?.renderCpuMs,
      hundredth && 10 * (hundredth.renderCpuMs ?? Number.NaN),
    ),
    millionP999BlockMs: million?.p999BlockMs ?? null,
    millionLongestBlockMs: million?.longestBlockMs ?? null,
    millionIdleLongestBlockMs: million?.idleLongestBlockMs ?? null,
    millionRssGrowthMegabytes: million === undefined ? null : round(million.rssGrowthBytes / 2 ** 20),
  };
}
