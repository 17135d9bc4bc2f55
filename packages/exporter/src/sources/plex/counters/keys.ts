/** What is kept of the keys of sessions. Safe for JSON. */
export interface KeyMemory {
  readonly epoch: number;
  readonly highest: number;
}

/** A session by its key, and who plays it on what. */
export interface KeyHolder {
  readonly key: string;
  readonly party: string;
}

/**
 * Tells when a server was started anew: keys of sessions count up from 1 after each start, so a key that is not above
 * all others, and was not held by the same player just before, can only be of another run.
 */
export class SessionKeys {
  #epoch: number;
  #highest: number;
  #holders: ReadonlyMap<string, string>;
  #restarted = false;

  /** @param holders the sessions that are known of this run of the server. */
  constructor(memory: KeyMemory = { epoch: 0, highest: 0 }, holders: Iterable<KeyHolder> = []) {
    this.#epoch = memory.epoch;
    this.#highest = memory.highest;
    this.#holders = byKey(holders);
  }

  get memory(): KeyMemory {
    return { epoch: this.#epoch, highest: this.#highest };
  }

  /** The run of the server that the last sessions were of. */
  get epoch(): string {
    return String(this.#epoch);
  }

  /** Takes all sessions of a server. */
  take(holders: readonly KeyHolder[]): void {
    const isOld = ({ key, party }: KeyHolder): boolean =>
      Number(key) <= this.#highest && this.#holders.get(key) !== party;
    if (this.#restarted || holders.some(isOld)) {
      this.#epoch += 1;
      this.#highest = 0;
      this.#restarted = false;
    }
    this.#holders = byKey(holders);
    for (const { key } of holders) {
      if (Number.isSafeInteger(Number(key))) this.#highest = Math.max(this.#highest, Number(key));
    }
  }

  /** Told that the server was started anew: the next sessions are of another run. */
  restart(): void {
    this.#restarted = true;
  }
}

function byKey(holders: Iterable<KeyHolder>): ReadonlyMap<string, string> {
  return new Map(Array.from(holders, ({ key, party }) => [key, party]));
}

/** Reads what was kept; `undefined` when it is not whole. */
export function restoreKeys(kept: unknown): KeyMemory | undefined {
  const { epoch, highest } = (kept ?? {}) as Partial<Record<keyof KeyMemory, unknown>>;
  const whole = Number.isSafeInteger(epoch) && Number.isSafeInteger(highest);
  return whole ? { epoch: epoch as number, highest: highest as number } : undefined;
}
