import { Quiet } from '../../../../../../test/support/driven/quiet.ts';
import { PATIENCE } from '../../../../../../test/support/until.ts';

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
  /** Reports without a status since it was last settled: of requests that may not have got to the server. */
  #unclear = 0;
  /** What broke off without a status, and is not waited for again. */
  #lost = 0;

  constructor(got: () => number, held: () => number = () => 0) {
    this.#got = got;
    this.#held = held;
  }

  /** To be told of each request that has ended. */
  readonly report = ({ status }: { readonly status?: number }): void => {
    if (status === undefined) this.#unclear += 1;
    else this.#reported += 1;
  };

  async settled(): Promise<void> {
    const missing = (): number => this.#got() - this.#held() - this.#reported;
    await this.#quiet.settled(this.#held);
    const started = performance.now();
    while (missing() > this.#lost + this.#unclear) {
      if (performance.now() - started > PATIENCE) throw new Error(`${missing()} requests were not reported`);
      await this.#quiet.settled(this.#held);
    }
    this.#lost = missing();
    this.#unclear = 0;
  }

  close(): void {
    this.#quiet.close();
  }
}
