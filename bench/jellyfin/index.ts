import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../benchmark.ts';
import { quantile, round } from '../result.ts';
import { bareNodeMemory, build, Exporter, end } from './exporter.ts';

const FIXTURES = join(import.meta.dirname, '../../../shared/fixtures/jellyfin');

/** Seconds between two scrapes. */
const SCRAPE_INTERVAL = 15;

/** Seconds from the start to the first measurement: what is asked once an hour is asked in the first minute. */
const WARM_UP = 60;

/** A walk that has not ended by then, in seconds, will not. */
const LONGEST_WALK = 1_800;

const LOADS = ['idle', 'busy', 'tape', 'sessions', 'walk'] as const;
type Load = (typeof LOADS)[number];

interface Row {
  /** Of the exporter at the end, and at most; MiB. */
  readonly rssMebibytes: number;
  readonly rssPeakMebibytes: number;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly requestsPerMinute: number;
  readonly scrape: { readonly p50: number; readonly p99: number; readonly bytes: number };
  /** How long the walk of the library took, where there was one, in seconds. */
  readonly walkSeconds?: number;
}

/**
 * What the drop-in for Jellyfin takes at a scrape every 15 seconds, as it is published and in real time. With its default
 * collectors: beside an idle simulated server, beside one on which 20 people play, and beside the recorded evening, where
 * that lies beside the repository. What is large: a list of sessions of 7 MB, and the walk of a library of 100,000 items,
 * which are told over the idle one. A bare Node.js in the same run tells what the runtime itself takes.
 */
export async function run({ quick, progress }: BenchOptions): Promise<object> {
  progress('building');
  build();
  const seconds = quick ? 30 : 180;
  // What takes memory after minutes only must show with what most people have.
  const long = quick ? 30 : 330;
  const items = quick ? 10_000 : 100_000;
  const rows: Partial<Record<Load, Row>> = {};
  for (const load of LOADS) {
    if (load === 'tape' && !existsSync(FIXTURES)) continue;
    rows[load] = await measure(load, load === 'idle' || load === 'tape' ? long : seconds, items);
    progress(`${load}: ${JSON.stringify(rows[load])}`);
  }
  const overIdle = (row: Row | undefined): number =>
    round((row?.rssPeakMebibytes ?? Number.NaN) - (rows.idle?.rssPeakMebibytes ?? Number.NaN), 1);
  return {
    seconds: { idle: long, busy: seconds, tape: long, sessions: seconds, walk: seconds },
    scrapeInterval: SCRAPE_INTERVAL,
    walkedItems: items,
    bareNodeRssMebibytes: await bareNodeMemory(),
    peakOverIdleMebibytes: { sessions: overIdle(rows.sessions), walk: overIdle(rows.walk) },
    ...rows,
  };
}

async function measure(load: Load, seconds: number, items: number): Promise<Row> {
  const server = await startServer(load, items);
  const began = performance.now();
  const exporter = await Exporter.start(server, load === 'walk' ? ['--collector.library_walk'] : []);
  try {
    await sleep(WARM_UP * 1000);
    const before = { cpu: exporter.cpuSeconds(), requests: await server.requests(), at: performance.now() };
    const times: number[] = [];
    let text = '';
    let walked: number | undefined;
    const done = (): boolean => times.length * SCRAPE_INTERVAL >= seconds && (load !== 'walk' || walked !== undefined);
    while (!done()) {
      const asked = performance.now();
      text = await exporter.scrape();
      times.push(performance.now() - asked);
      if (/^jellyfin_library_walk_timestamp_seconds/m.test(text)) walked ??= (performance.now() - began) / 1000;
      if (times.length * SCRAPE_INTERVAL > LONGEST_WALK) throw new Error('the walk does not end');
      await sleep(SCRAPE_INTERVAL * 1000);
    }
    const passed = (performance.now() - before.at) / 1000;
    return {
      rssMebibytes: exporter.memory('VmRSS'),
      rssPeakMebibytes: exporter.memory('VmHWM'),
      cpuPercent: round((100 * (exporter.cpuSeconds() - before.cpu)) / passed),
      requestsPerMinute: round(((await server.requests()) - before.requests) / (passed / 60)),
      scrape: { p50: round(quantile(times, 0.5)), p99: round(quantile(times, 0.99)), bytes: text.length },
      ...(walked === undefined ? {} : { walkSeconds: Math.round(walked) }),
    };
  } finally {
    await exporter.stop();
    await server.close();
  }
}

interface Server {
  readonly url: string;
  readonly token: string;
  requests(): Promise<number>;
  close(): Promise<void>;
}

/** The server is a process of its own, so that it does not share the exporter's processor time in the figures. */
async function startServer(load: Load, items: number): Promise<Server> {
  const child = fork(new URL('server.ts', import.meta.url), [load, String(items)], {
    execArgv: ['--conditions=@media-exporter/source'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const died = once(child, 'exit').then(() => {
    throw new Error('the server has ended');
  });
  died.catch(() => {});
  const told = async <T>(): Promise<T> => ((await Promise.race([once(child, 'message'), died])) as [T])[0];
  const { url, token } = await told<{ url: string; token: string }>();
  return {
    url,
    token,
    async requests() {
      child.send('requests');
      return told<number>();
    },
    close: () => end(child),
  };
}
