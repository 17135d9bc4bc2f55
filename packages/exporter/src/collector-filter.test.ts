import { expect, test } from 'vitest';
import { type CollectorFilter, parseCollectorFilter, servesCollector } from './collector-filter.ts';

/** As the drop-in for Jellyfin has them. */
const COLLECTORS = new Map([
  ['system', 'system'],
  ['sessions', 'sessions'],
  ['playing', 'sessions'],
]);

const parse = (query: string): ReturnType<typeof parseCollectorFilter> =>
  parseCollectorFilter(new URLSearchParams(query), COLLECTORS);

test('without the parameters there is no filter', () => {
  expect(parse('')).toBeUndefined();
  expect(parse('collect=system&exclude=system')).toBeUndefined();
});

test('both parameters may be repeated, and their brackets may be encoded', () => {
  expect(parse('collect[]=system&collect%5B%5D=sessions')).toEqual({
    mode: 'collect',
    names: new Set(['system', 'sessions']),
  });
  expect(parse('exclude[]=system&exclude%5B%5D=system')).toEqual({ mode: 'exclude', names: new Set(['system']) });
});

test('another name for a collector means that collector', () => {
  expect(parse('collect[]=playing')).toEqual(parse('collect[]=sessions'));
  expect(parse('exclude[]=playing')).toEqual(parse('exclude[]=sessions'));
});

test('both parameters at once are a mistake', () => {
  expect(parse('collect[]=system&exclude[]=sessions')).toEqual({
    problem: 'The parameters "collect[]" and "exclude[]" may not be given together.',
  });
});

test('to collect what does not run is a mistake, which is told with the names that are right', () => {
  const problem = 'No collector "users" runs here. The collectors are: system, sessions';
  expect(parse('collect[]=system&collect[]=users')).toEqual({ problem });
  expect(parse('collect[]=')).toEqual({ problem: problem.replace('users', '') });
});

test('to exclude what does not run leaves everything', () => {
  const filter = parse('exclude[]=users') as CollectorFilter;
  expect([...COLLECTORS.values()].every((name) => servesCollector(filter, name))).toBe(true);
});

test('a wrong name is repeated without control characters, and not beyond its first 64 bytes', () => {
  const name = `\u001b[31m\r\n${'x'.repeat(100)}`;
  const { problem } = parse(`collect[]=${encodeURIComponent(name)}`) as { problem: string };
  expect(problem).toBe(`No collector " [31m ${'x'.repeat(58)}" runs here. The collectors are: system, sessions`);
});
