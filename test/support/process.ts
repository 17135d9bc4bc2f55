import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.ts';

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Puts the process and its children into a group of their own, as a terminal does. */
  readonly group?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real process with everything it has said so far. */
export class RunningProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  output = '';

  constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }) as Exit);
    this.exited.catch(() => {});
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`the process did not start: ${this.output}`);
    return this.child.pid;
  }

  /** Waits until the output matches, and gives the match. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const ended = this.exited.then(() => true);
    let gone = false;
    void ended.then(() => {
      gone = true;
    });
    const found = await until(() => pattern.exec(this.output) ?? (gone ? null : undefined), {
      what: `${pattern} in the output of ${this.child.spawnargs.join(' ')}`,
    });
    if (found === null) throw new Error(`it ended before it said ${pattern}:\n${this.output}`);
    return found;
  }

  /** SIGTERM, and SIGKILL when that does not help within `patience` milliseconds. */
  async stop(patience = 10_000): Promise<Exit> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.exited;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patience);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Starts a program without a terminal and keeps what it says. It does not outlive the test run. */
export function startProcess(program: string, args: readonly string[], options: StartOptions = {}): RunningProcess {
  const { group = false, ...rest } = options;
  const child = spawn(program, args, { ...rest, detached: group, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return new RunningProcess(child);
}
