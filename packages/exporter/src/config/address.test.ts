import { expect, test } from 'vitest';
import { formatAddress, isLoopback, parseListenAddress } from './address.ts';

test('a listen address is a host and a port, IPv6 in brackets, or a port for all interfaces', () => {
  expect(parseListenAddress('127.0.0.1:9594')).toEqual({ host: '127.0.0.1', port: 9594 });
  expect(parseListenAddress('[::1]:9594')).toEqual({ host: '::1', port: 9594 });
  expect(parseListenAddress('localhost:0')).toEqual({ host: 'localhost', port: 0 });
  expect(parseListenAddress(':9594')).toEqual({ host: undefined, port: 9594 });
});

test.each([
  '',
  '9594',
  ':',
  ':x',
  ':65536',
  '::1:9594',
  '[127.0.0.1]:1',
  '[::1]',
  '1.2.3:4',
  '300.1.1.1:1',
  'a b:1',
  'http://h:1',
  '-h:1',
])('"%s" is no listen address', (text) => expect(parseListenAddress(text)).toBeUndefined());

test('only addresses that other machines cannot reach are loopback', () => {
  for (const host of [
    '127.0.0.1',
    '127.8.9.10',
    '::1',
    '0:0:0:0:0:0:0:1',
    'localhost',
    'LOCALHOST',
    '::ffff:127.0.0.1',
  ]) {
    expect(isLoopback(host), host).toBe(true);
  }
  for (const host of [
    undefined,
    '',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '::ffff:10.0.0.1',
    '::2',
    'localhost.example',
    '127.0.0.1.example',
  ]) {
    expect(isLoopback(host), String(host)).toBe(false);
  }
});

test('an address is written as a URL has it', () => {
  expect(formatAddress('::1', 1)).toBe('[::1]:1');
  expect(formatAddress('127.0.0.1', 1)).toBe('127.0.0.1:1');
  expect(formatAddress(undefined, 1)).toBe(':1');
});
