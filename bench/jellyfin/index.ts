import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../benchmark.ts';
import { quantile, round } from '../result.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const MAIN = join(REPOSITORY, 'packages/exporter/dist/cli/main.js');
const FIXTURES = join(REPOSITORY, '../shared/fixtures/jellyfin');

/** Seconds between two scrapes. */
const SCRAPE_INTERVAL = 15;

/** Seconds from the start to the first measurement. */
const WARM_UP = 20;

const LOADS = ['idle', 'busy', 'tape'] as const;
type Load = (typeof LOADS)[number];

interface Row {
  /** Of the exporter at the end, and at most; MiB. */
  readonly rssMebibytes: number;
  readonly rssPeakMebibytes: number;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly requestsPerMinute: number;
  readonly scrape: { readonly p50: number; readonly p99: number; readonly bytes: number };
}

/**
 * What the drop-in for Jellyfin takes with its default collectors at a scrape every 15 seconds, as it is published and in
 * real time: beside an idle simulated server, beside one on which 20 people play, and beside the recorded evening, where
 * that lies beside the repository. A bare Node.js in the same run tells what the runtime itself takes.
 */
export async function run({ quick, progress }: BenchOptions): Promise<object> {
  progress('building');
  const built = spawnSync(process.execPath, [join(REPOSITORY, 'scripts/build/main.ts')], { stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the build failed');
  const seconds = quick ? 30 : 180;
  const rows: Partial<Record<Load, Row>> = {};
  for (const load of LOADS) {
    if (load === 'tape' && !existsSync(FIXTURES)) continue;
    rows[load] = await measure(load, seconds);
    progress(`${load}: ${JSON.stringify(rows[load])}`);
  }
  const bare = await measureBareNode();
  return { seconds, scrapeInterval: SCRAPE_INTERVAL, bareNodeRssMebibytes: bare, ...rows };
}

async function measure(load: Load, seconds: number): Promise<Row> {
  const server = await startServer(load);
  const state = await mkdtemp(join(tmpdir(), 'media-exporter-bench-'));
  const flags = ['--web.listen-address', '127.0.0.1:0', '--state.dir', state, '--jellyfin.address', server.url];
  const env = { PATH: process.env.PATH ?? '', JELLYFIN_TOKEN: server.token };
  const exporter = spawn(process.execPath, [MAIN, 'jellyfin', ...flags], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  process.once('exit', () => exporter.kill('SIGKILL'));
  try {
    const base = await listening(exporter);
    await sleep(WARM_UP * 1000);
    const before = { cpu: cpuSeconds(exporter), requests: await server.requests(), at: performance.now() };
    const times: number[] = [];
    let bytes = 0;
    for (let left = seconds; left > 0; left -= SCRAPE_INTERVAL) {
      const began = performance.now();
      bytes = (await (await fetch(`${base}/metrics`)).text()).length;
      times.push(performance.now() - began);
      await sleep(SCRAPE_INTERVAL * 1000);
    }
    const passed = (performance.now() - before.at) / 1000;
    return {
      rssMebibytes: memory(exporter, 'VmRSS'),
      rssPeakMebibytes: memory(exporter, 'VmHWM'),
      cpuPercent: round((100 * (cpuSeconds(exporter) - before.cpu)) / passed),
      requestsPerMinute: round(((await server.requests()) - before.requests) / (passed / 60)),
      scrape: { p50: round(quantile(times, 0.5)), p99: round(quantile(times, 0.99)), bytes },
    };
  } finally {
    await end(exporter);
    await server.close();
    await rm(state, { recursive: true, force: true });
  }
}

interface Server {
  readonly url: string;
  readonly token: string;
  requests(): Promise<number>;
  close(): Promise<void>;
}

/** The server is a process of its own, so that it does not share the exporter's processor time in the figures. */
async function startServer(load: Load): Promise<Server> {
  const child = fork(new URL('server.ts', import.meta.url), [load], {
    execArgv: ['--conditions=@media-exporter/source'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const [{ url, token }] = (await once(child, 'message')) as [{ url: string; token: string }];
  return {
    url,
    token,
    async requests() {
      child.send('requests');
      const [count] = (await once(child, 'message')) as [number];
      return count;
    },
    close: () => end(child),
  };
}

async function listening(exporter: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of exporter.stderr ?? []) {
    said += chunk;
    const [, address] = /msg=listening address=(\S+)/.exec(said) ?? [];
    if (address === undefined) continue;
    exporter.stderr?.resume();
    return `http://${address}`;
  }
  throw new Error(`it ended instead of listening:\n${said}`);
}

async function measureBareNode(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await sleep(1_000);
  const rss = memory(child, 'VmRSS');
  await end(child);
  return rss;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** MiB, as the kernel tells. */
function memory({ pid }: ChildProcess, field: 'VmRSS' | 'VmHWM'): number {
  const [, kibibytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return round(Number(kibibytes) / 1024, 1);
}

/** In user and system mode, from fields 14 and 15 of proc(5)'s stat, at 100 ticks a second. */
function cpuSeconds({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
