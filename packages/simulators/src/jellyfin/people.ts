import type { ActivityLog } from './activity.ts';
import { idOf } from './text.ts';

export interface AccountOptions {
  readonly name: string;
  readonly admin?: boolean;
  readonly disabled?: boolean;
}

/** A user of the server. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly admin: boolean;
  disabled: boolean;
  /** What a client gets when the user signs in. */
  readonly token: string;
  /** Milliseconds since the epoch; undefined: never. */
  lastLogin: number | undefined;
  lastActivity: number | undefined;
  failedLogins: number;
  /** Starts of each item, by its id, and the date of the last, in milliseconds since the epoch. */
  readonly playCounts: Map<string, { readonly count: number; readonly last: number }>;
}

/** Where somebody watches. A session is known by its client and its device's id. */
export interface Device {
  readonly client: string;
  readonly version: string;
  readonly name: string;
  readonly id: string;
  readonly address: string;
}

export const HOUSEHOLD: readonly AccountOptions[] = [
  { name: 'admin', admin: true },
  { name: 'marta' },
  { name: 'jonas' },
  { name: 'old-tablet', disabled: true },
];

function accountOf({ name, admin = false, disabled = false }: AccountOptions): Account {
  return {
    id: idOf('user', name),
    name,
    admin,
    disabled,
    token: idOf('token', name),
    lastLogin: undefined,
    lastActivity: undefined,
    failedLogins: 0,
    playCounts: new Map(),
  };
}

/** The users of the server, and what their administrators and they themselves do. */
export class People {
  readonly #accounts: Account[];
  readonly #activity: ActivityLog;
  readonly #ready: () => boolean;

  /** @param ready whether the server answers at all. */
  constructor(accounts: readonly AccountOptions[], activity: ActivityLog, ready: () => boolean) {
    this.#accounts = accounts.map(accountOf);
    this.#activity = activity;
    this.#ready = ready;
  }

  get accounts(): readonly Account[] {
    return this.#accounts;
  }

  /**
   * The user of this name; the first without one.
   *
   * @throws RangeError when there is none.
   */
  account(name?: string): Account {
    const account = this.#accounts.find((candidate) => name === undefined || candidate.name === name);
    if (account === undefined) throw new RangeError('no such user');
    return account;
  }

  /**
   * Somebody tries a wrong password.
   *
   * @throws RangeError when there is no such user.
   */
  failLogin(name: string): void {
    if (!this.#ready()) return;
    this.account(name).failedLogins += 1;
    const shortOverview = 'IP address: 192.168.1.30';
    const entry = { type: 'AuthenticationFailed', name: `Failed login attempt from ${name}`, shortOverview } as const;
    this.#activity.add({ ...entry, severity: 'Error' });
  }

  /** A new user; that its password was set is logged too. */
  add(options: AccountOptions): Account {
    const account = accountOf(options);
    this.#accounts.push(account);
    this.#activity.add({ type: 'UserCreated', name: `User ${account.name} has been created` });
    this.#activity.add({ type: 'UserPasswordChanged', name: `Password has been changed for user ${account.name}` });
    return account;
  }

  /** @throws RangeError when there is no such user. */
  remove(name: string): void {
    this.#accounts.splice(this.#accounts.indexOf(this.account(name)), 1);
    this.#activity.add({ type: 'UserDeleted', name: `User ${name} has been deleted` });
  }
}
