import { join } from 'node:path';
import type { Clock, Collector } from '@media-exporter/metrics';
import { describeProblem, type Problem } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type Change, type Database, moveAside, openDatabase } from './database.ts';
import { isDamage, isPassing, judgeFailure } from './failure.ts';
import { StateMetrics } from './metrics.ts';
import type { StateScope, StateStore } from './store.ts';

/** How soon what was put is written, in ms. */
const FLUSH = 500;
/** How soon a database that failed is tried again, in ms: in the first seconds of an outage, and later. */
const RETRY_SOON = 500;
const RETRY = 10_000;
/** How long an outage may keep who loads waiting, in ms. Then it begins without what was kept. */
const PATIENCE = 10_000;

export interface SqliteStoreOptions {
  /** `undefined`: there is no place for the state. */
  readonly dir: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly open?: (path: string) => Promise<Database>;
}

interface Scope {
  readonly name: string;
  /** All that is kept, as JSON, so that what was put cannot be changed any more. */
  readonly kept: Map<string, string>;
  /** Keys that must be written. */
  readonly changed: Set<string>;
  /** Whether what the database has of it is in `kept` too; `missed` when it could not be read in time. */
  past: 'unread' | 'read' | 'missed';
  loading: Promise<void> | undefined;
}

/** The database has what could not be read when it was wanted, and is in the way of what was kept since. */
class LateDatabaseError extends Error {
  override readonly name = 'LateDatabaseError';
}

/**
 * The state in an SQLite database. All of it is also in memory: a database that fails costs nothing as long as the process
 * lives, and is brought up to date when it works again. Nothing is opened before something is loaded or put.
 */
export class SqliteStore implements StateStore {
  readonly #options: SqliteStoreOptions;
  readonly #metrics = new StateMetrics(() => this.#database?.size());
  readonly #scopes = new Map<string, Scope>();
  #database: Database | undefined;
  /** The failure that was told last; `undefined` while all is well. */
  #outage: Problem | undefined;
  /** Until when who loads waits for the outage to pass. */
  #patientUntil: number | undefined;
  #retryAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
  }

  /** How it fares. */
  get metrics(): Collector {
    return this.#metrics.collector();
  }

  scope(name: string): StateScope {
    const scope = this.#own(name);
    return {
      load: () => this.#load(scope),
      put: (key, value) => {
        const text = JSON.stringify(value);
        if (text === undefined) scope.kept.delete(key);
        else scope.kept.set(key, text);
        scope.changed.add(key);
        if (this.#cancel === undefined) this.#flushIn(FLUSH);
      },
    };
  }

  flush(): Promise<void> {
    return this.#inTurn(async () => {
      this.#cancel?.();
      this.#cancel = undefined;
      const waiting = (): Scope[] => [...this.#scopes.values()].filter(({ changed }) => changed.size > 0);
      if (waiting().length === 0) return;
      const written = await this.#attempt((database) => {
        const scopes = waiting();
        const missed = scopes.filter(({ past }) => past === 'missed');
        if (missed.some(({ name }) => database.read(name).length > 0)) throw new LateDatabaseError();
        database.write(scopes.flatMap(changesOf));
        for (const { changed } of scopes) changed.clear();
        for (const scope of missed) scope.past = 'read';
        return true;
      });
      if (written === undefined) this.#flushIn(Math.max(FLUSH, this.#retryAt - this.#options.clock.now()));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retryAt = Number.NEGATIVE_INFINITY;
    await this.flush();
    this.#shut();
  }

  async #load(scope: Scope): Promise<ReadonlyMap<string, unknown>> {
    scope.loading ??= this.#readPatiently(scope);
    await scope.loading;
    const values = new Map<string, unknown>();
    for (const [key, text] of scope.kept) {
      try {
        values.set(key, JSON.parse(text));
      } catch {
        const { log } = this.#options;
        log.warn({ scope: scope.name }, 'an entry of the state cannot be read and is left out');
      }
    }
    return values;
  }

  async #readPatiently(scope: Scope): Promise<void> {
    for (;;) {
      await this.#inTurn(() => this.#read(scope));
      if (scope.past !== 'unread') return;
      await new Promise<void>((resolve) => this.#options.clock.after(RETRY_SOON, resolve));
    }
  }

  /** Reads what is kept of a scope. It stays `unread` where that is worth another try. */
  async #read(scope: Scope): Promise<void> {
    if (scope.past !== 'unread') return;
    const rows = this.#closed ? undefined : await this.#attempt((database) => database.read(scope.name));
    if (rows !== undefined) fill(scope, rows);
    else if (this.#closed || this.#options.clock.now() >= (this.#patientUntil ?? 0)) scope.past = 'missed';
  }

  /** Works on the database, `undefined` when it cannot be had. Never rejects. */
  async #attempt<T>(work: (database: Database) => T): Promise<T | undefined> {
    const { dir, clock, open = openDatabase } = this.#options;
    if (this.#database === undefined && clock.now() < this.#retryAt) return undefined;
    if (dir === undefined) {
      return this.#fail({ code: 'MX_STATE_DIR', detail: 'there is no folder for the state' }, { passing: false });
    }
    const path = join(dir, 'state.db');
    const attempt = async (): Promise<T> => {
      this.#database ??= await open(path);
      return work(this.#database);
    };
    try {
      if (this.#database !== undefined && !(await this.#database.isInPlace())) this.#makeAgain(dir);
      const result = await attempt().catch(async (error: unknown) => {
        if (error instanceof LateDatabaseError) await this.#beginAnew(path, 'MX_STATE_UNREAD');
        else if (isDamage(error)) await this.#beginAnew(path, 'MX_STATE_CORRUPT');
        else throw error;
        return attempt();
      });
      if (this.#outage !== undefined) this.#options.log.info('the state is written again');
      this.#outage = undefined;
      this.#patientUntil = undefined;
      this.#metrics.up = true;
      return result;
    } catch (error) {
      return this.#fail(judgeFailure(error, dir), { passing: isPassing(error) });
    }
  }

  /** Moves the database aside; what is in memory goes into the next one, and what nobody has asked for yet. */
  async #beginAnew(path: string, code: 'MX_STATE_CORRUPT' | 'MX_STATE_UNREAD'): Promise<void> {
    const { clock, log } = this.#options;
    const late = code === 'MX_STATE_UNREAD';
    if (late) this.#takeOver();
    this.#shut();
    const aside = await moveAside(path, late ? 'unread' : 'corrupt', clock.date());
    const problem: Problem = { code, detail: `what was there is now ${aside}` };
    log.error({ code }, describeProblem(problem));
    for (const scope of this.#scopes.values()) {
      if (scope.past === 'missed') scope.past = 'read';
    }
    this.#writeAll();
  }

  /** The database is gone from where it was: all of it goes into the next one. */
  #makeAgain(dir: string): void {
    const problem: Problem = { code: 'MX_STATE_LOST', detail: dir };
    this.#options.log.warn({ code: problem.code }, describeProblem(problem));
    try {
      this.#takeOver();
    } finally {
      this.#shut();
      this.#writeAll();
    }
  }

  /** Reads what nobody has asked for yet. */
  #takeOver(): void {
    for (const name of this.#database?.scopes() ?? []) {
      const scope = this.#own(name);
      if (scope.past === 'unread') fill(scope, this.#database?.read(name) ?? []);
    }
  }

  #writeAll(): void {
    for (const scope of this.#scopes.values()) {
      for (const key of scope.kept.keys()) scope.changed.add(key);
    }
    if (this.#cancel === undefined) this.#flushIn(FLUSH);
  }

  #fail(problem: Problem, { passing }: { passing: boolean }): undefined {
    const now = this.#options.clock.now();
    this.#shut();
    this.#metrics.failed();
    this.#patientUntil ??= now + PATIENCE;
    if (!passing) this.#patientUntil = now;
    this.#retryAt = now + (now < this.#patientUntil ? RETRY_SOON : RETRY);
    if (this.#outage?.code !== problem.code) {
      this.#options.log.warn({ code: problem.code }, describeProblem(problem));
    }
    this.#outage = problem;
    return undefined;
  }

  #own(name: string): Scope {
    const scope: Scope = this.#scopes.get(name) ?? {
      name,
      kept: new Map(),
      changed: new Set(),
      past: 'unread',
      loading: undefined,
    };
    this.#scopes.set(name, scope);
    return scope;
  }

  #shut(): void {
    try {
      this.#database?.close();
    } catch {
      // What it could not write at its end is in its journal still, or in memory.
    }
    this.#database = undefined;
  }

  #flushIn(delay: number): void {
    this.#cancel?.();
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(delay, () => void this.flush());
  }

  /** The database is opened, read and written by one at a time. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn;
    return turn;
  }
}

/** Takes over what the database has of a scope, but for what was put since. */
function fill(scope: Scope, rows: ReturnType<Database['read']>): void {
  for (const [key, text] of rows) if (!scope.changed.has(key)) scope.kept.set(key, text);
  scope.past = 'read';
}

function changesOf({ name, kept, changed }: Scope): Change[] {
  return [...changed].map((key) => ({ scope: name, key, value: kept.get(key) }));
}
