import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { bound, closers, folder, open, reopen, sqliteError } from './sqlite.testing.ts';

describe('a damaged database is moved aside, and a new one begun:', () => {
  const files: Record<string, (path: string) => void> = {
    'it is no database': (path) =>
      writeFileSync(path, 'a text that is longer than the header of a database'.repeat(50)),
    'its pages are torn': (path) => {
      const database = new DatabaseSync(path);
      database.exec('CREATE TABLE state (scope TEXT, key TEXT, value TEXT); PRAGMA user_version = 1; BEGIN');
      const insert = database.prepare('INSERT INTO state VALUES (?, ?, ?)');
      for (let i = 0; i < 500; i += 1) insert.run('plex/home', `key ${i}`, '"a value"');
      database.exec('COMMIT');
      database.close();
      const whole = statSync(path).size;
      const bytes = Buffer.alloc(whole, 0xab);
      const content = readFileSync(path);
      content.copy(bytes, 0, 0, 4096);
      writeFileSync(path, bytes);
    },
  };
  test.each(Object.entries(files))('%s', async (_, damage) => {
    const dir = folder();
    await open(dir).store.scope('a').load();
    await closers.pop()?.();
    rmSync(join(dir, 'state.db'));
    damage(join(dir, 'state.db'));
    const { store, codes, lines } = open(dir);
    expect(await store.scope('plex/home').load()).toEqual(new Map());
    store.scope('plex/home').put('key', 1);
    await store.close();
    expect(codes()).toEqual(['MX_STATE_CORRUPT']);
    expect(lines[0]).toContain('state.db.corrupt-2026-01-01T00-00-00');
    expect(readdirSync(dir)).toContain('state.db.corrupt-2026-01-01T00-00-00');
    expect(await reopen(dir)).toEqual({ key: 1 });
  });

  test('what is in memory goes into the new one', async () => {
    const dir = folder();
    let torn = false;
    const { store, codes } = open(dir, {
      async open(path) {
        const database = await openDatabase(path);
        return {
          ...bound(database),
          write(changes) {
            if (torn) {
              torn = false;
              throw sqliteError(11);
            }
            database.write(changes);
          },
        };
      },
    });
    store.scope('plex/home').put('before', 1);
    await store.flush();
    torn = true;
    store.scope('plex/home').put('after', 2);
    await store.close();
    expect(codes()).toEqual(['MX_STATE_CORRUPT']);
    expect(await reopen(dir)).toEqual({ before: 1, after: 2 });
  });
});

describe('a database that is gone while it is used is made again from memory:', () => {
  const losses: Record<string, (dir: string) => void> = {
    'its folder was removed': (dir) => rmSync(dir, { recursive: true }),
    'its folder was moved away': (dir) => renameSync(dir, `${dir}.moved`),
    'its file was removed': (dir) => rmSync(join(dir, 'state.db')),
    'another file was put in its place': (dir) => {
      rmSync(join(dir, 'state.db'));
      rmSync(join(dir, 'state.db-wal'));
      writeFileSync(join(dir, 'state.db'), '');
    },
  };
  test.each(Object.entries(losses))('%s', async (_, lose) => {
    const dir = folder();
    const first = open(dir).store;
    first.scope('plex/home').put('before', 1);
    first.scope('plex/away').put('before', 2);
    await first.close();
    const { store, codes, metrics } = open(dir);
    const scope = store.scope('plex/home');
    await scope.load();
    scope.put('meanwhile', 3);
    await store.flush();
    lose(dir);
    scope.put('after', 4);
    await store.flush();
    scope.put('later', 5);
    await store.close();
    expect(codes()).toEqual(['MX_STATE_LOST']);
    expect(await metrics()).toContain('media_exporter_state_store_up 1\n');
    expect(await reopen(dir)).toEqual({ before: 1, meanwhile: 3, after: 4, later: 5 });
    // Of a source that has not asked for its part yet.
    expect(await reopen(dir, 'plex/away')).toEqual({ before: 2 });
  });

  test('in a folder that cannot be made, as soon as it can', async () => {
    const dir = folder();
    const { store, clock, codes, metrics } = open(dir);
    const scope = store.scope('plex/home');
    scope.put('plays', 1);
    await store.flush();
    rmSync(dir, { recursive: true });
    writeFileSync(dir, 'a file');
    scope.put('plays', 2);
    await store.flush();
    expect(codes()).toEqual(['MX_STATE_LOST', 'MX_STATE_DIR']);
    expect(await metrics()).toContain('media_exporter_state_store_up 0\n');
    rmSync(dir);
    clock.advance(10_000);
    await store.close();
    expect(await reopen(dir)).toEqual({ plays: 2 });
  });
});

describe('a database that this version cannot read is left as it is, byte for byte:', () => {
  const files: Record<string, string> = {
    'a later version made it': 'CREATE TABLE state (later); PRAGMA user_version = 2',
    'a later version made it, with a journal': 'PRAGMA journal_mode = WAL; CREATE TABLE a (b); PRAGMA user_version = 2',
    'another program made it': 'CREATE TABLE films (name)',
    'another program made it, and counts its versions too': 'CREATE TABLE films (name); PRAGMA user_version = 1',
  };
  test.each(Object.entries(files))('%s', async (_, sql) => {
    const dir = folder();
    mkdirSync(dir);
    const path = join(dir, 'state.db');
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    const before = readFileSync(path);
    const { store, clock, codes, lines } = open(dir);
    const scope = store.scope('plex/home');
    expect(await scope.load()).toEqual(new Map());
    for (let plays = 1; plays <= 3; plays += 1) {
      scope.put('plays', plays);
      clock.advance(10_000);
      await store.flush();
    }
    await store.close();
    expect(await scope.load()).toEqual(new Map([['plays', 3]]));
    expect(codes()).toEqual(['MX_STATE_FOREIGN']);
    expect(lines[0]).toContain('--state.dir');
    expect(readdirSync(dir)).toEqual(['state.db']);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
