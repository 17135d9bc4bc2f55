/** The last answer to what several collectors ask for, so that none asks for what another has just been told. */
export class Lately<T> {
  #value: T | undefined;
  /** By the monotonic clock, ms. */
  #at = 0;

  set(value: T, now: number): void {
    this.#value = value;
    this.#at = now;
  }

  /** The last answer, unless it is older than `longest` milliseconds; then what `ask` tells, which is kept. */
  async get(now: number, longest: number, ask: () => Promise<T>): Promise<T> {
    if (this.#value !== undefined && now - this.#at <= longest) return this.#value;
    const value = await ask();
    this.set(value, now);
    return value;
  }
}
