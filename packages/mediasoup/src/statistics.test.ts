import { expect, test } from 'vitest';
import { Distribution } from './distribution.ts';
import { Sampled } from './statistics.ts';

test('the statistics of nothing are not known', () => {
  const sampled = new Sampled();
  sampled.add(undefined);
  expect(sampled.statistics()).toBeUndefined();
});

test('statistics are taken of what is known', () => {
  const sampled = new Sampled();
  for (const value of [4, undefined, 1, 3, 2]) sampled.add(value);
  expect(sampled.statistics()).toEqual({ sum: 10, mean: 2.5, min: 1, max: 4, p25: 1.5 });
});

test('statistics are taken of any number of values', () => {
  const sampled = new Sampled();
  for (let i = 200; i >= 1; i--) sampled.add(i);
  expect(sampled.statistics()).toEqual({ sum: 20_100, mean: 100.5, min: 1, max: 200, p25: 50.5 });
});

test('the 25th percentile of one value is that value', () => {
  const sampled = new Sampled();
  sampled.add(7);
  expect(sampled.statistics()).toEqual({ sum: 7, mean: 7, min: 7, max: 7, p25: 7 });
});

test('a distribution counts an observation in its bucket and in all above', () => {
  const distribution = new Distribution([1, 2, 5]);
  for (const value of [0, 1, 1.5, 5, 9]) distribution.observe(value);
  expect(distribution.state()).toEqual({ bounds: [1, 2, 5], counts: [2, 3, 4], count: 5, sum: 16.5 });
});
