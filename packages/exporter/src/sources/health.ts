import { describeProblem, type Problem } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ServerType } from '../upstream-errors.ts';
import type { Source } from './source.ts';

/** Whether a source is up, told to the log once for each change and not for each scrape. */
export class Health {
  readonly #source: string;
  readonly #type: ServerType;
  readonly #log: Logger;
  readonly #onReconnect: () => void;
  #up: boolean | undefined;
  #wasUp = false;
  #code: string | undefined;

  constructor({ id, type }: Pick<Source, 'id' | 'type'>, log: Logger, onReconnect: () => void) {
    this.#source = id;
    this.#type = type;
    this.#log = log;
    this.#onReconnect = onReconnect;
  }

  get up(): boolean | undefined {
    return this.#up;
  }

  succeed(): void {
    if (this.#up !== true) {
      this.#log.info({ source: this.#source }, 'source is up');
      if (this.#wasUp) this.#onReconnect();
    }
    this.#up = true;
    this.#wasUp = true;
    this.#code = undefined;
  }

  fail(problem: Problem): void {
    // A pause is the consequence of failures that were told already.
    const news = this.#up !== false || (problem.code !== this.#code && problem.code !== 'MX_UPSTREAM_PAUSED');
    if (news) {
      const text = describeProblem({ ...problem, server: this.#type });
      this.#log.warn({ source: this.#source, code: problem.code }, `source is down: ${text}`);
      this.#code = problem.code;
    }
    this.#up = false;
  }
}
