import type { Clock } from '@media-exporter/metrics';
import { fault } from '../../http/request-error.ts';

export interface PaceOptions {
  readonly clock: Clock;
  /** How many questions of a run need not wait. */
  readonly atOnce: number;
  /** Milliseconds before each further one. */
  readonly pause: number;
}

/** Spreads the questions of a long run over time. */
export class Pace {
  readonly #options: PaceOptions;
  #asked = 0;
  #stopped = false;
  #endPause: () => void = () => {};

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** A new run begins. */
  begin(): void {
    this.#asked = 0;
  }

  /**
   * Waits until the next question may be asked.
   *
   * @throws ExporterError `MX_UPSTREAM_CONNECT` when nothing shall be asked any more.
   */
  async next(): Promise<void> {
    const { clock, atOnce, pause } = this.#options;
    this.#asked += 1;
    if (this.#asked > atOnce && !this.#stopped) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancel = clock.after(pause, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
      await promise;
    }
    if (this.#stopped) throw fault('MX_UPSTREAM_CONNECT', 'the source is being stopped');
  }

  stop(): void {
    this.#stopped = true;
    this.#endPause();
  }
}
