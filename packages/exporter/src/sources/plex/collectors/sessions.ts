import { ExporterError, type Problem } from '../../../errors.ts';
import { DEAF_INTERVAL, type Intervals } from '../schedule.ts';
import type { Viewing } from '../sessions/viewing.ts';

export interface SessionOptions {
  readonly intervals: Pick<Intervals, 'sessions' | 'idle'>;
  /** Resolves once the server and its libraries are known, which the labels of plays name. */
  readonly needServer: () => Promise<unknown>;
  /** Asked once, when they are known. */
  readonly view: () => Viewing;
  /** Whether events are told. */
  readonly listening: () => boolean;
  /** Whether another collector got an answer in its last run. */
  readonly answersOthers: () => boolean;
  /** False once nothing may be counted any more. */
  readonly running: () => boolean;
  /** Told whether the server answered; with the problem when it did not. */
  readonly onAnswer: (problem: Problem | undefined) => void;
  /** Told that the server was not asked, because it is left alone for what another collector met. */
  readonly onPause: () => void;
}

/** Who plays what, which also tells whether the server is there: asked for often while somebody plays. */
export class SessionCollector {
  readonly #options: SessionOptions;
  #viewing: Viewing | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** `undefined` before the server is known. */
  get viewing(): Viewing | undefined {
    return this.#viewing;
  }

  /** Milliseconds to the next run. */
  get interval(): number {
    const { sessions, idle } = this.#options.intervals;
    if (this.#viewing?.busy === true) return sessions;
    if (this.#options.listening()) return idle;
    // Nobody would tell that a paused session goes on.
    return this.#viewing?.occupied === true ? sessions : Math.min(idle, DEAF_INTERVAL);
  }

  async collect(): Promise<void> {
    const { needServer, view, running, onAnswer, onPause } = this.#options;
    try {
      await needServer();
      if (!running()) return;
      this.#viewing ??= view();
      await this.#viewing.collect();
      onAnswer(undefined);
    } catch (error) {
      if (running()) onAnswer(this.#failureOf(error));
      // Another collector has failed just before: the server was not asked, and need not be left alone for that.
      if (error instanceof ExporterError && error.code === 'MX_UPSTREAM_PAUSED') onPause();
      throw error;
    }
  }

  /** What tells that the server does not answer. A Plex that only refuses to tell its sessions does. */
  #failureOf(error: unknown): Problem | undefined {
    if (!(error instanceof ExporterError)) return { code: 'MX_INTERNAL', detail: 'the sessions could not be read' };
    const refused = [403, 404].includes(error.status ?? 0);
    return refused && this.#options.answersOthers() ? undefined : error.problems[0];
  }
}
