import { expect, test } from 'vitest';
import { displayUrl, parseSourceUrl, type SourceUrl } from './url.ts';

test('a slash at the end makes no difference', () => {
  for (const text of ['http://sfu:8889', 'http://sfu:8889/', 'http://sfu:8889//']) {
    expect(parseSourceUrl(text)).toEqual({ origin: 'http://sfu:8889', basePath: '' });
  }
});

test('a socket is named by its path', () => {
  const socket = { origin: 'http://localhost', basePath: '', socketPath: '/run/sfu.sock' };
  expect(parseSourceUrl('unix:/run/sfu.sock')).toEqual(socket);
  expect(parseSourceUrl('unix:///run/sfu.sock')).toEqual(socket);
});

test.each([
  '',
  'sfu:8889',
  'unix:',
  'unix:sfu',
  'ftp://h',
  'http://h/metrics',
  'http://h//stats/',
  'http://h/?a',
  'http://h/#a',
  'http://u@h',
  'http://:p@h',
  `unix:/${'a'.repeat(200)}`,
])('"%s" is refused', (text) => expect(parseSourceUrl(text)).toHaveProperty('problem'));

test('a URL is shown without a slash at the end', () => {
  expect(displayUrl(parseSourceUrl('http://sfu:8889/') as SourceUrl)).toBe('http://sfu:8889');
  expect(displayUrl(parseSourceUrl('unix:/run/a') as SourceUrl)).toBe('unix:/run/a');
});

test('a path is refused with the advice to leave it off', () => {
  expect(parseSourceUrl('http://127.0.0.1:8889/metrics')).toEqual({
    code: 'MX_CONFIG_URL',
    problem: expect.stringContaining('leave it off'),
  });
});

test('where a path is allowed, it stands before all that is asked for', () => {
  const read = (text: string): unknown => parseSourceUrl(text, { path: 'allowed' });
  expect(read('https://home/plex/')).toEqual({ origin: 'https://home', basePath: '/plex' });
  expect(read('http://home//a//b//')).toEqual({ origin: 'http://home', basePath: '/a/b' });
  expect(read('http://home:32400/')).toEqual({ origin: 'http://home:32400', basePath: '' });
  expect(read('http://home/plex?token=x')).toHaveProperty('problem');
  expect(displayUrl(read('https://home/plex/') as SourceUrl)).toBe('https://home/plex');
});
