import { expect, test } from 'vitest';
import { restoreKeys, SessionKeys } from './keys.ts';

const of = (...keys: string[]) => keys.map((key) => ({ key, party: `player of ${key}` }));

test('keys that count up are of one run of the server', () => {
  const keys = new SessionKeys();
  for (const now of [of('3'), of('3', '4'), of('4'), [], of('7', '9'), of('7')]) {
    keys.take(now);
    expect(keys.epoch).toBe('0');
  }
});

test('a new session under a lower key is of another run', () => {
  const keys = new SessionKeys();
  keys.take(of('8', '9'));
  keys.take(of('1'));
  expect(keys.epoch).toBe('1');
  keys.take(of('1', '2'));
  expect(keys.epoch).toBe('1');
});

test('a key that another player holds is of another run, even if no key is new', () => {
  const keys = new SessionKeys();
  keys.take([
    { key: '1', party: 'a' },
    { key: '2', party: 'b' },
  ]);
  keys.take([
    { key: '1', party: 'b' },
    { key: '2', party: 'a' },
  ]);
  expect(keys.epoch).toBe('1');
});

test('a restart that was told of is one with the next sessions, and only once', () => {
  const keys = new SessionKeys();
  keys.take(of('1'));
  keys.restart();
  expect(keys.epoch).toBe('0');
  keys.take(of('1'));
  keys.take(of('1'));
  expect(keys.epoch).toBe('1');
});

test('very many keys are only many', () => {
  const keys = new SessionKeys();
  keys.take(Array.from({ length: 300_000 }, (_, index) => ({ key: String(index + 1), party: 'me' })));
  expect(keys.memory).toEqual({ epoch: 0, highest: 300_000 });
});

test('what was kept goes on', () => {
  const keys = new SessionKeys();
  keys.take(of('5', '6'));
  const kept = restoreKeys(JSON.parse(JSON.stringify(keys.memory)));
  const running = new SessionKeys(kept, of('5', '6'));
  running.take(of('5', '6', '7'));
  expect(running.epoch).toBe('0');
  const restarted = new SessionKeys(kept, of('5', '6'));
  restarted.take(of('2'));
  expect(restarted.epoch).toBe('1');
  for (const broken of [undefined, null, {}, { epoch: 1 }, { epoch: '1', highest: 2 }]) {
    expect(restoreKeys(broken)).toBeUndefined();
  }
});
