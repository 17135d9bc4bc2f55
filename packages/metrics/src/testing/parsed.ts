import type { Exemplar } from '../family.ts';
import type { MetricType } from '../metric.ts';
import type { LineScanner } from './scanner.ts';

/** A family whose headers were read. */
export interface OpenFamily {
  readonly name: string;
  type: MetricType | undefined;
  help: string | undefined;
  unit: string | undefined;
  readonly samples: ParsedSample[];
}

/** One line of a family. */
export interface ParsedSample {
  readonly suffix: string;
  readonly labels: Record<string, string>;
  readonly value: number;
  readonly exemplar: Exemplar | undefined;
  /** Where a complaint about it belongs. */
  readonly scanner: LineScanner;
}
