import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { FromChild, ToChild, Usage } from './messages.ts';

/** A driven exporter in a process of its own: its clock is turned from here, and it can be killed. */
export class DrivenProcess {
  base = '';
  readonly #child: ChildProcess;
  #answer = Promise.withResolvers<FromChild>();

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: FromChild) => this.#answer.resolve(message));
    child.once('exit', (code, signal) => this.#answer.reject(new Error(`the child ended: ${code ?? signal}`)));
  }

  /**
   * @param date the time its clock begins with, milliseconds since the epoch
   * @param module what is run; defaults to an exporter with these arguments
   */
  static async start(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    date: number,
    module: URL = new URL('child.ts', import.meta.url),
  ): Promise<DrivenProcess> {
    const child = fork(module, [String(date), ...args], {
      env: { PATH: process.env.PATH ?? '', ...env },
      execArgv: ['--conditions=@media-exporter/source'],
    });
    const driven = new DrivenProcess(child);
    driven.base = ((await driven.#answer.promise) as { base: string }).base;
    return driven;
  }

  /**
   * Turns its clock on by one step, and waits until all has happened that the step began.
   *
   * @param held how many requests the server keeps without an answer on purpose
   */
  async advance(milliseconds: number, held: () => number = () => 0): Promise<void> {
    let told = held();
    this.#child.send({ held: told } satisfies ToChild);
    let over = false;
    const answered = this.#ask({ advance: milliseconds }).finally(() => {
      over = true;
    });
    while (!over) {
      if (held() !== told) {
        told = held();
        this.#child.send({ held: told } satisfies ToChild);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await answered;
  }

  async usage(): Promise<Usage> {
    return ((await this.#ask({ usage: true })) as { usage: Usage }).usage;
  }

  async scrape(path = '/metrics'): Promise<string> {
    return (await fetch(`${this.base}${path}`)).text();
  }

  /** SIGKILL: it can do nothing about it. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#answer.promise.catch(() => {});
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  #ask(message: ToChild): Promise<FromChild> {
    this.#answer = Promise.withResolvers();
    this.#child.send(message);
    return this.#answer.promise;
  }
}
