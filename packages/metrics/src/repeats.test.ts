import { describe, expect, it } from 'vitest';
import { BYTES, bytes, collector, ROOMS, samples } from '../testing/registry.ts';
import { family } from './family.ts';
import { defineMetric } from './metric.ts';
import { Registry } from './registry.ts';
import { SeriesSet } from './series.ts';

describe('repeated label sets', () => {
  it('are served once, the last one where the first one stood, and counted', async () => {
    const registry = new Registry();
    const rows = [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['a', 4],
    ] as const;
    registry.register(
      collector('one', () => [
        family(
          BYTES,
          rows.map(([id, value]) => [{ id }, value] as const),
        ),
      ]),
    );
    registry.register(collector('two', () => [bytes({ b: 9, c: 5 })]));
    expect(samples((await registry.gather()).families)).toEqual([
      'bytes_total{id="a"} 4',
      'bytes_total{id="b"} 9',
      'bytes_total{id="c"} 5',
      'media_exporter_series_duplicated_total{family="bytes_total"} 3',
    ]);
  });

  it('are an error in tests', async () => {
    const registry = new Registry({ duplicates: 'throw' });
    registry.register(collector('one', () => [bytes({ a: 1 })]));
    registry.register(collector('two', () => [bytes({ a: 2 })]));
    await expect(registry.gather()).rejects.toThrow(/same labels.*bytes_total\{a\}/);
  });

  it('between handles and samples are found too', async () => {
    const registry = new Registry();
    const set = new SeriesSet(BYTES);
    set.add({ id: 'a' }, 1);
    set.add({ id: 'a' }, 2);
    registry.register(collector('handles', () => [{ metric: BYTES, samples: set }]));
    registry.register(collector('fresh', () => [bytes({ a: 3 })]));
    expect(samples((await registry.gather()).families)).toEqual([
      'bytes_total{id="a"} 3',
      'media_exporter_series_duplicated_total{family="bytes_total"} 2',
    ]);
  });

  it('are found whatever the order of the labels and wherever they come from', async () => {
    const registry = new Registry({ duplicates: 'throw' });
    const own = defineMetric({
      name: 'x',
      type: 'gauge',
      help: 'X.',
      labels: { b: 'public', a: 'public', c: 'public' },
    });
    const less = defineMetric({ name: 'x', type: 'gauge', help: 'X.', labels: { b: 'public' } });
    registry.register(collector('own', () => [family(own, [[{ b: '2', a: '1', c: '' }, 1]])]));
    registry.register(
      collector('less', () => [family(less, [[{ b: '2' }, 1]])]),
      { labels: { a: '1' } },
    );
    await expect(registry.gather()).rejects.toThrow(/same labels/);
  });

  it('under one name but of different types cannot both be served', async () => {
    const registry = new Registry();
    const other = defineMetric({ name: 'rooms', type: 'counter', help: 'Other.' });
    registry.register(collector('first', () => [family(ROOMS, 1)]));
    registry.register(collector('second', () => [family(other, 2)]));
    const { families, collectors } = await registry.gather();
    expect(samples(families)).toEqual(['rooms 1']);
    expect(collectors.map(({ outcome }) => outcome)).toEqual(['success', 'failure']);
  });
});
