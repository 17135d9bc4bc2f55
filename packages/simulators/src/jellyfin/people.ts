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

export function accountOf({ name, admin = false, disabled = false }: AccountOptions): Account {
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
