import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningProcess, startProcess } from '../support/process.ts';
import { type RunningPrometheus, type ScrapeProtocol, startPrometheus } from '../support/prometheus.ts';
import { describeWith, skipWithout } from '../support/tools.ts';
import { until } from '../support/until.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const CHECK = join(REPOSITORY, '../shared/contract/check.mjs');
const SOURCE = '--conditions=@media-exporter/source';
const SEED = [
  'Ejtimaa_rooms',
  'Ejtimaa_peers',
  'mediasoup_consumer_byte_count_bytes',
  'mediasoup_consumer_score',
  'mediasoup_producer_byte_count_bytes',
  'mediasoup_producer_score',
];

describeWith(
  ['mediasoup-worker', 'prometheus'],
  'the example SFU and the drop-in that reads it',
  ({ 'mediasoup-worker': worker, prometheus }) => {
    let folder: string;
    let sfu: RunningProcess;
    let dropIn: RunningProcess;
    /** Where each is scraped. */
    const targets = { sfu: '', 'drop-in': '' };

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sfu-test-'));
      const socket = join(folder, 'sfu.sock');
      const example = [join(REPOSITORY, 'examples/sfu/main.ts'), '--port', '0', '--socket', socket];
      sfu = startProcess(process.execPath, [SOURCE, ...example], { env: { ...process.env, ...worker.env } });
      targets.sfu = (await sfu.said(/http:\/\/(\S+)\/metrics/))[1] ?? '';

      const cli = [join(REPOSITORY, 'packages/exporter/src/cli/main.ts'), 'mediasoup'];
      const flags = ['--mediasoup.url', `unix:${socket}`, '--web.listen-address', '127.0.0.1:0'];
      dropIn = startProcess(process.execPath, [SOURCE, ...cli, ...flags]);
      targets['drop-in'] = (await dropIn.said(/msg=listening address=(\S+)/))[1] ?? '';
      // Every stream of five peers was heard: two producers each, and two consumers for each of the others.
      for (const target of Object.values(targets)) {
        await until(
          async () => {
            const samples = (await scrape(target)).filter((sample) => sample.includes('_byte_count_bytes{'));
            return samples.length === 2 * (3 + 2) + 2 * (3 * 2 + 2 * 1) ? true : undefined;
          },
          { what: `all streams at ${target}` },
        );
      }
    });
    afterAll(async () => {
      await Promise.all([dropIn?.stop(), sfu?.stop()]);
      rmSync(folder, { recursive: true, force: true });
    });

    test('the drop-in serves the six metrics of the original at its root too', async () => {
      const root = await (await fetch(`http://${targets['drop-in']}/`)).text();
      expect(new Set(root.match(/^# TYPE (\S+)/gm)?.map((line) => line.slice(7)))).toEqual(new Set(SEED));
    });

    test('streams carry the names, rooms and addresses that the app knows', async () => {
      const sample = (await scrape(targets['drop-in'])).find((line) => line.includes('display_name="Host"'));
      for (const label of ['room_id="workshop"', 'peer_id="workshop-1"', 'proto="udp"', 'remote_addr="127.0.0.1:']) {
        expect(sample).toContain(label);
      }
    });

    skipWithout(existsSync(CHECK) ? undefined : 'the contract is not beside this repository', 'the contract', () => {
      test.each(['sfu', 'drop-in'] as const)('is kept by the %s', (name) => {
        const check = spawnSync(process.execPath, [CHECK, 'mediasoup', `http://${targets[name]}/metrics`]);
        expect(check.stdout.toString()).toContain('6 of 6 metrics found, 0 faults');
        expect(check.status).toBe(0);
      });
    });

    describe('scraped by a real Prometheus', () => {
      const protocols: readonly ScrapeProtocol[] = ['PrometheusText0.0.4', 'OpenMetricsText1.0.0'];
      const jobs = (['sfu', 'drop-in'] as const).flatMap((name) =>
        protocols.map((protocol) => ({ name, protocol, job: `${name} ${protocol}` })),
      );
      let running: RunningPrometheus;
      beforeAll(async () => {
        running = await startPrometheus(
          prometheus,
          jobs.map(({ job, name, protocol }) => ({
            job_name: job,
            scrape_interval: '1s',
            scrape_timeout: '1s',
            scrape_protocols: [protocol],
            static_configs: [{ targets: [targets[name]] }],
          })),
        );
      });
      afterAll(() => running?.stop());

      test.each(jobs)('every sample of the $name is stored over $protocol', async ({ job, name }) => {
        await running.scraped(job, 2);
        const exposed = (await scrape(targets[name])).map(seriesOf);
        expect(exposed.length).toBeGreaterThan(50);
        await until(
          async () => {
            const stored = (await running.query(`{job="${job}"}`)).map(({ metric }) => storedSeries(metric));
            expect(stored).toEqual(expect.arrayContaining(exposed));
            return true;
          },
          { what: 'all samples in Prometheus' },
        );
      });
    });

    test('the SFU ends on SIGTERM, and so does its worker', async () => {
      const pid = Number(/worker process (\d+)/.exec(sfu.output)?.[1]);
      expect(await sfu.stop()).toEqual({ code: 0, signal: null });
      await until(() => (isRunning(pid) ? undefined : true), { what: 'the end of the worker' });
      expect(existsSync(join(folder, 'sfu.sock'))).toBe(false);
    });
  },
);

/** The lines of an exposition that are samples. */
async function scrape(target: string): Promise<string[]> {
  const text = await (await fetch(`http://${target}/metrics`, { headers: { accept: 'text/plain' } })).text();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** A sample line as `name{labels}`; without bucket bounds, which Prometheus writes its own way. */
function seriesOf(line: string): string {
  const [, name = '', labels = ''] = /^([^{ ]+)(?:\{(.*)\})? /.exec(line) ?? [];
  return describeSeries(
    name,
    [...labels.matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value]),
  );
}

function storedSeries({ __name__ = '', ...labels }: Readonly<Record<string, string>>): string {
  return describeSeries(__name__, Object.entries(labels));
}

function describeSeries(name: string, labels: readonly (readonly (string | undefined)[])[]): string {
  const own = labels.filter(([key, value]) => value !== '' && !['le', 'job', 'instance'].includes(key ?? ''));
  return `${name} ${own.map(([key, value]) => `${key}=${value}`).sort()}`;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
