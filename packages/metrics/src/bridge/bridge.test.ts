import * as prometheusIo from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { describe, expect, it } from 'vitest';
import { OPENMETRICS_1_0_0, TEXT_0_0_4 } from '../encode/format.ts';
import { renderText } from '../encode/index.ts';
import { type Collector, family } from '../family.ts';
import { defineMetric } from '../metric.ts';
import { Registry } from '../registry.ts';
import { parseOpenMetrics, parseText } from '../testing/parse-text.ts';
import { fromPromClient } from './from-prom-client.ts';
import { toPromClient } from './to-prom-client.ts';

const CLIENTS = [
  ['prom-client', promClient],
  ['@prometheus-io/client', prometheusIo as unknown as typeof promClient],
] as const;

function fill(client: typeof promClient, registry: promClient.Registry): void {
  const registers = [registry];
  const jobs = new client.Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['outcome'], registers });
  jobs.inc({ outcome: 'ok "1"\\\n' }, 3);
  jobs.inc({ outcome: 'bad' });
  new client.Gauge({ name: 'rooms', help: 'Rooms.', registers }).set(-1.5);
  const seconds = new client.Histogram({
    name: 'job_seconds',
    help: 'Time.',
    labelNames: ['job'],
    buckets: [1, 5],
    registers,
  });
  for (const value of [0.5, 2, 9]) seconds.observe({ job: 'scan' }, value);
  const quantiles = new client.Summary({ name: 'size_bytes', help: 'Size.', percentiles: [0.5], registers });
  quantiles.observe(7);
}

function collector(): Collector {
  const bytes = defineMetric({ name: 'stream_bytes_total', type: 'counter', help: 'Bytes.', labels: { id: 'public' } });
  const info = defineMetric({ name: 'sfu_info', type: 'info', help: 'Info.', labels: { version: 'public' } });
  const time = defineMetric({ name: 'poll_seconds', type: 'histogram', help: 'Time.' });
  return {
    name: 'sfu',
    catalogue: [bytes, info, time],
    collect: () => [
      family(bytes, [[{ id: 'a' }, 5]]),
      family(info, [[{ version: '3.8.4' }, 1]]),
      family(time, { count: 3, sum: 2.5, buckets: [{ upperBound: 0.5, count: 1 }] }),
    ],
  };
}

describe.each(CLIENTS)('bridges to %s', (_name, client) => {
  it('serve their registry as they would', async () => {
    const theirs = new client.Registry();
    fill(client, theirs);
    const ours = new Registry({ duplicates: 'throw' });
    ours.register(fromPromClient(theirs));
    const { families } = await ours.gather();
    const expected = parseText(await theirs.metrics());
    // Control characters are cleaned from label values on the way.
    const cleaned = JSON.parse(JSON.stringify(expected).replaceAll('\\\\\\n', '\\\\ '));
    expect(parseText(renderText(families, TEXT_0_0_4))).toEqual(cleaned);
  });

  it('keep the names of their OpenMetrics registry', async () => {
    const theirs = new client.Registry();
    (theirs as promClient.Registry<promClient.RegistryContentType>).setContentType(client.openMetricsContentType);
    fill(client, theirs);
    const expected = parseOpenMetrics(await theirs.metrics());
    const ours = new Registry();
    ours.register(fromPromClient(theirs));
    const names = parseOpenMetrics(renderText((await ours.gather()).families, OPENMETRICS_1_0_0)).map(
      ({ name }) => name,
    );
    expect(names).toEqual(expected.map(({ name }) => name));
  });

  it('register our collectors in theirs, collected once for each of their scrapes', async () => {
    const theirs = new client.Registry();
    const sfu = collector();
    let runs = 0;
    const counted: Collector = {
      ...sfu,
      collect(signal) {
        runs++;
        return sfu.collect(signal);
      },
    };
    const unregister = toPromClient(counted, theirs);
    const text = await theirs.metrics();
    expect(runs).toBe(1);
    const ours = new Registry();
    ours.register(sfu);
    expect(parseText(`${text.trimEnd()}\n`)).toEqual(parseText(renderText((await ours.gather()).families)));
    unregister();
    expect((await theirs.metrics()).trim()).toBe('');
  });

  it('let their scrape fail as their own collectors do when ours fails', async () => {
    const theirs = new client.Registry();
    const failing: Collector = { ...collector(), collect: () => Promise.reject(new Error('boom')) };
    toPromClient(failing, theirs);
    await expect(theirs.metrics()).rejects.toThrow('boom');
  });
});
