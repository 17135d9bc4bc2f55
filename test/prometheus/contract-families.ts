import {
  defineMetric,
  type Family,
  family,
  type HistogramValue,
  type Row,
  type SampleValue,
} from '@media-exporter/metrics';
import type { Contract, ContractMetric } from '../support/contract.ts';

const DURATIONS: HistogramValue = {
  count: 7,
  sum: 4.5,
  buckets: [
    { upperBound: 0.5, count: 4 },
    { upperBound: 1, count: 6 },
  ],
};

/**
 * Families for a contract, each under its seed's exact name, type and labels, with one series for each known value of
 * a label. Every series of a contract has a value of its own, so that a mix-up shows.
 */
export function contractFamilies(contract: Contract): Family[] {
  let next = 100;
  const value = (metric: ContractMetric): SampleValue => (metric.type === 'histogram' ? DURATIONS : next++ + 0.5);
  return contract.metrics.map((metric) => {
    const names = [...metric.labels, ...(metric.optionalLabels ?? [])];
    const labels = Object.fromEntries(names.map((name) => [name, 'public' as const]));
    const known = Object.entries(metric.values ?? {});
    const usual = Object.fromEntries(names.map((name) => [name, metric.values?.[name]?.[0] ?? `some ${name}`]));
    const rows: Row<string>[] = [[usual, value(metric)]];
    for (const [name, values] of known) {
      for (const other of values.slice(1)) rows.push([{ ...usual, [name]: other }, value(metric)]);
    }
    return family(defineMetric({ name: metric.name, type: metric.type, help: `${metric.name}.`, labels }), rows);
  });
}
