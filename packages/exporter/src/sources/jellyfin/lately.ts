import { isFailedAnswer } from './unanswered.ts';

/** How old an answer may be that another collector was told, in ms for each second of the interval of that one. */
export const LATE = 1_100;

/**
 * The last answer to what several collectors ask for, so that none asks for what another has just been told; one that
 * failed too.
 */
export class Lately<T> {
  /** `at` by the monotonic clock, ms. */
  #last: { readonly at: number; readonly answer: Promise<T> } | undefined;

  /** The last answer, unless it is older than `longest` milliseconds; then what `ask` tells, which is kept. */
  get(now: number, longest: number, ask: () => Promise<T>): Promise<T> {
    if (this.#last !== undefined && now - this.#last.at <= longest) return this.#last.answer;
    const answer = ask();
    this.#last = { at: now, answer };
    answer.catch((error: unknown) => {
      if (!isFailedAnswer(error)) this.#last = undefined;
    });
    return answer;
  }
}
