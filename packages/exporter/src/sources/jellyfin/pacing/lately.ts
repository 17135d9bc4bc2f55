import { isPause, isUnanswered } from '../../http/unanswered.ts';

/** How old an answer may be that another collector was told, in ms for each second of the interval of that one. */
export const LATE = 1_100;

/**
 * The last answer to what several collectors ask for, so that none asks for what another has just been told; one that
 * failed too.
 */
export class Lately<T> {
  /** `at` by the monotonic clock, ms. */
  #last: { readonly at: number; readonly answer: Promise<T>; unanswered: boolean } | undefined;

  /** The last answer, unless it is older than `longest` milliseconds; then what `ask` tells, which is kept. */
  get(now: number, longest: number, ask: () => Promise<T>): Promise<T> {
    if (this.#last !== undefined && now - this.#last.at <= longest) return this.#last.answer;
    const answer = ask();
    const last = { at: now, answer, unanswered: false };
    this.#last = last;
    answer.catch((error: unknown) => {
      last.unanswered = isUnanswered(error);
      // It was not asked at all.
      if (isPause(error)) this.forgetFailure();
    });
    return answer;
  }

  /** Lets what failed be asked again at once, unless the server may have seen it. */
  forgetFailure(): void {
    if (this.#last?.unanswered === true) this.#last = undefined;
  }
}
