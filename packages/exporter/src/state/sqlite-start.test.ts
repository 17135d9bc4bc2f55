import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { turnUntil } from '../../../../test/support/until.ts';
import { openDatabase } from './database.ts';
import { type Bench, drive, fake, folder, open, reopen, sqliteError } from './sqlite.testing.ts';

/** A folder whose database another exporter has, with something in it. */
async function locked(kept: Record<string, unknown> = { plays: 1_000 }): Promise<{ dir: string; other: Bench }> {
  const dir = folder();
  const other = open(dir);
  for (const [key, value] of Object.entries(kept)) other.store.scope('plex/home').put(key, value);
  other.store.scope('plex/away').put('plays', 7);
  await other.store.flush();
  return { dir, other };
}

describe('an exporter that cannot read its state at the start', () => {
  test('waits while another one still has it, and goes on from it', async () => {
    const { dir, other } = await locked();
    const { store, clock, codes } = open(dir);
    const loading = store.scope('plex/home').load();
    await turnUntil(() => clock.pending > 0);
    clock.advance(500);
    await turnUntil(() => clock.pending > 0);
    other.store.scope('plex/home').put('plays', 1_001);
    await other.store.close();
    expect((await drive(clock, loading)).value).toEqual(new Map([['plays', 1_001]]));
    store.scope('plex/home').put('plays', 1_002);
    await store.close();
    expect(codes()).toEqual(['MX_STATE_BUSY']);
    expect(await reopen(dir)).toEqual({ plays: 1_002 });
    expect(readdirSync(dir)).toEqual(['state.db']);
  });

  test.each([
    ['the disk is full', sqliteError(13)],
    ['the disk has an error', sqliteError(10)],
    ['the disk is not there yet', Object.assign(new Error('denied'), { code: 'EACCES' })],
  ])('waits while %s', async (_, fault) => {
    const { dir, other } = await locked();
    await other.store.close();
    let failures = 3;
    const { store, clock } = open(dir, {
      open: async (path) => {
        failures -= 1;
        if (failures >= 0) throw fault;
        return openDatabase(path);
      },
    });
    const { value, took } = await drive(clock, store.scope('plex/home').load());
    expect(value).toEqual(new Map([['plays', 1_000]]));
    expect(took).toBe(1_500);
  });

  test.each([
    ['takes no folders', Object.assign(new Error('none'), { code: 'ENOENT', syscall: 'mkdir' })],
    ['makes no folders at all', Object.assign(new Error('no'), { code: 'EPERM', syscall: 'mkdir' })],
    ['is a file', Object.assign(new Error('a file'), { code: 'ENOTDIR' })],
    ['is a loop of links', Object.assign(new Error('a loop'), { code: 'ELOOP' })],
    ['has too long a name', Object.assign(new Error('long'), { code: 'ENAMETOOLONG' })],
  ])('does not wait where the path %s', async (_, fault) => {
    const { store, clock, codes } = open(folder(), { open: async () => Promise.reject(fault) });
    const { value, took } = await drive(clock, store.scope('plex/home').load());
    expect([value, took, codes()]).toEqual([new Map(), 0, ['MX_STATE_DIR']]);
  });

  test.skipIf(!existsSync('/proc/self'))('does not wait for a folder below /proc', async () => {
    const { store, clock, lines } = open('/proc/media-exporter/jellyfin');
    expect((await drive(clock, store.scope('jellyfin/home').load())).took).toBe(0);
    expect(lines.join('')).toContain('MX_STATE_DIR: /proc/media-exporter/jellyfin: no folder can be made there');
  });

  test('waits while a link leads to a disk that is not there yet', async () => {
    const dir = folder();
    symlinkSync(`${dir}-of-the-disk`, dir);
    const { store, clock } = open(dir);
    const loading = store.scope('plex/home').load();
    await turnUntil(() => clock.pending > 0);
    mkdirSync(`${dir}-of-the-disk`);
    expect((await drive(clock, loading)).took).toBe(500);
    store.scope('plex/home').put('plays', 1);
    await store.close();
    expect(await reopen(dir)).toEqual({ plays: 1 });
  });

  test('begins without it after ten seconds, however many sources wait for theirs', async () => {
    const { dir } = await locked();
    const { store, clock } = open(dir);
    const loads = ['plex/home', 'plex/away', 'jellyfin/home'].map((name) => store.scope(name).load());
    const { value, took } = await drive(clock, Promise.all(loads));
    expect(value).toEqual([new Map(), new Map(), new Map()]);
    expect(took).toBe(10_000);
    // A source that comes later does not wait again.
    expect(await store.scope('plex/new').load()).toEqual(new Map());
  });

  test('opens nothing any more once it was closed', async () => {
    let opened = 0;
    const { store, clock } = open(folder(), {
      open: async () => {
        opened += 1;
        throw sqliteError(5);
      },
    });
    const loading = store.scope('plex/home').load();
    await turnUntil(() => clock.pending > 0);
    await store.close();
    expect((await drive(clock, loading)).value).toEqual(new Map());
    expect(opened).toBe(1);
  });
});

describe('state that could not be read in time', () => {
  test('is moved aside, and no counter jumps back to it at the next start', async () => {
    const { dir, other } = await locked({ 'plays of a title': 1_000 });
    const { store, clock, codes, lines } = open(dir);
    await drive(clock, store.scope('plex/home').load());
    store.scope('plex/home').put('plays', 1);
    await other.store.close();
    clock.advance(10_000);
    await store.close();
    const aside = 'state.db.unread-2026-01-01T00-00-20';
    expect(codes()).toEqual(['MX_STATE_BUSY', 'MX_STATE_UNREAD']);
    expect(lines.join('')).toContain(aside);
    expect(readdirSync(dir).sort()).toEqual(['state.db', aside]);
    expect(await reopen(dir)).toEqual({ plays: 1 });
    const old = new DatabaseSync(join(dir, aside));
    const rows = old.prepare('SELECT key, value FROM state WHERE scope = ?').all('plex/home');
    old.close();
    expect(rows.map((row) => ({ ...row }))).toEqual([{ key: 'plays of a title', value: '1000' }]);
  });

  test('takes nothing from sources that have not asked for theirs, or had read it', async () => {
    const { dir, other } = await locked();
    await other.store.close();
    let broken = false;
    const { store, clock } = open(dir, {
      async open(path) {
        const database = await openDatabase(path);
        return {
          ...fake({}),
          scopes: () => database.scopes(),
          read(scope) {
            if (broken) throw sqliteError(10);
            return database.read(scope);
          },
          write: (changes) => database.write(changes),
          close: () => database.close(),
        };
      },
    });
    store.scope('jellyfin/home').put('plays', 5);
    await store.scope('jellyfin/home').load();
    await store.flush();
    broken = true;
    await drive(clock, store.scope('plex/home').load());
    broken = false;
    store.scope('plex/home').put('plays', 1);
    clock.advance(10_000);
    await store.flush();
    expect(await store.scope('plex/away').load()).toEqual(new Map([['plays', 7]]));
    await store.close();
    expect(await reopen(dir)).toEqual({ plays: 1 });
    expect(await reopen(dir, 'plex/away')).toEqual({ plays: 7 });
    expect(await reopen(dir, 'jellyfin/home')).toEqual({ plays: 5 });
  });

  test('stays where it is as long as its source keeps nothing new', async () => {
    const { dir, other } = await locked();
    const { store, clock } = open(dir);
    await drive(clock, store.scope('plex/home').load());
    await other.store.close();
    store.scope('jellyfin/home').put('plays', 5);
    clock.advance(10_000);
    await store.close();
    expect(readdirSync(dir)).toEqual(['state.db']);
    expect(await reopen(dir)).toEqual({ plays: 1_000 });
  });

  test('is nothing to move where there was none', async () => {
    const dir = folder();
    let full = true;
    const { store, clock, codes } = open(dir, {
      open: async (path) => (full ? Promise.reject(sqliteError(13)) : openDatabase(path)),
    });
    await drive(clock, store.scope('plex/home').load());
    full = false;
    store.scope('plex/home').put('plays', 1);
    clock.advance(10_000);
    await store.close();
    expect(codes()).toEqual(['MX_STATE_WRITE']);
    expect(readdirSync(dir)).toEqual(['state.db']);
    expect(await reopen(dir)).toEqual({ plays: 1 });
  });
});
