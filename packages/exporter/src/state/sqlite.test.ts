import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test, vi } from 'vitest';
import { turnUntil } from '../../../../test/support/until.ts';
import { openDatabase } from './database.ts';
import { bound, closers, drive, fake, folder, open, reopen, sqliteError } from './sqlite.testing.ts';
import type { SqliteStoreOptions } from './sqlite.ts';

test('what was put is there after a restart, each owner with its own', async () => {
  const dir = folder();
  const { store } = open(dir);
  store.scope('plex/home').put('plays', { labels: ['a', 'ü "'], amounts: { seconds: 1.5 } });
  store.scope('plex/home').put('gone', 1);
  store.scope('plex/home').put('gone', undefined);
  store.scope('plex/away').put('plays', [null, true]);
  await store.close();
  expect(await reopen(dir)).toEqual({ plays: { labels: ['a', 'ü "'], amounts: { seconds: 1.5 } } });
  expect(await reopen(dir, 'plex/away')).toEqual({ plays: [null, true] });
});

test('what was put is there at once for who loads, as it was when it was put', async () => {
  const { store } = open(folder());
  const value = { seconds: 1 };
  store.scope('a').put('key', value);
  value.seconds = 2;
  expect(await store.scope('a').load()).toEqual(new Map([['key', { seconds: 1 }]]));
  store.scope('a').put('key', undefined);
  expect(await store.scope('a').load()).toEqual(new Map());
});

test('what was put before the rest was loaded stays', async () => {
  const dir = folder();
  const first = open(dir).store;
  first.scope('plex/home').put('old', 1);
  first.scope('plex/home').put('both', 1);
  await first.close();
  const { store } = open(dir);
  store.scope('plex/home').put('both', 2);
  expect(await store.scope('plex/home').load()).toEqual(
    new Map([
      ['both', 2],
      ['old', 1],
    ]),
  );
});

test('all that is put in one turn is written in one transaction, within a second', async () => {
  const written: number[] = [];
  const { store, clock } = open(folder(), {
    open: async () => fake({ write: (changes) => written.push([...changes].length) }),
  });
  const scope = store.scope('a');
  for (let i = 0; i < 5; i += 1) scope.put(`key ${i}`, i);
  clock.advance(400);
  scope.put('key 1', 2);
  await store.scope('a').load();
  expect(written).toEqual([]);
  await clock.tick(600);
  expect(written).toEqual([5]);
  expect(clock.pending).toBe(0);
});

test('nothing is opened, and nothing told, before somebody keeps something', async () => {
  const dir = folder();
  const { store, lines, metrics } = open(dir);
  store.scope('mediasoup/sfu');
  await store.close();
  expect(() => statSync(dir)).toThrow('ENOENT');
  expect([lines, await metrics()]).toEqual([[], '']);
});

test('the folder and its files are for this user only', async () => {
  const dir = folder();
  const { store } = open(dir);
  store.scope('a').put('key', 1);
  await store.flush();
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600);
});

test('what was flushed is on the disk itself, so that a power cut sets no counter back', async () => {
  const executed = vi.spyOn(DatabaseSync.prototype, 'exec');
  closers.push(() => executed.mockRestore());
  const { store } = open(folder());
  store.scope('a').put('key', 1);
  await store.flush();
  const connection = executed.mock.contexts[0] as DatabaseSync;
  const pragma = (name: string): unknown => Object.values(connection.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  // sqlite.org/pragma.html#pragma_synchronous: in WAL mode only FULL (2) syncs after each transaction.
  expect([pragma('journal_mode'), pragma('synchronous')]).toEqual(['wal', 2]);
});

test('the metrics say that it is up, and how large', async () => {
  const { store, metrics } = open(folder());
  store.scope('a').put('key', 1);
  await store.flush();
  const text = await metrics();
  expect(text).toContain('media_exporter_state_store_up 1\n');
  expect(text).toContain('media_exporter_state_store_failures_total 0\n');
  expect(text).toMatch(/media_exporter_state_store_size_bytes \d{4,}\n/);
});

describe('an exporter goes on in memory, and tells it once, when', () => {
  const faults: Record<string, [code: string, dir: () => string | undefined, open?: SqliteStoreOptions['open']]> = {
    'there is no folder for the state': ['MX_STATE_DIR', () => undefined],
    'the folder cannot be made': [
      'MX_STATE_DIR',
      () => {
        const dir = folder();
        writeFileSync(dir, 'a file');
        return join(dir, 'below');
      },
    ],
    'the disk is full': ['MX_STATE_WRITE', folder, async () => Promise.reject(sqliteError(13))],
    'the folder has no space for a file': [
      'MX_STATE_WRITE',
      folder,
      async () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
    ],
    'the file is read-only': ['MX_STATE_WRITE', folder, async () => Promise.reject(sqliteError(8))],
    'the disk has an error': ['MX_STATE_WRITE', folder, async () => Promise.reject(sqliteError(10 + 3 * 256))],
  };
  test.each(Object.entries(faults))('%s', async (_, [code, dir, opening]) => {
    const { store, clock, codes, metrics } = open(dir(), opening === undefined ? {} : { open: opening });
    const scope = store.scope('plex/home');
    expect((await drive(clock, scope.load())).value).toEqual(new Map());
    for (let i = 0; i < 5; i += 1) {
      scope.put('plays', i);
      clock.advance(10_000);
      await store.flush();
    }
    expect(await scope.load()).toEqual(new Map([['plays', 4]]));
    expect(codes()).toEqual([code]);
    expect(await metrics()).toContain('media_exporter_state_store_up 0\n');
    expect(await metrics()).toMatch(/failures_total ([6-9]|\d\d)\n/);
  });

  test('another process has the database', async () => {
    const dir = folder();
    const other = open(dir).store;
    other.scope('plex/home').put('plays', 1);
    await other.flush();
    const { store, clock, codes } = open(dir);
    expect((await drive(clock, store.scope('plex/home').load())).value).toEqual(new Map());
    store.scope('plex/home').put('plays', 2);
    await store.flush();
    expect(codes()).toEqual(['MX_STATE_BUSY']);
    await other.close();
    expect(await reopen(dir)).toEqual({ plays: 1 });
  });
});

test('what could not be written is written when there is space again, the last value of each key', async () => {
  const dir = folder();
  let full = true;
  let writes = 0;
  const { store, clock, lines, codes, metrics } = open(dir, {
    async open(path) {
      const database = await openDatabase(path);
      return {
        ...bound(database),
        write(changes) {
          writes += 1;
          if (full) throw sqliteError(13);
          database.write(changes);
        },
      };
    },
  });
  const scope = store.scope('plex/home');
  await scope.load();
  for (let i = 1; i <= 100; i += 1) {
    scope.put('plays', i);
    clock.advance(1_000);
    await turnUntil(() => codes().length > 0);
  }
  // Not at each put: after ten seconds the disk is left alone for a while.
  expect(writes).toBeLessThanOrEqual(20);
  full = false;
  clock.advance(10_000);
  await turnUntil(() => lines.length > 1);
  expect(await metrics()).toContain('media_exporter_state_store_up 1\n');
  expect(codes()).toEqual(['MX_STATE_WRITE']);
  expect(lines.at(-1)).toContain('the state is written again');
  await store.close();
  expect(await reopen(dir)).toEqual({ plays: 100 });
});

test('an entry that is no JSON is left out and told of, without what it says', async () => {
  const dir = folder();
  const first = open(dir).store;
  first.scope('plex/home').put('good', 1);
  await first.close();
  const database = new DatabaseSync(join(dir, 'state.db'));
  database.exec(`INSERT INTO state VALUES ('plex/home', 'bad', '{"leak')`);
  database.close();
  const { store, lines } = open(dir);
  expect(await store.scope('plex/home').load()).toEqual(new Map([['good', 1]]));
  expect(lines).toHaveLength(1);
  expect(lines.join()).not.toContain('leak');
});

test('after it was closed nothing is opened again', async () => {
  let opened = 0;
  const { store, clock } = open(folder(), {
    open: async () => {
      opened += 1;
      return fake({});
    },
  });
  store.scope('a').put('key', 1);
  await store.close();
  store.scope('a').put('key', 2);
  await clock.tick(60_000);
  expect(opened).toBe(1);
  expect(clock.pending).toBe(0);
});
