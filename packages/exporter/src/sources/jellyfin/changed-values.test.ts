import { expect, test } from 'vitest';
import { ChangedValues } from './changed-values.ts';

test('a value is put when it is the first of its key, or another one than before', () => {
  const puts: unknown[] = [];
  const values = new ChangedValues({ put: (...given) => puts.push(given) });
  for (const value of [{ count: 1 }, { count: 1 }, { count: 2 }, undefined, undefined]) values.put('jobs', value);
  values.put('log', undefined);
  expect(puts).toEqual([
    ['jobs', { count: 1 }],
    ['jobs', { count: 2 }],
    ['jobs', undefined],
    ['log', undefined],
  ]);
});
