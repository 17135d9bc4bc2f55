import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketSpan } from '../family.ts';
import { bucketIndex, NativeHistogram } from './native.ts';

const magnitude = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
const schema = fc.integer({ min: -4, max: 8 });

/** Bucket indices with their counts, read from spans as Prometheus does. */
function unfold(spans: readonly BucketSpan[]): Map<number, number> {
  const buckets = new Map<number, number>();
  let index = 0;
  for (const { offset, counts } of spans) {
    index += offset;
    for (const count of counts) {
      if (count > 0) buckets.set(index, count);
      index++;
    }
  }
  return buckets;
}

describe('bucketIndex', () => {
  it('finds the bucket whose bounds hold the value', () => {
    fc.assert(
      fc.property(magnitude, schema, (value, resolution) => {
        const index = bucketIndex(value, resolution);
        const position = Math.log2(value) * 2 ** resolution;
        // As far as the logarithm can tell.
        expect(index).toBeGreaterThanOrEqual(position - 1e-6);
        expect(index).toBeLessThanOrEqual(position + 1 + 1e-6);
      }),
    );
  });

  it('puts a bound into the bucket below it', () => {
    for (let resolution = -4; resolution <= 8; resolution++) {
      expect(bucketIndex(1, resolution)).toBe(0);
      expect(bucketIndex(2 ** 16, resolution)).toBe(16 * 2 ** resolution);
      expect(bucketIndex(2 ** -16, resolution)).toBe(-16 * 2 ** resolution);
    }
    expect(bucketIndex(2 ** 0.5, 1)).toBe(1);
    expect(bucketIndex(1.0000000000000002, 8)).toBe(1);
  });

  it('knows the smallest and the greatest numbers', () => {
    expect(bucketIndex(Number.MIN_VALUE, 0)).toBe(-1074);
    expect(bucketIndex(Number.MAX_VALUE, 0)).toBe(1024);
    expect(bucketIndex(Number.POSITIVE_INFINITY, 0)).toBe(1025);
  });

  it('merges two buckets into one when the resolution is halved', () => {
    fc.assert(
      fc.property(magnitude, fc.integer({ min: -3, max: 8 }), (value, resolution) => {
        expect(bucketIndex(value, resolution - 1)).toBe(Math.ceil(bucketIndex(value, resolution) / 2) || 0);
      }),
    );
  });
});

describe('a native histogram', () => {
  it('counts every observation once, in spans that unfold to the buckets', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { maxLength: 300 }), schema, (values, resolution) => {
        const histogram = new NativeHistogram({ schema: resolution, maxBuckets: 20 });
        for (const value of values) histogram.observe(value);
        const { zeroCount, positive, negative, schema: reached } = histogram.buckets();
        const expected = (sign: number): Map<number, number> => {
          const buckets = new Map<number, number>();
          for (const value of values) {
            if (value * sign <= 2 ** -128) continue;
            const index = bucketIndex(Math.abs(value), reached);
            buckets.set(index, (buckets.get(index) ?? 0) + 1);
          }
          return buckets;
        };
        const total = (buckets: Map<number, number>): number => [...buckets.values()].reduce((a, b) => a + b, 0);
        expect(zeroCount + total(unfold(positive)) + total(unfold(negative))).toBe(values.length);
        // Infinity has a bucket above all others, which halving moves: compare the finite ones.
        if (values.every(Number.isFinite)) {
          expect(unfold(positive)).toEqual(new Map([...expected(1)].sort((a, b) => a[0] - b[0])));
          expect(unfold(negative)).toEqual(new Map([...expected(-1)].sort((a, b) => a[0] - b[0])));
        }
      }),
    );
  });

  it('halves its resolution rather than grow beyond its limit', () => {
    const histogram = new NativeHistogram({ schema: 8, maxBuckets: 10 });
    for (let i = 1; i < 1000; i++) histogram.observe(i);
    const { positive, schema: reached } = histogram.buckets();
    expect(reached).toBeLessThan(8);
    expect(unfold(positive).size).toBeLessThanOrEqual(10);
  });

  it('refuses options out of range', () => {
    expect(() => new NativeHistogram({ schema: 9 })).toThrow(/schema 9/);
    expect(() => new NativeHistogram({ maxBuckets: 0 })).toThrow(/maxBuckets 0/);
  });
});
