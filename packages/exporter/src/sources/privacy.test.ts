import { defineMetric, type Family, family } from '@media-exporter/metrics';
import { expect, test } from 'vitest';
import { Secret } from '../config/secrets.ts';
import { type Privacy, PrivacyFilter } from './privacy.ts';

const METRIC = defineMetric({
  name: 'm',
  type: 'gauge',
  help: 'h',
  labels: { id: 'public', user: 'personal', address: 'personal' },
});
const OTHER = defineMetric({ name: 'other', type: 'gauge', help: 'h', labels: { id: 'public' } });

const rows = (user: string, address: string): Family => family(METRIC, [[{ id: '1', user, address }, 5]]);

function apply(
  privacy: Partial<Privacy>,
  families: readonly Family[],
  key = 'a key of the tests',
): (readonly string[])[] {
  const filter = new PrivacyFilter(
    { users: 'clear', addresses: 'clear', key: new Secret(key), ...privacy },
    { user: 'users', address: 'addresses' },
  );
  return filter.apply(families).flatMap(({ samples }) => [...samples].map((sample) => sample.labels));
}

test('clear changes nothing', () => {
  expect(apply({}, [rows('Ann', '10.0.0.1:5')])).toEqual([['1', 'Ann', '10.0.0.1:5']]);
});

test('drop empties the label and keeps the series', () => {
  expect(apply({ users: 'drop' }, [rows('Ann', '10.0.0.1:5')])).toEqual([['1', '', '10.0.0.1:5']]);
});

test('a pseudonym is the same for the same value and key, so that series can be joined', () => {
  const [first] = apply({ users: 'pseudonym' }, [rows('Ann', '')]);
  const [again] = apply({ users: 'pseudonym' }, [rows('Ann', '')]);
  const [other] = apply({ users: 'pseudonym' }, [rows('Bob', '')]);
  const [rekeyed] = apply({ users: 'pseudonym' }, [rows('Ann', '')], 'another key of the tests');
  expect(first).toEqual(again);
  expect(first?.[1]).toMatch(/^[0-9a-f]{16}$/);
  expect(other).not.toEqual(first);
  expect(rekeyed).not.toEqual(first);
});

test('the port of an address stays, of IPv4, IPv6 and names alike', () => {
  const hosts = ['10.0.0.1', '[2001:db8::1]', 'sfu.example'];
  const shown = hosts.map((host) => apply({ addresses: 'pseudonym' }, [rows('', `${host}:5000`)])[0]?.[2]);
  for (const [index, address] of shown.entries()) {
    expect(address).toMatch(/^[0-9a-f]{16}:5000$/);
    expect(address).not.toContain(hosts[index]);
  }
  expect(new Set(shown).size).toBe(3);
});

test('what is empty stays empty: there is nobody to hide', () => {
  expect(apply({ users: 'pseudonym', addresses: 'pseudonym' }, [rows('', '')])).toEqual([['1', '', '']]);
});

test('families without personal labels are passed on as they are', () => {
  const other = family(OTHER, [[{ id: '1' }, 1]]);
  const filter = new PrivacyFilter({ users: 'drop', addresses: 'drop', key: new Secret('k') }, { user: 'users' });
  expect(filter.apply([other])[0]).toBe(other);
});
