import { expect, test } from 'vitest';
import { editDistance, knownKeys, suggest } from './suggest.ts';

test('the distance counts insertions, deletions, substitutions and swaps', () => {
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('url', 'url')).toBe(0);
  expect(editDistance('ulr', 'url')).toBe(1);
  expect(editDistance('timout', 'timeout')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
});

test('a slip is recognised, another word is not', () => {
  expect(suggest('lisen', ['listen', 'auth'])).toBe('listen');
  expect(suggest('Sources', ['sources'])).toBe('sources');
  expect(suggest('colour', ['name', 'url'])).toBeUndefined();
});

test('the known keys of a place come from the schema', () => {
  expect(knownKeys([])).toContain('sources');
  expect(knownKeys(['web', 'auth'])).toEqual(['metrics', 'token_file']);
  expect(knownKeys(['sources', 0])).toContain('secret_file');
  expect(knownKeys(['nowhere', 3])).toEqual([]);
});
