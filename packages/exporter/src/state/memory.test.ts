import { expect, test } from 'vitest';
import { MemoryStore } from './memory.ts';

test('what was put is kept as it was then, whatever becomes of it', async () => {
  const store = new MemoryStore();
  const plays = { count: 1 };
  store.scope('plex/home').put('plays', plays);
  plays.count = 2;
  expect(await store.scope('plex/home').load()).toEqual(new Map([['plays', { count: 1 }]]));
  expect(await store.scope('plex/away').load()).toEqual(new Map());
});
