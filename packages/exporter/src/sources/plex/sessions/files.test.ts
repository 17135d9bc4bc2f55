import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { fault } from '../../http/request-error.ts';
import type { PlexClient } from '../client.ts';
import { FileResolutions } from './files.ts';

/** A server that has items whose keys are even, and writes down what it is asked for. */
function serve(answer: (keys: readonly string[]) => readonly string[] = (keys) => keys) {
  const asked: (readonly string[])[] = [];
  const client = {
    fileResolutions: async (keys: readonly string[]) => {
      asked.push(keys);
      const there = answer(keys).filter((key) => Number(key) % 2 === 0);
      if (there.length === 0) throw fault('MX_UPSTREAM_NOT_FOUND', '', { status: 404 });
      return new Map(there.map((key) => [key, '1080']));
    },
  };
  const files = new FileResolutions(client as unknown as PlexClient, new ManualClock());
  return { asked, files };
}

const even = (count: number): string[] => Array.from({ length: count }, (_, index) => String(2 * index));

test('twenty are asked for at once, and each one time', async () => {
  const { asked, files } = serve();
  await files.lookUp([...even(45), '0']);
  await files.lookUp(even(45));
  expect(asked.map(({ length }) => length)).toEqual([20, 20, 5]);
  expect(files.get('88')).toBe('1080');
});

test('what is not in the answer is asked for alone, and then has none', async () => {
  const { asked, files } = serve();
  await files.lookUp(['2', '3', '4']);
  await files.lookUp(['2', '3', '4']);
  expect(asked).toEqual([['2', '3', '4'], ['3']]);
  expect(['2', '3', '4'].map((key) => files.get(key))).toEqual(['1080', '', '1080']);
});

test('a server that refuses several is asked for each, with few requests at a time', async () => {
  const { asked, files } = serve((keys) => (keys.length > 1 ? [] : keys));
  await files.lookUp(even(6));
  expect(asked).toHaveLength(5);
  await files.lookUp(even(6));
  expect(even(6).map((key) => files.get(key))).toEqual(even(6).map(() => '1080'));
});
