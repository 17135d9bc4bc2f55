import type { Clock } from '@media-exporter/metrics';
import type { Dialect } from './dialect.ts';
import { type Phase, type RestartOptions, stepsOf } from './transport/phases.ts';

/** @internal What the lifecycle needs of its server. */
export interface LifecycleHost {
  readonly clock: Clock;
  readonly dialect: Dialect;
  /** The server's date, milliseconds since the epoch. */
  date(): number;
  /** A phase begins. */
  entered(phase: Phase): void;
  /** The restart ends the process: what was counted in it is gone. */
  processEnded(): void;
}

/** Through which phases the server comes back, and which process it is. */
export class Lifecycle {
  readonly #host: LifecycleHost;
  /** Those of a start that is under way. */
  #steps: (() => void)[] = [];
  #phase: Phase = 'ready';
  #processStart: number;

  constructor(host: LifecycleHost) {
    this.#host = host;
    this.#processStart = host.date();
  }

  get phase(): Phase {
    return this.#phase;
  }

  get ready(): boolean {
    return this.#phase === 'ready';
  }

  /** When the process began, milliseconds since the epoch; while none runs, when the next one will. */
  get processStart(): number {
    return this.#processStart;
  }

  restart(options: RestartOptions): void {
    const { clock, date, dialect } = this.#host;
    for (const cancel of this.#steps) cancel();
    this.#steps = [];
    const steps = stepsOf(dialect, options);
    if ((options.kind ?? 'in-place') !== 'in-place' || !dialect.restartsInProcess) {
      this.#processStart = date() + (steps[0]?.ms ?? 0);
      this.#host.processEnded();
    }
    let delay = 0;
    for (const { phase, ms } of [...steps, { phase: 'ready', ms: 0 } as const]) {
      if (delay === 0) this.#enter(phase);
      else this.#steps.push(clock.after(delay, () => this.#enter(phase)));
      delay += ms;
    }
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#host.entered(phase);
  }
}
