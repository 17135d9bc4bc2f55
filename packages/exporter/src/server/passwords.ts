import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@media-exporter/metrics';
import type { Secret } from '../config/secrets.ts';

/** Names and the hashes of their passwords. */
export type Users = ReadonlyMap<string, Secret>;

/** Whether a password has a hash. */
export type Compare = (password: string, hash: string) => Promise<boolean>;

export type Answer = 'right' | 'wrong' | 'busy';

/** How many checks may wait for their turn, of names that exist and of those that do not: these take no place of those. */
const MOST_WAITING = { known: 10, unknown: 2 };

/** How many wrong passwords are remembered. */
const MOST_WRONG = 100;

/** How long the check of another password waits after a wrong one at least, in milliseconds. */
const LEAST_REST = 500;

/** How many times as long as the check of a wrong password the rest is: guesses take a tenth of a core at most. */
const REST_PER_CHECK = 9;

/**
 * Checks passwords. A check by bcrypt takes as long as it is meant to, so its outcome is remembered, one goes on at a time,
 * and after a wrong one there is a rest: whoever guesses passwords does not keep the exporter from its work.
 */
export class Passwords {
  readonly #clock: Clock;
  readonly #compare: Compare;
  readonly #key = randomBytes(32);
  /** Of each user the password that was right last. A flood of wrong ones cannot drive it out. */
  readonly #right = new Map<string, string>();
  readonly #wrong = new Set<string>();
  readonly #running = { known: new Map<string, Promise<boolean>>(), unknown: new Map<string, Promise<boolean>>() };
  #turn: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, compare: Compare = compareHash) {
    this.#clock = clock;
    this.#compare = compare;
  }

  /** Checks the password of a user; `busy` when too many checks wait. There must be users. */
  async check(users: Users, name: string, password: string): Promise<Answer> {
    // Where there is no such user, the time of a check is taken nevertheless, with the hash of another one.
    const known = users.get(name);
    const [any] = users.values();
    const hash = (known ?? any)?.reveal() ?? '';
    const checked = JSON.stringify([known !== undefined, name, hash, password]);
    const key = createHmac('sha256', this.#key).update(checked).digest('base64');
    if (known !== undefined && this.#right.get(name) === key) return 'right';
    if (this.#wrong.has(key)) return 'wrong';
    const kind = known === undefined ? 'unknown' : 'known';
    const running = this.#running[kind];
    let check = running.get(key);
    if (check === undefined) {
      if (running.size >= MOST_WAITING[kind]) return 'busy';
      check = this.#inTurn(password, hash).finally(() => running.delete(key));
      running.set(key, check);
    }
    const same = await check;
    if (known !== undefined && same) {
      this.#right.set(name, key);
      return 'right';
    }
    this.#remember(key);
    return 'wrong';
  }

  #inTurn(password: string, hash: string): Promise<boolean> {
    let start = 0;
    const checked = this.#turn.then(() => {
      start = this.#clock.now();
      return this.#compare(password, hash);
    });
    this.#turn = checked.then(
      (same) => (same ? undefined : this.#rest(this.#clock.now() - start)),
      () => {},
    );
    return checked;
  }

  #rest(taken: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(Math.max(LEAST_REST, REST_PER_CHECK * taken), resolve));
  }

  #remember(key: string): void {
    const [oldest] = this.#wrong;
    if (oldest !== undefined && this.#wrong.size >= MOST_WRONG) this.#wrong.delete(oldest);
    this.#wrong.add(key);
  }
}

/** It gives way to other work every tenth of a second. Loaded with the first password. */
async function compareHash(password: string, hash: string): Promise<boolean> {
  const { compare } = await import('bcryptjs');
  return compare(password, hash);
}
