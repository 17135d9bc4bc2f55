import { describeProblem, type ErrorCode, type Problem } from '../../errors.ts';
import type { Logger } from '../../log.ts';

/** Tells the log which collectors of a source fail: once for each problem that is another one, and when it is over. */
export class CollectorLog {
  readonly #source: string;
  readonly #log: Logger;
  readonly #failing = new Map<string, ErrorCode>();

  constructor(source: string, log: Logger) {
    this.#source = source;
    this.#log = log;
  }

  /** Takes how a run of a collector went; `problem` when it failed. */
  tell(collector: string, problem: Problem | undefined): void {
    const before = this.#failing.get(collector);
    if (problem?.code === before) return;
    const fields = { source: this.#source, collector };
    if (problem === undefined) {
      this.#failing.delete(collector);
      this.#log.info(fields, 'collector works again');
    } else {
      this.#failing.set(collector, problem.code);
      this.#log.warn(
        { ...fields, code: problem.code },
        `collector fails: ${describeProblem({ ...problem, server: 'jellyfin' })}`,
      );
    }
  }
}
