import { spawnSync } from 'node:child_process';

export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  /** The last lines of what it said, for an error message. */
  readonly complaint: string;
}

export interface CommandOptions {
  readonly cwd?: string;
}

/** Runs a program to its end; a program that is not there is a failure like another. */
export type Command = (program: string, args: readonly string[], options?: CommandOptions) => Outcome;

export const runCommand: Command = (program, args, options = {}) => {
  const result = spawnSync(program, args, {
    ...options,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
  });
  const said = result.error ? result.error.message : `${result.stderr}`.trim();
  return {
    ok: result.error === undefined && result.status === 0,
    stdout: result.stdout ?? '',
    complaint: said.split('\n').slice(-4).join(' | '),
  };
};
