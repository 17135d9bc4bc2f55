import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { findTool } from '../../test/support/tools.ts';
import type { BenchOptions } from '../benchmark.ts';
import { median, round } from '../result.ts';
import { watchLoop } from './loop.ts';
import type { FromStream, Latencies, ToStream } from './messages.ts';
import { observeAll, registryOf, scrapeOurs } from './ours.ts';
import { scrapePlainly } from './plain.ts';
import { PAYLOAD_TYPE, SSRC, startBenchSfu } from './sfu.ts';

const MODES = ['none', 'ours', 'plain'] as const;
type Mode = (typeof MODES)[number];

/** One mode for some seconds. */
interface Window {
  readonly latencies: Latencies;
  /** Milliseconds of each poll and render. */
  readonly walls: readonly number[];
  /** The longest block of the event loop in each poll and render, or in an idle stretch as long; milliseconds. */
  readonly blocks: readonly number[];
  readonly bytes: number;
}

/** How long the loop is watched without polling, milliseconds. */
const IDLE = 100;

/**
 * What polling 5,000 consumers on a real worker costs: the polling process, and a stream that the same worker forwards.
 * The three modes take turns, several times, so that a noisy moment hits all of them.
 *
 * @throws Error when there is no mediasoup worker here.
 */
export async function run(options: BenchOptions): Promise<object> {
  // Polled three times as often as by default.
  const { consumers, rounds, seconds, interval } = options.quick
    ? { consumers: 500, rounds: 1, seconds: 1, interval: 0.2 }
    : { consumers: 5_000, rounds: 5, seconds: 10, interval: 5 };
  const worker = findTool('mediasoup-worker');
  if ('missing' in worker) throw new Error(worker.missing);
  process.env.MEDIASOUP_WORKER_BIN = worker.path;
  const mediasoup = await import('mediasoup');
  const observer = observeAll(mediasoup);
  const registry = registryOf(observer);
  const stream = fork(new URL('stream.ts', import.meta.url), { serialization: 'json' });
  const sink = await reply(stream, 'listening');
  const sfu = await startBenchSfu(mediasoup, consumers, sink.port);
  const scrapes: Record<Mode, (() => Promise<number>) | undefined> = {
    none: undefined,
    ours: () => scrapeOurs(observer, registry),
    plain: () => scrapePlainly(sfu.consumers),
  };
  const windows: Record<Mode, Window[]> = { none: [], ours: [], plain: [] };
  try {
    tell(stream, { command: 'send', port: sfu.port, payloadType: PAYLOAD_TYPE, ssrc: SSRC });
    for (const mode of MODES) await measure(scrapes[mode], stream, 1, 0.2);
    for (let number = 0; number < rounds; number += 1) {
      for (let turn = 0; turn < MODES.length; turn += 1) {
        const mode = MODES[(number + turn) % MODES.length] as Mode;
        const window = await measure(scrapes[mode], stream, seconds, interval);
        windows[mode].push(window);
        options.progress(`round ${number + 1} of ${rounds}, ${mode}: p99 ${Math.round(window.latencies.p99)} µs`);
      }
    }
  } finally {
    tell(stream, { command: 'quit' });
    await observer.close();
    sfu.close();
  }
  const rows = Object.fromEntries(MODES.map((mode) => [mode, summarize(windows[mode])]));
  return {
    mediasoup: mediasoup.version,
    consumers,
    rounds,
    secondsPerRound: seconds,
    secondsPerScrape: interval,
    packetsPerSecond: 500,
    modes: rows,
    latencyP99OverNone: ratios(windows),
  };
}

/** Scrapes every `interval` seconds, or as often as it can, while the stream flows. */
async function measure(
  scrape: (() => Promise<number>) | undefined,
  stream: ChildProcess,
  seconds: number,
  interval: number,
): Promise<Window> {
  const walls: number[] = [];
  const blocks: number[] = [];
  let bytes = 0;
  const watch = watchLoop();
  tell(stream, { command: 'begin' });
  const began = performance.now();
  for (let due = began; due < began + seconds * 1000; due += interval * 1000) {
    await sleep(Math.max(0, due - performance.now()));
    watch.take();
    const start = performance.now();
    if (scrape === undefined) await sleep(IDLE);
    else bytes = await scrape();
    const wall = performance.now() - start;
    // The block that ends with the scrape is seen by the next turn of the loop only.
    await sleep(1);
    blocks.push(watch.take());
    if (scrape !== undefined) walls.push(wall);
  }
  await sleep(Math.max(0, began + seconds * 1000 - performance.now()));
  tell(stream, { command: 'end' });
  const { latencies } = await reply(stream, 'latencies');
  watch.stop();
  return { latencies, walls, blocks, bytes };
}

function summarize(windows: readonly Window[]): object {
  const figure = (pick: (latencies: Latencies) => number): number =>
    Math.round(median(windows.map(({ latencies }) => pick(latencies))));
  const walls = windows.flatMap((window) => window.walls);
  const blocks = windows.flatMap((window) => window.blocks);
  return {
    latencyMicroseconds: {
      p50: figure(({ p50 }) => p50),
      p99: figure(({ p99 }) => p99),
      max: figure(({ max }) => max),
    },
    packets: windows.reduce((sum, { latencies }) => sum + latencies.packets, 0),
    loopBlockMilliseconds: { median: round(median(blocks)), max: round(Math.max(...blocks)) },
    ...(walls.length === 0
      ? {}
      : { polls: walls.length, wallMilliseconds: round(median(walls)), bytes: windows.at(-1)?.bytes ?? 0 }),
  };
}

/** The median of the rounds' ratios: each is made of neighbours in time. */
function ratios(windows: Record<Mode, readonly Window[]>): Record<'ours' | 'plain', number> {
  const over = (mode: Mode): number =>
    round(
      median(
        windows[mode].map(
          ({ latencies }, number) => latencies.p99 / (windows.none[number]?.latencies.p99 ?? Number.NaN),
        ),
      ),
    );
  return { ours: over('ours'), plain: over('plain') };
}

function tell(stream: ChildProcess, message: ToStream): void {
  if (stream.connected) stream.send(message);
}

async function reply<E extends FromStream['event']>(
  stream: ChildProcess,
  event: E,
): Promise<Extract<FromStream, { event: E }>> {
  for (;;) {
    const [message] = (await once(stream, 'message')) as [FromStream];
    if (message.event === event) return message as Extract<FromStream, { event: E }>;
  }
}
