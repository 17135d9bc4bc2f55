import { expect, test } from 'vitest';
import { toSeconds } from './seconds.ts';

test.each([
  [0.8192660000000842, 0.000819],
  [12_345.678_9, 12.345679],
  [1e12 + 0.4, 1e9 + 0.0004],
  [0, 0],
])('%d ms are %d s, without digits that nobody measured', (milliseconds, seconds) => {
  expect(toSeconds(milliseconds)).toBe(seconds);
});
