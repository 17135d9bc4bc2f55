import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { median, quantile, round } from '../result.ts';
import type { Measurement, Order, SubjectArguments } from './subject.ts';

/** One row of the result. Times in milliseconds, sizes in bytes. */
export interface Row {
  readonly contender: string;
  readonly series: number;
  readonly labels: number;
  readonly encoding: 'plain' | 'gzip';
  readonly scrapes: number;
  /** Median CPU time of changing every value, collecting and rendering, without a socket; plain only. */
  readonly renderCpuMs?: number;
  /** Median CPU time of the whole scrape over HTTP, all threads of the process. */
  readonly scrapeCpuMs: number;
  /** Of all turns of the event loop in which something was done. */
  readonly longestBlockMs: number;
  readonly p999BlockMs: number;
  /** The longest turn of the process when it does nothing. */
  readonly idleLongestBlockMs: number;
  readonly bytes: number;
  /** Peak resident memory during a scrape over that right before it. */
  readonly rssGrowthBytes: number;
}

export interface FailedRow {
  readonly contender: string;
  readonly series: number;
  readonly labels: number;
  readonly encoding: 'plain' | 'gzip';
  readonly failed: string;
}

const IDLE_MS = 1000;
const WARM_UP = 3;
const MEMORY_SCRAPES = 2;
/** A shorter turn of the event loop was idle, and would only thin the others out. */
const BLOCK_MS = 0.05;

/** Measures a contender in a process of its own, plain and compressed. A process that dies is a result. */
export async function measure(
  subject: SubjectArguments,
  scrapes: number,
  heapMegabytes: number,
  encodings: readonly Row['encoding'][],
): Promise<(Row | FailedRow)[]> {
  const { contender, series, labels } = subject;
  const child = fork(new URL('subject.ts', import.meta.url), [JSON.stringify(subject)], {
    execArgv: [...process.execArgv, '--expose-gc', `--max-old-space-size=${heapMegabytes}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const rows: (Row | FailedRow)[] = [];
  let encoding: Row['encoding'] = 'plain';
  try {
    const { port } = (await reply(child)) as { port: number };
    for (encoding of encodings) rows.push(await measureEncoding(child, port, subject, scrapes, encoding));
  } catch (error) {
    rows.push({ contender, series, labels, encoding, failed: String((error as Error).message) });
  } finally {
    if (child.connected) child.disconnect();
    else child.kill('SIGKILL');
  }
  return rows;
}

async function measureEncoding(
  child: ChildProcess,
  port: number,
  { contender, series, labels }: SubjectArguments,
  scrapes: number,
  encoding: Row['encoding'],
): Promise<Row> {
  const ask = async (order: Order): Promise<Measurement> => {
    child.send(order);
    return (await reply(child)) as Measurement;
  };
  const scrape = async (
    kind: 'scrape' | 'block' | 'memory',
  ): Promise<Measurement & { growth: number; received: number }> => {
    await ask({ kind });
    const before = await residentBytes(child);
    const measured = reply(child) as Promise<Measurement>;
    // A process that dies in the middle is told of by the request that it leaves unanswered.
    measured.catch(() => {});
    const sampler = samplePeak(child);
    const received = await fetchAll(port, encoding);
    const peak = await sampler.stop();
    return { ...(await measured), growth: Math.max(0, peak - before), received };
  };
  const renders: Measurement[] = [];
  const whole: Measurement[] = [];
  const watched: Measurement[] = [];
  const growths: number[] = [];
  let bytes = 0;
  if (scrapes === 1) {
    // One scrape has to tell everything.
    const only = await scrape('block');
    whole.push(only);
    watched.push(only);
    growths.push(only.growth);
    bytes = only.received;
  } else {
    // What is measured is the code as it runs for weeks: optimised.
    for (let i = 0; i < WARM_UP; i++) await scrape('block');
    for (let i = 0; i < scrapes; i++) {
      if (encoding === 'plain') renders.push(await ask({ kind: 'render' }));
      whole.push(await scrape('scrape'));
      watched.push(await scrape('block'));
    }
    for (let i = 0; i < Math.min(scrapes, MEMORY_SCRAPES); i++) {
      const { growth, received } = await scrape('memory');
      growths.push(growth);
      bytes = received;
    }
  }
  const idle = await ask({ kind: 'idle', ms: IDLE_MS });
  const turns = watched.flatMap((measurement) => measurement.turns.filter((turn) => turn >= BLOCK_MS));
  return {
    contender,
    series,
    labels,
    encoding,
    scrapes,
    ...(renders.length === 0 ? {} : { renderCpuMs: round(median(renders.map(({ cpu }) => cpu))) }),
    scrapeCpuMs: round(median(whole.map(({ cpu }) => cpu))),
    longestBlockMs: round(Math.max(...watched.map((measurement) => largest(measurement.turns)))),
    p999BlockMs: round(quantile(turns, 0.999)),
    idleLongestBlockMs: round(largest(idle.turns)),
    bytes,
    rssGrowthBytes: Math.max(...growths),
  };
}

function largest(figures: readonly number[]): number {
  return figures.reduce((a, b) => Math.max(a, b), 0);
}

async function reply(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: gone.signal }).then(([message]) => message as unknown),
      once(child, 'exit', { signal: gone.signal }).then(([code, signal]) => {
        throw new Error(`the process ended with ${signal ?? `code ${code}`}`);
      }),
    ]);
  } finally {
    gone.abort();
  }
}

/** Reads a scrape and throws it away; gives its size on the wire. */
function fetchAll(port: number, encoding: Row['encoding']): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = encoding === 'gzip' ? { 'accept-encoding': 'gzip' } : {};
    get({ port, host: '127.0.0.1', headers, agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      response.on('end', () => resolve(bytes));
      response.on('error', reject);
    }).on('error', reject);
  });
}

const SAMPLE_MS = 3;
const PAGE_BYTES = 4096;

function samplePeak(child: ChildProcess): { stop(): Promise<number> } {
  let peak = 0;
  let running = true;
  const loop = (async () => {
    while (running) {
      peak = Math.max(peak, await residentBytes(child));
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  })();
  return {
    async stop() {
      running = false;
      await loop;
      return peak;
    },
  };
}

async function residentBytes(child: ChildProcess): Promise<number> {
  const statm = await readFile(`/proc/${child.pid}/statm`, 'utf8').catch(() => '');
  return Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
}
