import type { Ending, FfmpegLog } from './log.ts';
import type { JobKind } from './name.ts';

/** Exit codes of an ffmpeg that somebody ended: killed, terminated, or interrupted. */
const ENDED_BY_OTHERS: ReadonlySet<number> = new Set([137, 143, 255]);
/** More different exit codes than that are no exit codes. */
const MOST_CODES = 300;

/** Counters, as they are kept over restarts. */
export interface SavedTotals {
  readonly jobs: Readonly<Record<JobKind, number>>;
  readonly failures: number;
  readonly hardware: Readonly<Record<string, number>>;
  readonly exits: Readonly<Record<string, number>>;
}

const NONE: SavedTotals = { jobs: { transcode: 0, directstream: 0, remux: 0 }, failures: 0, hardware: {}, exits: {} };

/** Counts starts and ends of ffmpeg. Never goes back. */
export class JobTotals {
  readonly #failuresFromLogs: () => boolean;
  readonly #jobs: Record<JobKind, number>;
  readonly #hardware: Map<string, number>;
  readonly #exits: Map<string, number>;
  #failures: number;

  constructor(failuresFromLogs: () => boolean, saved: SavedTotals = NONE) {
    this.#failuresFromLogs = failuresFromLogs;
    this.#jobs = { ...saved.jobs };
    this.#hardware = new Map(Object.entries(saved.hardware));
    this.#exits = new Map(Object.entries(saved.exits));
    this.#failures = saved.failures;
  }

  start(kind: JobKind): void {
    this.#jobs[kind] += 1;
  }

  /** Takes how a job ended, as its own log says. */
  end(kind: JobKind, ending: Ending, { hardware }: FfmpegLog): void {
    if (kind === 'transcode' && hardware !== undefined) add(this.#hardware, hardware);
    if (ending === 'failure' && this.#failuresFromLogs()) this.#failures += 1;
  }

  /**
   * Takes an exit code, as the server's log tells it.
   *
   * @param counted whether the start was counted: else its failure is not, so that there are no more of these than of those.
   */
  exit(code: number, counted: boolean): void {
    if (this.#exits.size < MOST_CODES || this.#exits.has(String(code))) add(this.#exits, String(code));
    if (counted && code !== 0 && !ENDED_BY_OTHERS.has(code)) this.#failures += 1;
  }

  save(): SavedTotals {
    return {
      jobs: { ...this.#jobs },
      failures: this.#failures,
      hardware: Object.fromEntries(this.#hardware),
      exits: Object.fromEntries(this.#exits),
    };
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
