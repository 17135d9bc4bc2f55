import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { platform } from 'node:process';
import { expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { folder } from './sqlite.testing.ts';

test('the folder of the database is made, with those above it, for this user only', async () => {
  const dir = join(folder(), 'several', 'levels');
  const database = await openDatabase(join(dir, 'state.db'));
  database.close();
  for (const made of [dir, dirname(dir), dirname(dirname(dir))]) expect(statSync(made).mode & 0o777).toBe(0o700);
});

test('two that make the same folders at once both have them', async () => {
  const dir = join(folder(), 'several', 'levels');
  const databases = await Promise.all(['a.db', 'b.db'].map((name) => openDatabase(join(dir, name))));
  for (const database of databases) database.close();
});

test('a folder that is there is used as it is', async () => {
  const dir = folder();
  mkdirSync(dir, { mode: 0o755 });
  const database = await openDatabase(join(dir, 'state.db'));
  database.close();
  expect(statSync(dir).mode & 0o777).toBe(0o755);
});

test.skipIf(platform !== 'linux')('a folder that takes no others is an error, and is not tried for ever', async () => {
  await expect(openDatabase('/proc/media-exporter/state/state.db')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a file in the place of a folder is an error', async () => {
  const file = folder();
  writeFileSync(file, '');
  await expect(openDatabase(join(file, 'state.db'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(openDatabase(join(file, 'state', 'state.db'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});
