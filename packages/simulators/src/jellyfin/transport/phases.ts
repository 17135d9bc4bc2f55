import type { Dialect } from '../dialect.ts';

/**
 * What answers on the port: nothing, the setup server of migrations, the real server that loads, or the real server.
 */
export type Phase = 'closed' | 'setup' | 'loading' | 'ready';

export interface Step {
  readonly phase: Exclude<Phase, 'ready'>;
  readonly ms: number;
}

/** `in-place`: the button of the dashboard. `sigterm`: the process ends, and another starts. `kill`: SIGKILL. */
export type RestartKind = 'in-place' | 'sigterm' | 'kill';

export interface RestartOptions {
  readonly kind?: RestartKind;
  /** Until the next process starts. Not for `in-place`. */
  readonly downMs?: number;
  readonly setupMs?: number;
  /** The port is closed between the setup server and the real one. */
  readonly betweenMs?: number;
  readonly loadingMs?: number;
}

/** The phases of a start, up to when the real server is ready, as measured on the real ones. */
export function stepsOf(dialect: Dialect, { kind = 'in-place', ...times }: RestartOptions): readonly Step[] {
  const inPlace = kind === 'in-place';
  const { downMs = inPlace ? 100 : 4000, setupMs = inPlace ? 500 : 2800 } = times;
  const { betweenMs = inPlace ? 300 : 1200, loadingMs = 4500 } = times;
  const setup: readonly Step[] = dialect.setupServer
    ? [
        { phase: 'setup', ms: setupMs },
        { phase: 'closed', ms: betweenMs },
      ]
    : [];
  return [{ phase: 'closed', ms: downMs }, ...setup, { phase: 'loading', ms: loadingMs }];
}
