import { below, type Random } from './random.ts';

export interface EveningOptions {
  /** How many sessions begin, each of another client. */
  readonly sessions?: number;
  /** The same seed gives the same evening. */
  readonly seed?: number;
  /** Whether the server is restarted once in the middle. */
  readonly restart?: boolean;
}

/** Something that happens. */
export interface EveningStep {
  /** Milliseconds from the beginning of the evening. */
  readonly at: number;
  readonly title: string;
  readonly run: () => void;
}

export interface Evening {
  /** In the order of their time. */
  readonly steps: readonly EveningStep[];
  /** After this many milliseconds nobody plays any longer, and the server has forgotten those that died. */
  readonly durationMs: number;
}

/** Nobody does anything from shortly before a restart until all are back. In milliseconds. */
export interface EveningRestart {
  readonly at: number;
  readonly quietBefore: number;
  readonly quietAfter: number;
  readonly run: () => void;
}

export type AddStep = (at: number, title: string, run: () => void) => void;

const MINUTE = 60_000;

/** The steps of an evening, in any order, around a restart where there is one. */
export class EveningPlan {
  readonly #restart: EveningRestart | undefined;
  readonly #steps: EveningStep[] = [];

  constructor(restart: EveningRestart | undefined) {
    this.#restart = restart;
    if (restart !== undefined) this.#steps.push({ at: restart.at, title: 'a restart', run: restart.run });
  }

  /** Steps keep their order: all that would fall into the restart come after it, as far apart as they were. */
  readonly add: AddStep = (at, title, run) => {
    const { at: restartAt, quietBefore, quietAfter } = this.#restart ?? { at: Infinity, quietBefore: 0, quietAfter: 0 };
    this.#steps.push({ at: at < restartAt - quietBefore ? at : at + quietBefore + quietAfter, title, run });
  };

  /** Lets everything happen, by the clock of the server. */
  begin(after: (ms: number, task: () => void) => unknown): readonly EveningStep[] {
    const steps = this.#steps.toSorted((a, b) => a.at - b.at);
    for (const { at, run } of steps) after(at, run);
    return steps;
  }
}

/** What somebody does, one thing after the other. */
export interface Visit<T> {
  /** Begins to play. */
  play(begin: () => T): void;
  /** Does something after so many minutes, and up to a minute more, unless the play has ended. */
  later(minutes: number, title: string, act: (play: T) => void): void;
}

/** A visit that begins within `arrivals` milliseconds. */
export function visit<T extends { readonly ended: boolean }>(random: Random, arrivals: number, add: AddStep): Visit<T> {
  // Not on whole seconds: neither polls nor the timers of a server know of them.
  let at = below(random, arrivals);
  let play: T | undefined;
  return {
    play: (begin) => {
      add(at, 'play', () => {
        play = begin();
      });
    },
    later: (minutes, title, act) => {
      at += Math.round(minutes * MINUTE) + (minutes < 1 ? 0 : below(random, MINUTE));
      add(at, title, () => {
        if (play !== undefined && !play.ended) act(play);
      });
    },
  };
}
