import { describe, expect, it } from 'vitest';
import { BYTES, bytes, collector, SCORE, STATE, samples } from '../testing/registry.ts';
import { family, type HistogramValue } from './family.ts';
import { defineMetric } from './metric.ts';
import { Registry } from './registry.ts';
import { SeriesSet } from './series.ts';

describe('a series budget', () => {
  it('folds what goes over it into one series, and counts it', async () => {
    const registry = new Registry({ seriesBudget: 2 });
    const rows = ['a', 'b', 'c', 'd'].map((id, i) => [{ id }, i + 1] as const);
    registry.register(collector('c', () => [family(BYTES, rows), family(SCORE, rows), family(STATE, rows)]));
    expect(samples((await registry.gather()).families)).toEqual([
      'bytes_total{id="a"} 1',
      'bytes_total{id="b"} 2',
      'bytes_total{id="__other__"} 7',
      'score{id="a"} 1',
      'score{id="b"} 2',
      'score{id="__other__"} 3',
      'state{id="a"} 1',
      'state{id="b"} 2',
      'media_exporter_series_dropped_total{family="bytes_total"} 2',
      'media_exporter_series_dropped_total{family="score"} 2',
      'media_exporter_series_dropped_total{family="state"} 2',
    ]);
  });

  it('holds for handles too, and for a budget of the registration alone', async () => {
    const registry = new Registry();
    const set = new SeriesSet(BYTES);
    for (let i = 0; i < 600; i++) set.add({ id: String(i) }, 1);
    registry.register(
      collector('c', () => [{ metric: BYTES, samples: set }]),
      { seriesBudget: 300 },
    );
    const lines = samples((await registry.gather()).families);
    expect(lines).toHaveLength(302);
    expect(lines[300]).toBe('bytes_total{id="__other__"} 300');
  });

  it('never lets a folded counter go back when folded series disappear', async () => {
    const registry = new Registry({ seriesBudget: 1 });
    const scrapes = [{ a: 1, b: 10, c: 20 }, { a: 1, b: 12, c: 25 }, { a: 1, c: 26 }, { a: 1, b: 1, c: 30 }, { a: 1 }];
    let scrape = 0;
    registry.register(collector('c', () => [bytes(scrapes[scrape++] as unknown as Record<string, number>)]));
    const seen: (string | undefined)[] = [];
    for (const _ of scrapes) {
      const lines = samples((await registry.gather()).families);
      seen.push(lines.find((line) => line.includes('id="__other__"'))?.split(' ')[1]);
    }
    expect(seen).toEqual(['30', '37', '38', '42', undefined]);
  });

  it('adds nothing for series that merely change places', async () => {
    const registry = new Registry({ seriesBudget: 1 });
    let scrape = 0;
    registry.register(collector('c', () => [scrape++ % 2 === 0 ? bytes({ a: 100, b: 1 }) : bytes({ b: 1, a: 100 })]));
    const seen = new Set<string | undefined>();
    for (let i = 0; i < 6; i++) {
      const lines = samples((await registry.gather()).families);
      seen.add(lines.find((line) => line.includes('id="__other__"'))?.split(' ')[1]);
    }
    expect([...seen]).toEqual(['1']);
  });

  it('never lets a folded histogram go back, and adds up only what has the same bounds', async () => {
    const metric = defineMetric({ name: 'h', type: 'histogram', help: 'H.', labels: { id: 'public' } });
    const value = (count: number, bound = 1): HistogramValue => ({
      count,
      sum: count,
      buckets: [{ upperBound: bound, count }],
    });
    const scrapes = [
      { a: value(1), b: value(500), c: value(2) },
      { a: value(1), c: value(3), d: value(9, 7) },
    ];
    const registry = new Registry({ seriesBudget: 1 });
    let scrape = 0;
    registry.register(
      collector('c', () => {
        const rows = Object.entries(scrapes[scrape++] as Record<string, HistogramValue>);
        return [
          family(
            metric,
            rows.map(([id, histogram]) => [{ id }, histogram] as const),
          ),
        ];
      }),
    );
    const counts: string[] = [];
    for (const _ of scrapes) {
      const lines = samples((await registry.gather()).families);
      counts.push(lines.find((line) => line.startsWith('h_count{id="__other__"}')) as string);
    }
    expect(counts).toEqual(['h_count{id="__other__"} 502', 'h_count{id="__other__"} 503']);
  });

  it('adds histograms up', async () => {
    const metric = defineMetric({ name: 'h', type: 'histogram', help: 'H.', labels: { id: 'public' } });
    const value = { count: 3, sum: 6, buckets: [{ upperBound: 1, count: 1 }] };
    const registry = new Registry({ seriesBudget: 1 });
    registry.register(
      collector('c', () => [
        family(
          metric,
          ['a', 'b', 'c'].map((id) => [{ id }, value] as const),
        ),
      ]),
    );
    expect(samples((await registry.gather()).families).slice(4, 8)).toEqual([
      'h_bucket{id="__other__",le="1"} 2',
      'h_bucket{id="__other__",le="+Inf"} 6',
      'h_sum{id="__other__"} 12',
      'h_count{id="__other__"} 6',
    ]);
  });
});
