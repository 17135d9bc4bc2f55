import { join } from 'node:path';
import type { Clock, Collector } from '@media-exporter/metrics';
import { describeProblem, type Problem } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type Change, type Database, moveAside, openDatabase } from './database.ts';
import { isDamage, judgeFailure } from './failure.ts';
import { StateMetrics } from './metrics.ts';
import type { StateScope, StateStore } from './store.ts';

/** How soon what was put is written, in ms. */
const FLUSH = 500;
/** How long a database that failed is left alone, in ms. */
const RETRY = 10_000;

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
  /** Whether what the database has of it is to be forgotten, because it could not be read. */
  anew: boolean;
  loading: Promise<void> | undefined;
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
    const scope = this.#scopes.get(name) ?? {
      name,
      kept: new Map(),
      changed: new Set(),
      anew: false,
      loading: undefined,
    };
    this.#scopes.set(name, scope);
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
        database.write(
          scopes.flatMap(changesOf),
          scopes.filter(({ anew }) => anew).map(({ name }) => name),
        );
        for (const scope of scopes) {
          scope.changed.clear();
          scope.anew = false;
        }
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
    scope.loading ??= this.#inTurn(() => this.#read(scope));
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

  async #read(scope: Scope): Promise<void> {
    const rows = await this.#attempt((database) => database.read(scope.name));
    if (rows === undefined) scope.anew = true;
    for (const [key, text] of rows ?? []) {
      if (!scope.changed.has(key)) scope.kept.set(key, text);
    }
  }

  /** Works on the database, `undefined` when it cannot be had. Never rejects. */
  async #attempt<T>(work: (database: Database) => T): Promise<T | undefined> {
    const { dir, clock, open = openDatabase } = this.#options;
    if (this.#database === undefined && clock.now() < this.#retryAt) return undefined;
    if (dir === undefined) return this.#fail({ code: 'MX_STATE_DIR', detail: 'there is no folder for the state' });
    const path = join(dir, 'state.db');
    const attempt = async (): Promise<T> => {
      this.#database ??= await open(path);
      return work(this.#database);
    };
    try {
      const result = await attempt().catch(async (error: unknown) => {
        if (!isDamage(error)) throw error;
        await this.#beginAnew(path);
        return attempt();
      });
      if (this.#outage !== undefined) this.#options.log.info('the state is written again');
      this.#outage = undefined;
      this.#metrics.up = true;
      return result;
    } catch (error) {
      return this.#fail(judgeFailure(error, dir));
    }
  }

  /** Puts a damaged database aside; what is in memory goes into the next one. */
  async #beginAnew(path: string): Promise<void> {
    const { clock, log } = this.#options;
    this.#shut();
    const aside = await moveAside(path, clock.date());
    const problem: Problem = { code: 'MX_STATE_CORRUPT', detail: `what was there is now ${aside}` };
    log.error({ code: problem.code }, describeProblem(problem));
    for (const { kept, changed } of this.#scopes.values()) for (const key of kept.keys()) changed.add(key);
    if (this.#cancel === undefined) this.#flushIn(FLUSH);
  }

  #fail(problem: Problem): undefined {
    this.#shut();
    this.#metrics.failed();
    this.#retryAt = this.#options.clock.now() + RETRY;
    if (this.#outage?.code !== problem.code) {
      this.#options.log.warn({ code: problem.code }, describeProblem(problem));
    }
    this.#outage = problem;
    return undefined;
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

function changesOf({ name, kept, changed }: Scope): Change[] {
  return [...changed].map((key) => ({ scope: name, key, value: kept.get(key) }));
}
