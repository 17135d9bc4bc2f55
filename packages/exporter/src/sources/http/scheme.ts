import type { SourceUrl } from '../../config/url.ts';
import { ExporterError } from '../../errors.ts';
import { codeOf } from '../../system-errors.ts';
import { isBroken, isNotHttp, UndeliveredError } from './request-error.ts';

/**
 * Asks whether the URL of a server that has never been heard begins as it should: http:// to a port that speaks TLS, or
 * https:// to one that does not, fails in many ways.
 */
export class SchemeDoubt {
  readonly #scheme: 'http' | 'https' | undefined;
  #heard = false;

  constructor({ origin, socketPath }: SourceUrl) {
    this.#scheme = socketPath !== undefined ? undefined : origin.startsWith('https:') ? 'https' : 'http';
  }

  /** Takes the status of an answer. With 400 many servers answer plain HTTP on a port for HTTPS. */
  hear(status: number): void {
    if (status !== 400) this.#heard = true;
  }

  /** The error of a request, with the question where it may be that. */
  ask(error: ExporterError): ExporterError {
    const { cause, status } = error;
    const other = this.#scheme === 'http' ? 'https' : 'http';
    const odd = other === 'http' ? codeOf(cause) === 'EPROTO' : isNotHttp(cause) || status === 400;
    const sure = this.#heard || this.#scheme === undefined || error instanceof UndeliveredError;
    if (sure || !(odd || isBroken(cause))) return error;
    const problems = error.problems.map((problem) => ({
      ...problem,
      detail: `${problem.detail}; should the URL begin with ${other}://?`,
    }));
    return new ExporterError(problems, { cause });
  }
}
