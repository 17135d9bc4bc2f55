import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { MetricType } from '@media-exporter/metrics';

/** A metric that a seed names. */
export interface ContractMetric {
  readonly name: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  readonly optionalLabels?: readonly string[];
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

export interface Contract {
  readonly system: string;
  readonly metrics: readonly ContractMetric[];
}

/** Where the contracts lie beside the repository, on machines that have them. */
const FOLDER = join(import.meta.dirname, '../../../shared/contract');

/** Why the contracts cannot be read here, or `undefined`. */
export const CONTRACTS_MISSING: string | undefined = existsSync(FOLDER)
  ? undefined
  : 'the contracts of the seeds are not beside this repository';

/** All contracts, by the name of the system. */
export function readContracts(): Contract[] {
  if (CONTRACTS_MISSING !== undefined) return [];
  const files = globSync('*.json', { cwd: FOLDER }).sort();
  return files.map((file) => {
    const contract = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Contract;
    return { ...contract, system: basename(file, '.json') };
  });
}
