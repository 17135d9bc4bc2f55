import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  BufferPool,
  type Collector,
  defineMetric,
  encode,
  type Family,
  type Metric,
  type Privacy,
  Registry,
  type Sample,
  type Series,
  SeriesSet,
  sendExposition,
  systemClock,
  TEXT_0_0_4,
  writePieces,
} from '@media-exporter/metrics';
import { valueAt, type Workload } from './workload.ts';

/** One way to hold series and to serve a scrape. */
export interface Contender {
  /** Changes the values of the series from one index up to another. */
  update(scrape: number, from: number, to: number): void;
  /** Collects and renders, and throws the result away; gives its size. */
  render(): Promise<number>;
  /** Answers a scrape over HTTP. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** So many values are changed, or samples made, between two turns of the event loop. */
export const STEP = 2000;

export type ContenderName = 'handles' | 'fresh' | 'prom-client' | '@prometheus-io/client';

export async function makeContender(name: ContenderName, workload: Workload): Promise<Contender> {
  if (name === 'handles') return handles(workload);
  if (name === 'fresh') return fresh(workload);
  return peer(name, workload);
}

function metricsOf({ families, labelNames }: Workload): Metric[] {
  const labels = Object.fromEntries(labelNames.map((label): [string, Privacy] => [label, 'public']));
  return families.map((name) => defineMetric({ name, type: 'counter', help: 'Bytes of a stream.', labels }));
}

function handles(workload: Workload): Contender {
  const sets = metricsOf(workload).map((metric) => new SeriesSet(metric));
  const series: Series[] = workload.labels.map((values, i) =>
    (sets[i % sets.length] as SeriesSet).addValues(values, valueAt(i, 0)),
  );
  return ours(
    () => sets.map((set): Family => ({ metric: set.metric, samples: set })),
    (scrape, from, to) => {
      for (let i = from; i < to; i++) (series[i] as Series).set(valueAt(i, scrape));
    },
  );
}

function fresh(workload: Workload): Contender {
  const metrics = metricsOf(workload);
  let now = 0;
  // In steps, as whoever makes a million samples in one process should.
  const collect = async (): Promise<Family[]> => {
    const lists: Sample[][] = metrics.map(() => []);
    for (let i = 0; i < workload.labels.length; i++) {
      // Label values are kept from scrape to scrape, as the peers' label objects are.
      lists[i % lists.length]?.push({ labels: workload.labels[i] as readonly string[], value: valueAt(i, now) });
      if (i % STEP === STEP - 1) await turn();
    }
    return metrics.map((metric, i) => ({ metric, samples: lists[i] as Sample[] }));
  };
  return ours(collect, (scrape) => {
    now = scrape;
  });
}

function ours(collect: Collector['collect'], update: Contender['update']): Contender {
  const registry = new Registry({ seriesBudget: Number.POSITIVE_INFINITY });
  registry.register({ name: 'bench', catalogue: [], collect });
  return {
    update,
    async render() {
      const sink = new Sink();
      const pool = new BufferPool();
      const { families } = await registry.gather();
      await writePieces(encode(families, TEXT_0_0_4, pool), sink, pool, systemClock);
      return sink.bytes;
    },
    async serve(request, response) {
      await sendExposition(await registry.gather(), request, response);
    },
  };
}

/** Takes everything at once, so that only the work of rendering is left. */
class Sink extends Writable {
  bytes = 0;

  override _write(piece: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.bytes += piece.length;
    done();
  }
}

const compress = promisify(gzip);

async function peer(name: 'prom-client' | '@prometheus-io/client', workload: Workload): Promise<Contender> {
  const client = (await (name === 'prom-client'
    ? import('prom-client')
    : import('@prometheus-io/client'))) as typeof import('prom-client');
  const register = new client.Registry();
  // Their counters cannot be set, so gauges stand for them; both are rendered by the same code.
  const gauges = workload.families.map(
    (family) =>
      new client.Gauge({
        name: family,
        help: 'Bytes of a stream.',
        labelNames: workload.labelNames,
        registers: [register],
      }),
  );
  // Label objects are made once: the cheapest that their interface allows.
  const labels = workload.labels.map((values) =>
    Object.fromEntries(workload.labelNames.map((label, i) => [label, values[i] as string])),
  );
  return {
    update(scrape, from, to) {
      for (let i = from; i < to; i++) {
        gauges[i % gauges.length]?.set(labels[i] as Record<string, string>, valueAt(i, scrape));
      }
    },
    async render() {
      return Buffer.byteLength(await register.metrics());
    },
    async serve(request, response) {
      const text = await register.metrics();
      response.setHeader('content-type', register.contentType);
      if (request.headers['accept-encoding'] === 'gzip') {
        response.setHeader('content-encoding', 'gzip');
        response.end(await compress(text, { level: 1 }));
      } else response.end(text);
    },
  };
}
