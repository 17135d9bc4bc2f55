import { expect, test } from 'vitest';
import { Secret } from '../config/secrets.ts';
import { MemoryStore } from './memory.ts';
import { keepPseudonymKey } from './pseudonym-key.ts';
import { drive, folder, open } from './sqlite.testing.ts';

const FIRST = 'the key of the first start';
const SECOND = 'the key of the second start';

async function start(dir: string, fresh: string): Promise<{ key: string; lines: readonly string[] }> {
  const { store, lines } = open(dir);
  const key = await keepPseudonymKey(store.scope('privacy'), new Secret(fresh));
  await store.close();
  return { key: key.reveal(), lines };
}

test('the key of the first start is that of the next ones, and no line of the log has it', async () => {
  const dir = folder();
  expect(await start(dir, FIRST)).toEqual({ key: FIRST, lines: [] });
  expect(await start(dir, SECOND)).toEqual({ key: FIRST, lines: [] });
});

test.each([undefined, null, '', 'short', 7, { key: FIRST }])('%j is no key: another one is kept', async (value) => {
  const scope = new MemoryStore().scope('privacy');
  scope.put('pseudonyms', value);
  expect((await keepPseudonymKey(scope, new Secret(FIRST))).reveal()).toBe(FIRST);
  expect((await keepPseudonymKey(scope, new Secret(SECOND))).reveal()).toBe(FIRST);
});

test('without a folder the key of this start is used as long as it runs', async () => {
  const { store, clock } = open(undefined);
  const scope = store.scope('privacy');
  expect((await drive(clock, keepPseudonymKey(scope, new Secret(FIRST)))).value.reveal()).toBe(FIRST);
  expect((await keepPseudonymKey(scope, new Secret(SECOND))).reveal()).toBe(FIRST);
});
