import type { Clock } from '@media-exporter/metrics';
import type { Signals } from './environment.ts';

/**
 * One stop may arrive as two signals: on Ctrl-C a terminal signals the whole process group, and npm passes the signal
 * on to its child once more. What comes within this time of the first, in milliseconds, is no second wish.
 */
const SAME_WISH = 1_000;

export interface ShutdownOptions {
  readonly signals: Signals;
  readonly clock: Clock;
  /** Called on SIGHUP. */
  readonly onReload: () => void;
  /** Called when somebody asks again while the stop is under way. */
  readonly onImpatience: () => void;
}

/** Handles signals from now on. `stopped` resolves with the first that asks to stop; `release` ends the handling. */
export function handleSignals(options: ShutdownOptions): { stopped: Promise<NodeJS.Signals>; release: () => void } {
  const { signals, clock, onReload, onImpatience } = options;
  const { promise: stopped, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let asked: number | undefined;
  const stop = (signal: NodeJS.Signals) => (): void => {
    if (asked === undefined) {
      asked = clock.now();
      resolve(signal);
    } else if (clock.now() - asked > SAME_WISH) onImpatience();
  };
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGINT', stop('SIGINT')],
    ['SIGTERM', stop('SIGTERM')],
    ['SIGHUP', onReload],
  ];
  for (const [signal, handler] of handlers) signals.on(signal, handler);
  return {
    stopped,
    release() {
      for (const [signal, handler] of handlers) signals.off(signal, handler);
    },
  };
}
