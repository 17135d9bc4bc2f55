import type { Clock } from '@media-exporter/metrics';

/** Something that was told, and is shown until it is too old: then it is not known any more. */
export class Kept<T> {
  readonly #clock: Clock;
  /** Milliseconds. */
  readonly #longest: number;
  #value: T | undefined;
  #at = 0;

  constructor(clock: Clock, longest: number) {
    this.#clock = clock;
    this.#longest = longest;
  }

  get value(): T | undefined {
    return this.#clock.now() - this.#at > this.#longest ? undefined : this.#value;
  }

  set(value: T | undefined): void {
    this.#value = value;
    this.#at = this.#clock.now();
  }
}
