import { renderText } from '../src/encode/index.ts';
import { type Collector, type Family, family } from '../src/family.ts';
import { defineMetric, type Metric } from '../src/metric.ts';

// What the tests of a registry collect. BYTES, SCORE and STATE go over a budget in different ways.
export const ROOMS = defineMetric({ name: 'rooms', type: 'gauge', help: 'Rooms.' });
export const BYTES = defineMetric({ name: 'bytes_total', type: 'counter', help: 'Bytes.', labels: { id: 'public' } });
export const SCORE = defineMetric({
  name: 'score',
  type: 'gauge',
  help: 'Score.',
  labels: { id: 'public' },
  overflow: 'min',
});
export const STATE = defineMetric({
  name: 'state',
  type: 'gauge',
  help: 'State.',
  labels: { id: 'public' },
  overflow: 'drop',
});

export function collector(name: string, collect: Collector['collect'], catalogue: readonly Metric[] = []): Collector {
  return { name, catalogue, collect };
}

/** BYTES, by their `id`. */
export function bytes(values: Readonly<Record<string, number>>): Family {
  return family(
    BYTES,
    Object.entries(values).map(([id, value]) => [{ id }, value] as const),
  );
}

/** The lines of an exposition that are no comments. */
export function samples(families: Iterable<Family>): string[] {
  return renderText(families)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}
