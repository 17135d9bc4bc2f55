import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, clearIdentity, hostPort, pseudonymousIdentity } from './identity.ts';

const nobody = (): void => {};

describe('a pseudonym', () => {
  const identity = pseudonymousIdentity('a key of sixteen');

  test('is the keyed hash of the value, so that others with the key can join it', () => {
    const hash = createHmac('sha256', 'a key of sixteen').update('Ann').digest('hex').slice(0, 16);
    expect(identity.displayName('Ann')).toBe(hash);
    expect(identity.userAgent('Ann')).toBe(hash);
  });

  test('differs with the key', () => {
    expect(pseudonymousIdentity('another key of it').displayName('Ann')).not.toBe(identity.displayName('Ann'));
  });

  test('of nothing is nothing', () => {
    expect(identity.displayName('')).toBe('');
    expect(identity.address('', nobody)).toBe('');
  });

  test('of an address is the same however the address is spelled', () => {
    const spellings = ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:0db8:0000::0001'];
    expect(new Set(spellings.map((ip) => identity.address(ip, nobody))).size).toBe(1);
    expect(identity.address('::ffff:192.0.2.7', nobody)).toBe(identity.address('192.0.2.7', nobody));
    expect(identity.address('2001:db8::2', nobody)).not.toBe(identity.address('2001:db8::1', nobody));
  });

  test('shows nothing of what it stands for', () => {
    for (const ip of ['192.0.2.7', '2001:db8::1', 'fe80::1%eth0']) {
      expect(identity.address(ip, nobody)).toMatch(/^[0-9a-f]{16}$/);
    }
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:DB8::0:1', '2001:db8::1'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
  ['SFU.Example.', 'sfu.example.'],
  ['no % address', 'no % address'],
])('the address %s is %s in one spelling', (given, canonical) => {
  expect(canonicalAddress(given)).toBe(canonical);
});

test('a port stands behind its host, and an IPv6 address in brackets', () => {
  expect(hostPort('192.0.2.1', 4_000)).toBe('192.0.2.1:4000');
  expect(hostPort('2001:db8::1', 4_000)).toBe('[2001:db8::1]:4000');
  expect(hostPort('2001:db8::1', undefined)).toBe('[2001:db8::1]');
  expect(hostPort('', 4_000)).toBe('');
});

test('in clear an address is shown as it is, or by its name where one is known', () => {
  expect(clearIdentity().address('192.0.2.1', nobody)).toBe('192.0.2.1');
  const named = clearIdentity((ip) => (ip === '192.0.2.1' ? 'sfu.example' : undefined));
  expect(named.address('192.0.2.1', nobody)).toBe('sfu.example');
  expect(named.address('192.0.2.2', nobody)).toBe('192.0.2.2');
});
