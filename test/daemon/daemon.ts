import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PATIENCE } from '../support/until.ts';

const MAIN = fileURLToPath(new URL('../../packages/exporter/src/cli/main.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The CLI as a process of its own. */
export class Daemon {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    // With the conditions of this process: without them the child would run what was built last.
    const conditions = ['--conditions=@media-exporter/source'];
    this.#child = spawn(process.execPath, [...conditions, MAIN, ...args], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)));
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The address of the nth listener, once it listens. */
  async address(nth = 0): Promise<string> {
    const addresses = (): string[] => [...this.#stderr.matchAll(/msg=listening address=(\S+)/g)].map((m) => m[1] ?? '');
    await until(
      () => addresses().length > nth || this.#child.exitCode !== null,
      () => this.#stderr,
    );
    const address = addresses()[nth];
    if (address === undefined) throw new Error(`It ended instead of listening:\n${this.#stderr}`);
    return address.replace(/^\[::\]/, '127.0.0.1');
  }

  async url(path: string): Promise<string> {
    return `http://${await this.address()}${path}`;
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return (await fetch(await this.url(path), { headers })).text();
  }

  /** Waits until the log has `text`, at least `times` times. */
  async logged(text: string, times = 1): Promise<void> {
    await until(
      () => this.#stderr.split(text).length > times,
      () => `no "${text}" in\n${this.#stderr}`,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for its end. */
  async ended(): Promise<Ended> {
    const code = await this.#ended;
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Ends it in any case, for after a test. */
  async dispose(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** Waits for a condition that the work of another process brings about. */
export async function until(condition: () => boolean | Promise<boolean>, explain: () => string): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`It never came about: ${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A folder of its own for a test. */
export class Folder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'media-exporter-test-')));
  }

  async write(name: string, text: string): Promise<string> {
    const path = join(this.path, name);
    await writeFile(path, text);
    return path;
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}
