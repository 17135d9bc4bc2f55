import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { round } from '../result.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const MAIN = join(REPOSITORY, 'packages/exporter/dist/cli/main.js');

/** Builds what is published. */
export function build(): void {
  const built = spawnSync(process.execPath, [join(REPOSITORY, 'scripts/build/main.ts')], { stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the build failed');
}

/** The drop-in for Jellyfin as it is published, in a process of its own. */
export class Exporter {
  readonly #child: ChildProcess;
  readonly #state: string;
  readonly #base: string;

  private constructor(child: ChildProcess, state: string, base: string) {
    this.#child = child;
    this.#state = state;
    this.#base = base;
  }

  static async start(
    server: { readonly url: string; readonly token: string },
    flags: readonly string[],
  ): Promise<Exporter> {
    const state = await mkdtemp(join(tmpdir(), 'media-exporter-bench-'));
    const own = ['--web.listen-address', '127.0.0.1:0', '--state.dir', state, '--jellyfin.address', server.url];
    const env = { PATH: process.env.PATH ?? '', JELLYFIN_TOKEN: server.token };
    const child = spawn(process.execPath, [MAIN, 'jellyfin', ...own, ...flags], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    process.once('exit', () => child.kill('SIGKILL'));
    return new Exporter(child, state, await listening(child));
  }

  async scrape(): Promise<string> {
    return (await fetch(`${this.#base}/metrics`)).text();
  }

  /** MiB, as the kernel tells: now, or at most. */
  memory(field: 'VmRSS' | 'VmHWM'): number {
    return memoryOf(this.#child, field);
  }

  /** In user and system mode, from fields 14 and 15 of proc(5)'s stat, at 100 ticks a second. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async stop(): Promise<void> {
    await end(this.#child);
    await rm(this.#state, { recursive: true, force: true });
  }
}

/** MiB of a Node.js that does nothing. */
export async function bareNodeMemory(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await sleep(1_000);
  const rss = memoryOf(child, 'VmRSS');
  await end(child);
  return rss;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function listening(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of child.stderr ?? []) {
    said += chunk;
    const [, address] = /msg=listening address=(\S+)/.exec(said) ?? [];
    if (address === undefined) continue;
    child.stderr?.resume();
    return `http://${address}`;
  }
  throw new Error(`it ended instead of listening:\n${said}`);
}

function memoryOf({ pid }: ChildProcess, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status) ?? [];
  return round(Number(kibibytes) / 1024, 1);
}
