import { Quiet } from '../../../../../../test/support/driven/quiet.ts';

/** More rounds than any answer on loopback takes. */
const PATIENCE = 5_000;

/**
 * Tells when a source waits for nothing but its clock. Its answers are decompressed in threads, which {@link Quiet} does
 * not know of: a request is over when the source has reported it.
 */
export class Calm {
  readonly #quiet = new Quiet();
  /** Requests that the server has got. */
  readonly #got: () => number;
  /** Requests that the server keeps on purpose. */
  readonly #held: () => number;
  #reported = 0;
  /** What broke off without a report, and is not waited for again. */
  #lost = 0;

  constructor(got: () => number, held: () => number = () => 0) {
    this.#got = got;
    this.#held = held;
  }

  /** To be told of each request that has ended; one without a status may not have got to the server. */
  readonly report = ({ status }: { readonly status?: number }): void => {
    if (status !== undefined) this.#reported += 1;
  };

  async settled(): Promise<void> {
    const missing = (): number => this.#got() - this.#held() - this.#reported;
    await this.#quiet.settled(this.#held);
    for (let round = 0; round < PATIENCE && missing() > this.#lost; round++) await this.#quiet.settled(this.#held);
    this.#lost = missing();
  }

  close(): void {
    this.#quiet.close();
  }
}
