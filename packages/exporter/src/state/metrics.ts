import { type Collector, Counter, defineMetric, family, type Metric } from '@media-exporter/metrics';

const UP = defineMetric({
  name: 'media_exporter_state_store_up',
  type: 'gauge',
  help: 'Whether what must survive a restart could be written the last time (1) or is only in memory (0).',
});
const FAILURES = defineMetric({
  name: 'media_exporter_state_store_failures_total',
  type: 'counter',
  help: 'How often the state database could not be opened, read or written.',
});
const SIZE = defineMetric({
  name: 'media_exporter_state_store_size_bytes',
  type: 'gauge',
  unit: 'bytes',
  help: 'What the state database takes on the disk, without its journal.',
});

/** The metrics of the state store about itself. */
export const STATE_CATALOGUE: readonly Metric[] = [UP, FAILURES, SIZE];

/** Counts how the state store fares. */
export class StateMetrics {
  readonly #failures = new Counter(FAILURES);
  readonly #size: () => number | undefined;
  /** `undefined` as long as nothing has had to be kept. */
  up: boolean | undefined;

  /** @param size bytes of the database, where it is open. */
  constructor(size: () => number | undefined) {
    this.#size = size;
    this.#failures.inc({}, 0);
  }

  failed(): void {
    this.#failures.inc();
    this.up = false;
  }

  collector(): Collector {
    return {
      name: 'state',
      catalogue: STATE_CATALOGUE,
      collect: () =>
        this.up === undefined
          ? []
          : [family(UP, Number(this.up)), ...this.#failures.collect(), family(SIZE, this.#size())],
    };
  }
}
