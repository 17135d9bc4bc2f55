import { describe, expect, it } from 'vitest';
import { renderText } from './encode/index.ts';
import { type Collector, type Family, family, type HistogramValue, type Sample } from './family.ts';
import { Counter } from './instruments/counter.ts';
import { defineMetric, type Metric } from './metric.ts';
import { Registry, SERIES_DROPPED } from './registry.ts';
import { SeriesSet } from './series.ts';
import { ManualClock } from './testing/clock.ts';

const ROOMS = defineMetric({ name: 'rooms', type: 'gauge', help: 'Rooms.' });
const BYTES = defineMetric({ name: 'bytes_total', type: 'counter', help: 'Bytes.', labels: { id: 'public' } });
const SCORE = defineMetric({ name: 'score', type: 'gauge', help: 'Score.', labels: { id: 'public' }, overflow: 'min' });
const STATE = defineMetric({
  name: 'state',
  type: 'gauge',
  help: 'State.',
  labels: { id: 'public' },
  overflow: 'drop',
});

function collector(name: string, collect: Collector['collect'], catalogue: readonly Metric[] = []): Collector {
  return { name, catalogue, collect };
}

function bytes(values: Readonly<Record<string, number>>): Family {
  return family(
    BYTES,
    Object.entries(values).map(([id, value]) => [{ id }, value] as const),
  );
}

function samples(families: Iterable<Family>): string[] {
  return renderText(families)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('a registry', () => {
  it('keeps a collector that throws, rejects or gives nonsense from spoiling the rest', async () => {
    const registry = new Registry({ clock: new ManualClock() });
    registry.register(collector('good', () => [family(ROOMS, 3)]));
    registry.register(
      collector('throws', () => {
        throw new Error('boom');
      }),
    );
    registry.register(collector('rejects', () => Promise.reject(new Error('bang'))));
    registry.register(collector('throws nothing', () => Promise.reject(undefined)));
    registry.register(collector('lies', () => [{ metric: BYTES, samples: [{ labels: [], value: 1 }] }]));
    registry.register(
      collector('mistypes', () => [{ metric: BYTES, samples: [{ labels: ['a'], value: 'x' as never }] }]),
    );
    registry.register(
      collector('breaks off', () => [
        {
          metric: STATE,
          samples: (function* (): Generator<Sample> {
            yield { labels: ['a'], value: 1 };
            throw new Error('half way');
          })(),
        },
      ]),
    );
    const { families, collectors } = await registry.gather();
    expect(samples(families)).toEqual(['rooms 3']);
    expect(collectors.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['good', 'success'],
      ['throws', 'failure'],
      ['rejects', 'failure'],
      ['throws nothing', 'failure'],
      ['lies', 'failure'],
      ['mistypes', 'failure'],
      ['breaks off', 'failure'],
    ]);
    expect(collectors.every(({ outcome, error }) => (outcome === 'success') === (error === undefined))).toBe(true);
  });

  it('serves what is finished when the deadline comes, and marks the rest', async () => {
    const clock = new ManualClock();
    const registry = new Registry({ clock });
    const slow = deferred<Family[]>();
    registry.register(collector('fast', () => [family(ROOMS, 1)]));
    registry.register(collector('slow', () => slow.promise));
    const deadline = new AbortController();
    const gathering = registry.gather(deadline.signal);
    await clock.tick(1500);
    deadline.abort();
    const { families, collectors } = await gathering;
    expect(samples(families)).toEqual(['rooms 1']);
    expect(collectors.map(({ outcome, seconds }) => [outcome, seconds])).toEqual([
      ['success', 0],
      ['timeout', 1.5],
    ]);
  });

  it('tells a collector when nobody waits any longer, and never runs it twice at a time', async () => {
    const registry = new Registry();
    const signals: AbortSignal[] = [];
    const runs = [deferred<Family[]>(), deferred<Family[]>()];
    registry.register(
      collector('slow', (signal) => {
        signals.push(signal);
        return (runs[signals.length - 1] as (typeof runs)[number]).promise;
      }),
    );
    const deadline = new AbortController();
    const first = registry.gather(deadline.signal);
    await new Promise((resolve) => setImmediate(resolve));
    deadline.abort();
    await first;
    expect(signals[0]?.aborted).toBe(true);
    const second = registry.gather();
    await new Promise((resolve) => setImmediate(resolve));
    expect(signals).toHaveLength(1);
    runs[0]?.resolve([]);
    runs[1]?.resolve([family(ROOMS, 2)]);
    expect(samples((await second).families)).toEqual(['rooms 2']);
    expect(signals[1]?.aborted).toBe(true);
  });

  it('runs a stalled collector once more when it comes back, not once for each scrape that gave up', async () => {
    const registry = new Registry();
    let runs = 0;
    const stall = deferred<Family[]>();
    registry.register(
      collector('stalled', () => {
        runs++;
        return runs === 1 ? stall.promise : [family(ROOMS, runs)];
      }),
    );
    for (let i = 0; i < 20; i++) {
      const deadline = new AbortController();
      const gathering = registry.gather(deadline.signal);
      await new Promise((resolve) => setImmediate(resolve));
      deadline.abort();
      expect((await gathering).collectors[0]?.outcome).toBe('timeout');
    }
    const waiting = registry.gather();
    stall.resolve([]);
    expect(samples((await waiting).families)).toEqual(['rooms 2']);
    expect(runs).toBe(2);
  });

  it('gives its own families one header, beside those of a registry within it', async () => {
    const inner = new Registry({ name: 'inner', seriesBudget: 1 });
    inner.register(collector('c', () => [bytes({ a: 1, b: 2 })]));
    const root = new Registry({ seriesBudget: 1 });
    root.register(inner, { labels: { source: 's' } });
    root.register(
      collector('d', () => [
        family(
          STATE,
          ['a', 'b'].map((id) => [{ id }, 1] as const),
        ),
      ]),
    );
    const text = renderText((await root.gather()).families);
    expect(text.match(/# TYPE media_exporter_series_dropped_total/g)).toHaveLength(1);
    expect(text).toContain('media_exporter_series_dropped_total{source="s",family="bytes_total"} 1\n');
    expect(text).toContain('media_exporter_series_dropped_total{family="state"} 1\n');
  });

  it('refuses counts that no histogram can have', async () => {
    const metric = defineMetric({ name: 'h', type: 'histogram', help: 'H.' });
    for (const count of [Number.POSITIVE_INFINITY, Number.NaN, -1, 1.5]) {
      const registry = new Registry();
      registry.register(collector('h', () => [family(metric, { count, sum: 1, buckets: [] })]));
      expect((await registry.gather()).collectors[0]?.outcome).toBe('failure');
    }
  });

  it('collects once for all scrapes that come at the same time', async () => {
    const registry = new Registry();
    let runs = 0;
    const slow = deferred<void>();
    registry.register(
      collector('counted', async () => {
        runs++;
        await slow.promise;
        return [family(ROOMS, runs)];
      }),
    );
    const first = registry.gather();
    await new Promise((resolve) => setImmediate(resolve));
    const others = [registry.gather(), registry.gather(new AbortController().signal)];
    slow.resolve();
    const snapshots = await Promise.all([first, ...others]);
    expect(runs).toBe(1);
    expect(new Set(snapshots).size).toBe(1);
    await registry.gather();
    expect(runs).toBe(2);
  });

  it('lets the event loop turn while it reads large families', async () => {
    // Each look at the clock takes a millisecond, so every third ends a slice.
    let now = 0;
    const clock = Object.assign(new ManualClock(), { now: () => now++ });
    const registry = new Registry({ clock, seriesBudget: Number.POSITIVE_INFINITY });
    const rows = Array.from({ length: 20_000 }, (_, i): Sample => ({ labels: [`${i}`], value: i }));
    registry.register(collector('array', () => [{ metric: BYTES, samples: rows }]));
    registry.register(collector('generator', () => [{ metric: SCORE, samples: rows.values() }]));
    let turns = 0;
    let watching = true;
    const watch = (): void => {
      turns++;
      if (watching) setImmediate(watch);
    };
    setImmediate(watch);
    const { families } = await registry.gather();
    watching = false;
    expect(families.map(({ parts }) => (parts[0]?.samples as Sample[] | undefined)?.length)).toEqual([20_000, 20_000]);
    expect(turns).toBeGreaterThan(20);
  });

  it('runs its collectors side by side', async () => {
    const registry = new Registry();
    const both = [deferred<void>(), deferred<void>()];
    const meet =
      (own: number): Collector['collect'] =>
      async () => {
        both[own]?.resolve();
        await both[1 - own]?.promise;
        return [];
      };
    registry.register(collector('a', meet(0)));
    registry.register(collector('b', meet(1)));
    const { collectors } = await registry.gather();
    expect(collectors.map(({ outcome }) => outcome)).toEqual(['success', 'success']);
  });

  it('takes a collector out, and refuses one twice', async () => {
    const registry = new Registry();
    const rooms = collector('rooms', () => [family(ROOMS, 1)], [ROOMS]);
    const unregister = registry.register(rooms);
    expect(() => registry.register(rooms)).toThrow(/registered already/);
    expect(registry.catalogue).toEqual([ROOMS]);
    unregister();
    expect((await registry.gather()).families).toEqual([]);
    registry.register(rooms);
    expect(samples((await registry.gather()).families)).toEqual(['rooms 1']);
  });
});

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
