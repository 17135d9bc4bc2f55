import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderText } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach } from 'vitest';
import { turnUntil } from '../../../../test/support/until.ts';
import { createLogger } from '../log.ts';
import type { Database } from './database.ts';
import { SqliteStore, type SqliteStoreOptions } from './sqlite.ts';

export const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'media-exporter-state-'));
  closers.push(() => rmSync(dir, { recursive: true }));
  return join(dir, 'state');
}

export interface Bench {
  readonly store: SqliteStore;
  readonly clock: ManualClock;
  readonly lines: string[];
  codes(): string[];
  metrics(): Promise<string>;
}

export function open(dir: string | undefined, options: Partial<SqliteStoreOptions> = {}): Bench {
  const clock = new ManualClock();
  const lines: string[] = [];
  const log = createLogger({ level: 'info', format: 'logfmt', write: (line) => lines.push(line), date: () => 0 });
  const store = new SqliteStore({ dir, clock, log, ...options });
  closers.push(() => store.close());
  return {
    store,
    clock,
    lines,
    codes: () => lines.flatMap((line) => /code=(\S+)/.exec(line)?.[1] ?? []),
    metrics: async () => renderText([...(await store.metrics.collect(new AbortController().signal))]),
  };
}

/** What a new exporter would find. */
export async function reopen(dir: string, scope = 'plex/home'): Promise<Record<string, unknown>> {
  const { store } = open(dir);
  const found = await store.scope(scope).load();
  await store.close();
  return Object.fromEntries(found);
}

/** Turns the clock on, half a second at a time, until `work` is done; answers that, and how many milliseconds it took. */
export async function drive<T>(clock: ManualClock, work: Promise<T>): Promise<{ value: T; took: number }> {
  const began = clock.now();
  let done = false;
  void work.then(() => {
    done = true;
  });
  while (!done) {
    await turnUntil(() => done || clock.pending > 0);
    if (!done) clock.advance(500);
  }
  return { value: await work, took: clock.now() - began };
}

export function fake(parts: Partial<Database>): Database {
  return {
    scopes: () => [],
    read: () => [],
    write: () => {},
    size: () => 0,
    isInPlace: async () => true,
    close: () => {},
    ...parts,
  };
}

export function bound(database: Database): Database {
  return {
    scopes: () => database.scopes(),
    read: (scope) => database.read(scope),
    write: (changes) => database.write(changes),
    size: () => database.size(),
    isInPlace: () => database.isInPlace(),
    close: () => database.close(),
  };
}

export function sqliteError(errcode: number): Error {
  return Object.assign(new Error('what the library says'), { code: 'ERR_SQLITE_ERROR', errcode });
}
