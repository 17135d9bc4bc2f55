import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedPlex } from '@media-exporter/simulators/plex';
import { DrivenProcess } from '../../test/support/driven/process.ts';
import type { BenchOptions } from '../benchmark.ts';
import { quantile, round } from '../result.ts';

/** `none` serves its process only, so that what driving costs is known. */
const CONTENDERS = ['ours', 'plain', 'none'] as const;
type Contender = (typeof CONTENDERS)[number];

const LOADS = { idle: 0, busy: 40 } as const;
type Load = keyof typeof LOADS;

/** Seconds between two scrapes. */
const SCRAPE_INTERVAL = 15;
const TOKEN = 'a-token-of-the-benchmark';
const MEGABYTE = 1024 ** 2;

/** What one contender took for one simulated hour. */
interface Row {
  readonly rssMegabytes: number;
  /** Of the processor, over the hour, driving and scrapes included. */
  readonly cpuSeconds: number;
  readonly requestsPerMinute: number;
  readonly scrape: { readonly p50: number; readonly p99: number; readonly bytes: number };
}

/**
 * What watching a simulated Plex server costs over an idle and over a busy hour of its clock: ours, as the drop-in, beside
 * the plain way, which asks for everything every five seconds. Each is a process of its own; all are driven by one clock.
 */
export async function run(options: BenchOptions): Promise<object> {
  const seconds = options.quick ? 300 : 3600;
  const rows: Record<Load, Record<Contender, Row>> = { idle: {}, busy: {} } as never;
  for (const load of Object.keys(LOADS) as Load[]) {
    for (const contender of CONTENDERS) {
      rows[load][contender] = await measure(contender, LOADS[load], seconds);
      options.progress(`${load}, ${contender}: ${JSON.stringify(rows[load][contender])}`);
    }
  }
  return {
    simulatedSeconds: seconds,
    scrapeInterval: SCRAPE_INTERVAL,
    sessions: LOADS.busy,
    ...rows,
    ratios: { idle: compare(rows.idle), busy: compare(rows.busy) },
  };
}

async function measure(contender: Contender, sessions: number, seconds: number): Promise<Row> {
  const clock = new ManualClock();
  const plex = new SimulatedPlex({ clock, token: TOKEN });
  await plex.listen();
  const state = await mkdtemp(join(tmpdir(), 'media-exporter-bench-'));
  const exporter = await start(contender, plex.url, state, clock.date());
  const step = async (): Promise<void> => {
    clock.advance(1000);
    await plex.notifications.settled();
    await exporter.advance(1000);
  };
  try {
    watch(plex, sessions);
    for (let second = 0; second < 120; second += 1) await step();
    plex.requests.clear();
    const before = await exporter.usage();
    const times: number[] = [];
    let bytes = 0;
    for (let second = 0; second < seconds; second += 1) {
      await step();
      if (second % SCRAPE_INTERVAL !== 0) continue;
      const began = performance.now();
      bytes = (await exporter.scrape()).length;
      times.push(performance.now() - began);
    }
    const after = await exporter.usage();
    return {
      rssMegabytes: round(after.rss / MEGABYTE, 1),
      cpuSeconds: round((after.user + after.system - before.user - before.system) / 1e6),
      requestsPerMinute: round(plex.requests.count() / (seconds / 60)),
      scrape: { p50: round(quantile(times, 0.5)), p99: round(quantile(times, 0.99)), bytes },
    };
  } finally {
    await exporter.kill();
    await plex.close();
    await rm(state, { recursive: true, force: true });
  }
}

function start(contender: Contender, url: string, state: string, date: number): Promise<DrivenProcess> {
  const env = { PLEX_SERVER: url, PLEX_TOKEN: TOKEN };
  if (contender === 'ours') {
    return DrivenProcess.start(['plex', '--web.listen-address', '127.0.0.1:0', '--state.dir', state], env, date);
  }
  const args = contender === 'none' ? ['idle'] : [];
  return DrivenProcess.start(args, env, date, new URL('plain.ts', import.meta.url));
}

/** Each player plays one thing after the other; some encode, and every tenth minute somebody pauses for a while. */
function watch(plex: SimulatedPlex, sessions: number): void {
  const items = ['1001', '1002', '1003', '2001', '2002', '3001'];
  for (let index = 0; index < sessions; index += 1) {
    const begin = (turn: number): void => {
      const session = plex.play({
        item: items[(index + turn) % items.length] ?? '1001',
        user: plex.accounts[index % plex.accounts.length]?.name ?? '',
        player: plex.players[index % plex.players.length]?.title ?? '',
        location: index % 3 === 0 ? 'wan' : 'lan',
        ...(index % 2 === 0 ? { transcode: { bitrateKbps: 4000 } } : {}),
      });
      plex.after((120 + index) * 1000, () => !session.ended && session.pause());
      plex.after((150 + index) * 1000, () => !session.ended && session.resume());
      plex.after((600 + 10 * index) * 1000, () => {
        session.stop();
        begin(turn + 1);
      });
    };
    plex.after(index * 500, () => begin(0));
  }
}

function compare({ ours, plain, none }: Record<Contender, Row>): object {
  return {
    requestsPlainOverOurs: round(plain.requestsPerMinute / ours.requestsPerMinute),
    cpuOursOverPlain: round((ours.cpuSeconds - none.cpuSeconds) / (plain.cpuSeconds - none.cpuSeconds)),
    rssOursOverPlain: round(ours.rssMegabytes / plain.rssMegabytes),
    scrapeP50OursOverPlain: round(ours.scrape.p50 / plain.scrape.p50),
  };
}
