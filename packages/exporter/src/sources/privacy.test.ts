import { expect, test } from 'vitest';
import { Secret } from '../config/secrets.ts';
import { type Privacy, PrivacyFilter } from './privacy.ts';

function filter(privacy: Partial<Privacy>, key = 'a key of the tests'): PrivacyFilter {
  return new PrivacyFilter({ users: 'clear', titles: 'clear', addresses: 'clear', key: new Secret(key), ...privacy });
}

test('clear changes nothing', () => {
  expect(filter({}).clear).toBe(true);
  expect(filter({}).user('Ann')).toBe('Ann');
  expect(filter({}).address('[2001:db8::1]:5')).toBe('[2001:db8::1]:5');
});

test('each kind follows its own policy', () => {
  const some = filter({ users: 'drop' });
  expect(some.clear).toBe(false);
  expect(some.user('Ann')).toBe('');
  expect(some.address('10.0.0.1:5')).toBe('10.0.0.1:5');
  expect(filter({ addresses: 'drop' }).address('10.0.0.1:5')).toBe('');
});

test('a pseudonym is the same for the same value and key, so that series can be joined', () => {
  const first = filter({ users: 'pseudonym' }).user('Ann');
  expect(first).toMatch(/^[0-9a-f]{16}$/);
  expect(filter({ users: 'pseudonym' }).user('Ann')).toBe(first);
  expect(filter({ users: 'pseudonym' }).user('Bob')).not.toBe(first);
  expect(filter({ users: 'pseudonym' }, 'another key of the tests').user('Ann')).not.toBe(first);
});

test('the port of an address stays, of IPv4, IPv6 and names alike', () => {
  const hosts = ['10.0.0.1', '[2001:db8::1]', 'sfu.example'];
  const shown = hosts.map((host) => filter({ addresses: 'pseudonym' }).address(`${host}:5000`));
  for (const [index, address] of shown.entries()) {
    expect(address).toMatch(/^[0-9a-f]{16}:5000$/);
    expect(address).not.toContain(hosts[index]);
  }
  expect(new Set(shown).size).toBe(3);
});

test('an address without a port has the pseudonym that it has with one, and is never cut', () => {
  const hiding = filter({ addresses: 'pseudonym' });
  for (const [host, written] of [
    ['10.0.0.1', '10.0.0.1'],
    ['2001:db8::7', '[2001:db8::7]'],
  ] as const) {
    expect(hiding.host(host)).toMatch(/^[0-9a-f]{16}$/);
    expect(hiding.address(`${written}:5`)).toBe(`${hiding.host(host)}:5`);
  }
  expect(filter({}).host('2001:db8::7')).toBe('2001:db8::7');
  expect(filter({ addresses: 'drop' }).host('2001:db8::7')).toBe('');
});

test('a place is shown where addresses are, and has no pseudonym', () => {
  expect(filter({ users: 'drop' }).place('Oslo')).toBe('Oslo');
  expect(filter({ addresses: 'pseudonym' }).place('Oslo')).toBe('');
  expect(filter({ addresses: 'drop' }).place('Oslo')).toBe('');
});

test('what is empty stays empty: there is nobody to hide', () => {
  const hiding = filter({ users: 'pseudonym', addresses: 'pseudonym' });
  expect([hiding.user(''), hiding.address('')]).toEqual(['', '']);
});
