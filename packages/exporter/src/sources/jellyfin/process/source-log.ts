import { describeProblem, type ErrorCode, type Problem, problemsOf } from '../../../errors.ts';
import type { Logger } from '../../../log.ts';
import { isPause } from '../../http/unanswered.ts';
import type { ProcessSource } from './figures.ts';

/** Tells the log where figures of the process could not be read: once for each problem, and when it is over. */
export class ProcessSourceLog {
  readonly #source: string;
  readonly #log: Logger;
  readonly #failing = new Map<ProcessSource, ErrorCode>();
  readonly #passing = new Set<ProcessSource>();

  constructor(source: string, log: Logger) {
    this.#source = source;
    this.#log = log;
  }

  /** Takes how a look at one of them went; `error` when it failed. */
  tell(from: ProcessSource, error: unknown): void {
    if (isPause(error)) return;
    const [problem] = error === undefined ? [] : problemsOf(error);
    const passing = problem !== undefined && mayPass(problem);
    const first = passing && !this.#passing.has(from);
    if (passing) this.#passing.add(from);
    else this.#passing.delete(from);
    if (!first) this.#change(from, problem);
  }

  #change(from: ProcessSource, problem: Problem | undefined): void {
    if (problem?.code === this.#failing.get(from)) return;
    const fields = { source: this.#source, collector: 'process', from };
    if (problem === undefined) {
      this.#failing.delete(from);
      this.#log.info(fields, `figures of the process from ${from} are there again`);
    } else {
      this.#failing.set(from, problem.code);
      this.#log.warn(
        { ...fields, code: problem.code },
        `no figures of the process from ${from}: ${describeProblem({ ...problem, server: 'jellyfin' })}`,
      );
    }
  }
}

/** Whether it may be that the server goes down or starts: it is told when it is no better at the next look. */
function mayPass({ code, status }: Problem): boolean {
  return status === 503 || code === 'MX_UPSTREAM_CONNECT' || code === 'MX_UPSTREAM_TIMEOUT';
}
