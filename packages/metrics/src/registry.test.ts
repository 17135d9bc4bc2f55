import { describe, expect, it } from 'vitest';
import { BYTES, bytes, collector, ROOMS, SCORE, STATE, samples } from '../testing/registry.ts';
import { renderText } from './encode/index.ts';
import { type Collector, type Family, family, type Sample } from './family.ts';
import { defineMetric } from './metric.ts';
import { Registry } from './registry.ts';
import { ManualClock } from './testing/clock.ts';

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
