/**
 * The process that is measured: holds one contender and serves it. Its parent asks for one thing at a time over the IPC
 * channel and reads the scrapes.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Contender, type ContenderName, makeContender, STEP } from './contenders.ts';
import { makeWorkload } from './workload.ts';

export interface SubjectArguments {
  readonly contender: ContenderName;
  readonly series: number;
  readonly labels: number;
}

/**
 * `render`: collect and render alone. `scrape`: the next request. `block`: the next request, watching the event loop.
 * `memory`: the next request, from a heap without garbage. Only there: a forced collection throws optimised code away.
 */
export type Order =
  | { readonly kind: 'render' | 'scrape' | 'block' | 'memory' }
  | { readonly kind: 'idle'; readonly ms: number };

/** What was measured; times in milliseconds. */
export interface Measurement {
  readonly cpu: number;
  readonly bytes: number;
  /** How long each turn of the event loop took. */
  readonly turns: readonly number[];
}

const { contender: name, series, labels } = JSON.parse(process.argv[2] as string) as SubjectArguments;
const contender: Contender = await makeContender(name, makeWorkload(series, labels));
let scrape = 0;
let watch = false;

const server = createServer((request, response) => {
  scrapeOnce(request, response).catch(fail);
});

async function scrapeOnce(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const stop = watch ? watchTurns() : () => [];
  const began = process.cpuUsage();
  response.once('finish', () => report(began, response, stop()));
  scrape++;
  // Who watches the event loop is shown what rendering does to it, not that this program changes all values at once.
  if (watch) await updateInSteps();
  else contender.update(scrape, 0, series);
  await contender.serve(request, response);
}

async function updateInSteps(): Promise<void> {
  for (let from = 0; from < series; from += STEP) {
    contender.update(scrape, from, Math.min(series, from + STEP));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

process.on('message', (order: Order) => {
  if (order.kind === 'memory') collectGarbage();
  watch = order.kind === 'block';
  if (order.kind === 'render') render().catch(fail);
  else if (order.kind === 'idle') {
    const stop = watchTurns();
    setTimeout(() => process.send?.({ cpu: 0, bytes: 0, turns: stop() } satisfies Measurement), order.ms);
  } else process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit(0));

contender.update(scrape, 0, series);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

async function render(): Promise<void> {
  const began = process.cpuUsage();
  contender.update(++scrape, 0, series);
  const bytes = await contender.render();
  process.send?.({ cpu: cpuSince(began), bytes, turns: [] } satisfies Measurement);
}

function report(began: NodeJS.CpuUsage, response: ServerResponse, turns: number[]): void {
  process.send?.({ cpu: cpuSince(began), bytes: response.socket?.bytesWritten ?? 0, turns } satisfies Measurement);
}

function cpuSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

/** Takes the time at every turn of the event loop; what lies between two of them kept everything else waiting. */
function watchTurns(): () => number[] {
  const turns: number[] = [];
  let last = performance.now();
  let watching = true;
  const turn = (): void => {
    const now = performance.now();
    turns.push(now - last);
    last = now;
    if (watching) setImmediate(turn);
  };
  setImmediate(turn);
  return () => {
    watching = false;
    turns.push(performance.now() - last);
    return turns;
  };
}

function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

function fail(error: unknown): void {
  process.stderr.write(`${error}\n`);
  process.exit(1);
}
