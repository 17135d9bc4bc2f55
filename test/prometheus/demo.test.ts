import { join } from 'node:path';
import { parseOpenMetrics, parseText } from '@media-exporter/metrics/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningProcess, startProcess } from '../support/process.ts';
import { EVENTUALLY, type RunningPrometheus, SCRAPE_PROTOCOLS, startPrometheus } from '../support/prometheus.ts';
import { describeWith } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { seedComplaints, unifiedComplaints } from './golden.ts';
import { checkMetrics } from './promtool.ts';

const START = join(import.meta.dirname, '../../scripts/start.mjs');

describeWith(['prometheus', 'promtool'], 'the demo', ({ prometheus, promtool }) => {
  let daemon: RunningProcess;
  let target: string;

  beforeAll(async () => {
    const args = ['--conditions=@media-exporter/source', START, '--demo', '--web.listen-address=127.0.0.1:0'];
    daemon = startProcess(process.execPath, args);
    const [, address = ''] = await daemon.said(/http:\/\/(127\.0\.0\.1:[1-9]\d*)/);
    target = address;
    await until(async () => (/^mediasoup_producers\{/m.test(await scrape('text/plain')) ? true : undefined), {
      what: 'a producer in the demo',
    });
  });
  afterAll(() => daemon?.stop());

  async function scrape(accept: string): Promise<string> {
    const response = await fetch(`http://${target}/metrics`, { headers: { accept } });
    expect(response.status).toBe(200);
    return response.text();
  }

  test('serves text and OpenMetrics that strict parsers read', async () => {
    expect(parseText(await scrape('text/plain;version=0.0.4')).length).toBeGreaterThan(20);
    expect(parseOpenMetrics(await scrape('application/openmetrics-text;version=1.0.0')).length).toBeGreaterThan(20);
  });

  test('gives promtool nothing to complain of but the names of the seeds', async () => {
    const { status, complaints } = checkMetrics(promtool, await scrape('text/plain;version=0.0.4'));
    expect([0, 3]).toContain(status);
    const known = [...seedComplaints(), ...unifiedComplaints()];
    expect(complaints.filter((complaint) => !known.includes(complaint))).toEqual([]);
  });

  describe('scraped by a real Prometheus', () => {
    let running: RunningPrometheus;
    beforeAll(async () => {
      running = await startPrometheus(
        prometheus,
        SCRAPE_PROTOCOLS.map((protocol) => ({
          job_name: protocol,
          scrape_protocols: [protocol],
          static_configs: [{ targets: [target] }],
        })),
      );
    });
    afterAll(() => running?.stop());

    test.each(SCRAPE_PROTOCOLS)('loses no sample over %s', async (protocol) => {
      await running.scraped(protocol, 2);
      const lost = async (): Promise<unknown> => {
        const selector = `{job="${protocol}"}`;
        const [answer] = await running.query(
          `scrape_samples_scraped${selector} - scrape_samples_post_metric_relabeling${selector} and up${selector} == 1`,
        );
        return answer?.value?.[1];
      };
      await expect.poll(lost, EVENTUALLY).toBe('0');
      const names = async (): Promise<(string | undefined)[]> =>
        (await running.query(`group by (__name__) ({job="${protocol}"})`)).map(({ metric }) => metric.__name__);
      const some = ['mediasoup_producers', 'media_exporter_source_up', 'up'];
      await expect.poll(names, EVENTUALLY).toEqual(expect.arrayContaining(some));
      const duplicates = await running.query(
        'prometheus_target_scrapes_sample_duplicate_timestamp_total + prometheus_target_scrapes_sample_out_of_order_total > 0',
      );
      expect(duplicates).toEqual([]);
    });
  });
});
