import type { PlayMethod } from './plays/session.ts';

/** What really happened, whatever the client claims. A remux is a direct stream. */
export type Delivery = 'directplay' | 'directstream' | 'transcode';

/** What a play is, for those who look for it in the truth. */
export interface TruthIdentity {
  /** Counts up from 1. */
  readonly play: number;
  readonly user: string;
  readonly client: string;
  readonly deviceId: string;
  readonly itemId: string;
  /** The server's name of the type: `Movie`, `Audio` … */
  readonly type: string;
  readonly claimed: PlayMethod;
  readonly actual: Delivery;
  /** Reported as started by its client, and showed nothing. It counts as a play, and has no seconds. */
  readonly failed: boolean;
}

/** How a play ended. `killed`: its client died, `lost`: it stopped and could not say so, `replaced`: by the next item. */
export type PlayEnd = 'stopped' | 'finished' | 'killed' | 'lost' | 'replaced';

/** What one play came to. It outlives the session. */
export class TruthRecord {
  readonly identity: TruthIdentity;
  /** On the monotonic clock, milliseconds. */
  readonly startedAt: number;
  endedAt: number | undefined;
  end: PlayEnd | undefined;
  /** Milliseconds in which the player really played. */
  milliseconds = 0;
  /** Of it, those that others watched with the user, by name. */
  readonly together: Map<string, number> = new Map();

  constructor(identity: TruthIdentity, startedAt: number) {
    this.identity = identity;
    this.startedAt = startedAt;
  }

  get seconds(): number {
    return this.milliseconds / 1000;
  }
}

export interface TruthJob {
  readonly name: string;
  readonly kind: string;
  /** Undefined while it works, and for one that its server left behind. */
  readonly exitCode?: number | undefined;
}

/** Sums over all plays and jobs, named as in the truths of recorded evenings. */
export interface TruthTotals {
  readonly starts: number;
  readonly byActual: Readonly<Record<string, number>>;
  readonly byClaimed: Readonly<Record<string, number>>;
  readonly byType: Readonly<Record<string, number>>;
  /** Of those who were signed in, by name. */
  readonly watchSeconds: Readonly<Record<string, number>>;
  /** On top of it, of those who were added to a session. */
  readonly coWatchSeconds: Readonly<Record<string, number>>;
  readonly ffmpegJobs: number;
  readonly ffmpegByKind: Readonly<Record<string, number>>;
  /** By exit code. Those that were left behind have none. */
  readonly ffmpegExitCodes: Readonly<Record<string, number>>;
  /** Exit codes other than 0, and than 137 with which the server kills. */
  readonly ffmpegFailures: number;
}

/** The ground truth of a simulated Jellyfin, taken from what its players do and not from what they report. */
export class Truth {
  readonly #records: TruthRecord[] = [];
  readonly #jobs = new Map<string, TruthJob>();

  /** All plays, in the order in which they began. */
  get records(): readonly TruthRecord[] {
    return this.#records;
  }

  /** All ffmpegs, in the order in which they began. */
  get jobs(): readonly TruthJob[] {
    return [...this.#jobs.values()];
  }

  get totals(): TruthTotals {
    const all = this.#records.map(({ identity }) => identity);
    const watchSeconds: Record<string, number> = {};
    const coWatchSeconds: Record<string, number> = {};
    for (const { identity, seconds, together } of this.#records) {
      watchSeconds[identity.user] = (watchSeconds[identity.user] ?? 0) + seconds;
      for (const [name, ms] of together) coWatchSeconds[name] = (coWatchSeconds[name] ?? 0) + ms / 1000;
    }
    const codes = this.jobs.flatMap(({ exitCode }) => (exitCode === undefined ? [] : [exitCode]));
    return {
      starts: all.length,
      byActual: countBy(all.map(({ actual }) => actual)),
      byClaimed: countBy(all.map(({ claimed }) => claimed)),
      byType: countBy(all.map(({ type }) => type)),
      watchSeconds,
      coWatchSeconds,
      ffmpegJobs: this.#jobs.size,
      ffmpegByKind: countBy(this.jobs.map(({ kind }) => kind)),
      ffmpegExitCodes: countBy(codes.map(String)),
      ffmpegFailures: codes.filter((code) => code !== 0 && code !== 137).length,
    };
  }

  /** @internal */
  play(identity: Omit<TruthIdentity, 'play'>, startedAt: number): TruthRecord {
    const record = new TruthRecord({ ...identity, play: this.#records.length + 1 }, startedAt);
    this.#records.push(record);
    return record;
  }

  /** @internal */
  job(name: string, kind: string): void {
    this.#jobs.set(name, { name, kind: kind.toLowerCase() });
  }

  /** @internal */
  exit(name: string, exitCode: number): void {
    const job = this.#jobs.get(name);
    if (job !== undefined) this.#jobs.set(name, { ...job, exitCode });
  }
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
