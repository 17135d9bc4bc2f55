import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBound, formatNumber, NUMBER_BYTES, writeNumber } from './number.ts';

function written(value: number): string {
  const bytes = new Uint8Array(NUMBER_BYTES);
  return new TextDecoder().decode(bytes.subarray(0, writeNumber(bytes, 0, value)));
}

const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.tuple(fc.integer(), fc.constantFrom(10, 1000, 1e6, 1e7)).map(([a, b]) => a / b),
);

describe('writeNumber', () => {
  it('writes the shortest text that reads back as the same number', () => {
    fc.assert(
      fc.property(anyNumber, (value) => {
        const text = written(value);
        expect(text).toBe(formatNumber(value));
        if (Number.isFinite(value)) expect(Object.is(Number(text), value)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('spells what is no finite number as Prometheus does', () => {
    expect([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, -0].map(written)).toEqual([
      '+Inf',
      '-Inf',
      'NaN',
      '-0',
    ]);
  });

  it('never needs more room than it says', () => {
    for (const value of [-Number.MAX_VALUE, -Number.MIN_VALUE, -(2 ** -1022), Number.MIN_SAFE_INTEGER]) {
      expect(written(value).length).toBeLessThanOrEqual(NUMBER_BYTES);
      expect(Number(written(value))).toBe(value);
    }
  });
});

describe('formatBound', () => {
  it('shows that a whole number is a float', () => {
    expect([1, -2, 0.5, Number.POSITIVE_INFINITY, 1e21].map(formatBound)).toEqual([
      '1.0',
      '-2.0',
      '0.5',
      '+Inf',
      '1e+21',
    ]);
  });
});
