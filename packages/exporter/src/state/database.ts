import { mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** The layout of the table. */
const VERSION = 1;

/** `value` is JSON; without it the key is forgotten. */
export interface Change {
  readonly scope: string;
  readonly key: string;
  readonly value: string | undefined;
}

/** The table of the state: one row for each key of each scope. Everything throws what SQLite throws. */
export interface Database {
  /** The scopes that have something. */
  scopes(): readonly string[];
  /** The keys of a scope and their values, as JSON. */
  read(scope: string): readonly (readonly [key: string, value: string])[];
  /** Makes the changes: all of them or none. */
  write(changes: Iterable<Change>): void;
  /** What the file takes, in bytes. */
  size(): number;
  /** Whether the file is still where it was opened: SQLite goes on writing to one that was removed. Never rejects. */
  isInPlace(): Promise<boolean>;
  close(): void;
}

/** SQLite itself finds the database damaged. */
export class DamagedDatabaseError extends Error {
  override readonly name = 'DamagedDatabaseError';
}

/** A whole database, but not one that this version can use. It was not touched. */
export class ForeignDatabaseError extends Error {
  override readonly name = 'ForeignDatabaseError';
}

/**
 * Opens the database, and makes it where there is none. It is locked as long as it is open, so that two processes never
 * write to one file.
 *
 * @throws DamagedDatabaseError, ForeignDatabaseError, or what SQLite or the file system throw.
 */
export async function openDatabase(path: string): Promise<Database> {
  await makeFolder(dirname(path));
  // SQLite gives its other files the mode of this one.
  const file = await open(path, 'a', 0o600);
  await file.close();
  const { dev, ino } = await stat(path);
  const isInPlace = (): Promise<boolean> =>
    stat(path).then(
      (found) => found.dev === dev && found.ino === ino,
      // What else may keep it from being looked at keeps it from being written too.
      ({ code }: NodeJS.ErrnoException) => code !== 'ENOENT' && code !== 'ENOTDIR',
    );
  const { DatabaseSync } = await importSqlite();
  const database = new DatabaseSync(path);
  try {
    prepare(database);
    return new SqliteDatabase(database, isInPlace);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes the folder, with those above it. With `recursive` Node.js tries for ever where a folder takes no others, as below /proc. */
async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<void> =>
    mkdir(path, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
    });
  await make().catch(async (error: NodeJS.ErrnoException) => {
    const above = dirname(path);
    if (error.code !== 'ENOENT' || above === path) throw error;
    await makeFolder(above);
    await make();
  });
}

/** Puts the files of a database out of the way, under a name that tells why, and answers where they are now. */
export async function moveAside(path: string, why: 'corrupt' | 'unread', date: number): Promise<string> {
  const stamp = new Date(date).toISOString().slice(0, 19).replaceAll(':', '-');
  const aside = `${path}.${why}-${stamp}`;
  for (const end of ['', '-wal', '-shm']) {
    await rename(`${path}${end}`, `${aside}${end}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  return aside;
}

function prepare(database: DatabaseSync): void {
  // Before the first access, so that the lock is taken with it and never given back.
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  const names = database
    .prepare('SELECT name FROM sqlite_schema')
    .all()
    .map(({ name }) => name);
  if (version > VERSION) throw new ForeignDatabaseError(`a later version made it (${version})`);
  const begun = version === VERSION && names.includes('state');
  if (!begun && names.length > 0) throw new ForeignDatabaseError('another program made it');
  // The first that writes to the file, and therefore not before it is known whose it is.
  database.exec('PRAGMA journal_mode = WAL');
  // With NORMAL a power cut would take back all that was written since the last checkpoint: minutes.
  database.exec('PRAGMA synchronous = FULL');
  const { quick_check: verdict } = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (verdict !== 'ok') throw new DamagedDatabaseError('quick_check finds it damaged');
  if (begun) return;
  database.exec(`BEGIN IMMEDIATE;
    CREATE TABLE state (scope TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (scope, key))
      STRICT, WITHOUT ROWID;
    PRAGMA user_version = ${VERSION};
    COMMIT`);
}

class SqliteDatabase implements Database {
  readonly #database: DatabaseSync;
  readonly isInPlace: () => Promise<boolean>;

  constructor(database: DatabaseSync, isInPlace: () => Promise<boolean>) {
    this.#database = database;
    this.isInPlace = isInPlace;
  }

  scopes(): readonly string[] {
    const rows = this.#database.prepare('SELECT DISTINCT scope FROM state').all();
    return rows.map(({ scope }) => String(scope));
  }

  read(scope: string): readonly (readonly [string, string])[] {
    const rows = this.#database.prepare('SELECT key, value FROM state WHERE scope = ?').all(scope);
    return rows.map(({ key, value }) => [String(key), String(value)]);
  }

  write(changes: Iterable<Change>): void {
    const database = this.#database;
    database.exec('BEGIN IMMEDIATE');
    try {
      const put = database.prepare('INSERT OR REPLACE INTO state (scope, key, value) VALUES (?, ?, ?)');
      const forget = database.prepare('DELETE FROM state WHERE scope = ? AND key = ?');
      for (const { scope, key, value } of changes) {
        if (value === undefined) forget.run(scope, key);
        else put.run(scope, key, value);
      }
      database.exec('COMMIT');
    } catch (error) {
      // SQLite has ended the transaction itself after some errors, such as a full disk.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  size(): number {
    const { bytes } = this.#database
      .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()')
      .get() as { bytes: number };
    return bytes;
  }

  close(): void {
    this.#database.close();
  }
}

/** Loads SQLite without the warning that it is experimental, which says nothing to who runs the exporter. */
async function importSqlite(): Promise<typeof import('node:sqlite')> {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (rest[0] === 'ExperimentalWarning' && String(warning).includes('SQLite')) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return await import('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}
