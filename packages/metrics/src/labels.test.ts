import { describe, expect, it } from 'vitest';
import { BYTES, bytes, collector, ROOMS, samples } from '../testing/registry.ts';
import { family } from './family.ts';
import { Counter } from './instruments/counter.ts';
import { defineMetric } from './metric.ts';
import { Registry, SERIES_DROPPED } from './registry.ts';
import { SeriesSet } from './series.ts';

describe('labels', () => {
  it('are cleaned, and two that clean to the same are one series', async () => {
    const registry = new Registry();
    registry.register(collector('c', () => [bytes({ 'a\u0000b': 1, 'a\u0001b': 2 })]));
    const { families } = await registry.gather();
    expect(samples(families)).toEqual([
      'bytes_total{id="a b"} 2',
      'media_exporter_series_duplicated_total{family="bytes_total"} 1',
    ]);
  });

  it('of a secret class are never written', async () => {
    const metric = defineMetric({ name: 'x', type: 'gauge', help: 'X.', labels: { token: 'secret', id: 'public' } });
    const registry = new Registry();
    registry.register(collector('c', () => [family(metric, [[{ token: 'hunter2', id: 'a' }, 1]])]));
    expect(samples((await registry.gather()).families)).toEqual(['x{token="",id="a"} 1']);
  });

  it('get constant ones put before them, on handles too', async () => {
    const registry = new Registry();
    const set = new SeriesSet(BYTES);
    set.add({ id: 'a' }, 5);
    registry.register(
      collector('fresh', () => [bytes({ b: 6 })]),
      { labels: { source: 'x"1"' } },
    );
    registry.register(
      collector('handles', () => [{ metric: BYTES, samples: set }]),
      { labels: { source: 'y' } },
    );
    expect(samples((await registry.gather()).families)).toEqual([
      'bytes_total{source="x\\"1\\"",id="b"} 6',
      'bytes_total{source="y",id="a"} 5',
    ]);
  });

  it('that are constant need a name that no sample has', async () => {
    const registry = new Registry();
    const none = collector('none', () => []);
    for (const label of ['', '__name__', '\ud800']) {
      expect(() => registry.register(none, { labels: { [label]: 'x' } })).toThrow(/label name/);
    }
    const metric = defineMetric({ name: 'h', type: 'histogram', help: 'H.' });
    const histogram = collector('h', () => [family(metric, { count: 1, sum: 1, buckets: [] })]);
    registry.register(histogram, { labels: { le: '5' } });
    registry.register(collector('rooms', () => [family(ROOMS, 1)]));
    const { families, collectors } = await registry.gather();
    expect(collectors.map(({ outcome }) => outcome)).toEqual(['failure', 'success']);
    expect(samples(families)).toEqual(['rooms 1']);
  });

  it('keep distinct names, however many of them collide', async () => {
    const metric = defineMetric({
      name: 'x',
      type: 'gauge',
      help: 'X.',
      labels: { server: 'public', exported_server: 'public' },
    });
    const registry = new Registry();
    registry.register(
      collector('c', () => [family(metric, [[{ server: 'a', exported_server: 'b' }, 1]])]),
      { labels: { server: 'c' } },
    );
    expect(samples((await registry.gather()).families)).toEqual([
      'x{server="c",exported_exported_server="a",exported_server="b"} 1',
    ]);
  });

  it('that collide with a constant one become exported', async () => {
    const registry = new Registry();
    registry.register(
      collector('c', () => [bytes({ a: 1 })]),
      { labels: { id: 'outer' } },
    );
    expect(samples((await registry.gather()).families)).toEqual(['bytes_total{id="outer",exported_id="a"} 1']);
  });

  it('nest when a registry is a collector of another', async () => {
    const dropped = new Counter(SERIES_DROPPED);
    const root = new Registry({ duplicates: 'throw' });
    for (const name of ['one', 'two']) {
      const inner = new Registry({ name, dropped, seriesBudget: 2 });
      inner.register(collector('c', () => [bytes({ a: 1, b: 2, c: 3, d: 4 })], [BYTES]));
      root.register(inner, { labels: { source: name } });
    }
    expect(root.catalogue).toEqual([BYTES]);
    const { families } = await root.gather();
    expect(samples(families)).toEqual([
      'bytes_total{source="one",id="a"} 1',
      'bytes_total{source="one",id="b"} 2',
      'bytes_total{source="one",id="__other__"} 7',
      'bytes_total{source="two",id="a"} 1',
      'bytes_total{source="two",id="b"} 2',
      'bytes_total{source="two",id="__other__"} 7',
    ]);
    expect(samples(dropped.collect())).toEqual(['media_exporter_series_dropped_total{family="bytes_total"} 4']);
  });
});
