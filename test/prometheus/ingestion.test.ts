import type { Family } from '@media-exporter/metrics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FamilyServer, serveFamilies } from '../support/families.ts';
import { EVENTUALLY, type RunningPrometheus, SCRAPE_PROTOCOLS, startPrometheus } from '../support/prometheus.ts';
import { describeWith } from '../support/tools.ts';
import { gatherRichFamilies } from './rich-families.ts';
import { expectedSeries, type Stored, storedSeries } from './stored.ts';

const WIRE: Record<string, RegExp> = {
  PrometheusProto: /^application\/vnd\.google\.protobuf;/,
  'OpenMetricsText1.0.0': /^application\/openmetrics-text; version=1\.0\.0;/,
  'OpenMetricsText0.0.1': /^application\/openmetrics-text; version=0\.0\.1;/,
  'PrometheusText1.0.0': /^text\/plain; version=1\.0\.0;/,
  'PrometheusText0.0.4': /^text\/plain; version=0\.0\.4;/,
};

/**
 * Where names beyond the legacy ones are written with underscores: two formats have no syntax for them, and for
 * protobuf Prometheus 3.5 does not ask for others (its Accept header names no escaping there).
 */
const LEGACY_NAMES: readonly string[] = ['PrometheusProto', 'OpenMetricsText0.0.1', 'PrometheusText0.0.4'];

describeWith('prometheus', 'a real Prometheus ingests every sample', ({ prometheus }) => {
  let families: readonly Family[];
  let server: FamilyServer;
  let running: RunningPrometheus;

  beforeAll(async () => {
    families = await gatherRichFamilies();
    server = await serveFamilies(Object.fromEntries(SCRAPE_PROTOCOLS.map((protocol) => [`/${protocol}`, families])));
    running = await startPrometheus(
      prometheus,
      SCRAPE_PROTOCOLS.map((protocol) => ({
        job_name: protocol,
        metrics_path: `/${protocol}`,
        scrape_protocols: [protocol],
        always_scrape_classic_histograms: true,
        static_configs: [{ targets: [server.target] }],
      })),
    );
  });
  afterAll(async () => {
    await running?.stop();
    await server?.close();
  });

  describe.each(SCRAPE_PROTOCOLS)('over %s', (protocol) => {
    test('in that format, under its own name and with its own value', async () => {
      await running.scraped(protocol);
      const answered = [...(server.answered.get(`/${protocol}`) ?? [])];
      expect(answered).toHaveLength(1);
      expect(answered[0]).toMatch(WIRE[protocol] as RegExp);
      const expected = expectedSeries(families, { native: protocol === 'PrometheusProto' });
      const stored = async (): Promise<Stored> => storedSeries(await running.query(`{job="${protocol}"}`));
      const named = LEGACY_NAMES.includes(protocol) ? withLegacyNames(expected) : expected;
      await expect.poll(stored, EVENTUALLY).toEqual(named);
    });

    test('and counts them all', async () => {
      await running.scraped(protocol);
      const count = async (): Promise<number> => {
        const [answer] = await running.query(`scrape_samples_scraped{job="${protocol}"}`);
        return Number(answer?.value?.[1]);
      };
      const expected = expectedSeries(families, { native: protocol === 'PrometheusProto' });
      await expect.poll(count, EVENTUALLY).toBe(Object.keys(expected).length);
    });
  });

  test('and the exemplars of the formats that have them', async () => {
    const found = async (): Promise<string[]> => {
      const data = await running.get('/api/v1/query_exemplars', {
        query: '{__name__=~"sent_bytes_total|classic_seconds_bucket"}',
        start: '1600000000',
        end: String(Date.now() / 1000),
      });
      const series = data as { seriesLabels: { job: string; __name__: string }; exemplars: unknown[] }[];
      const lines = series.map(
        ({ seriesLabels, exemplars }) => `${seriesLabels.job} ${seriesLabels.__name__} ${exemplars.length}`,
      );
      return lines.sort();
    };
    await expect
      .poll(found, EVENTUALLY)
      .toEqual([
        'OpenMetricsText0.0.1 classic_seconds_bucket 1',
        'OpenMetricsText0.0.1 sent_bytes_total 1',
        'OpenMetricsText1.0.0 classic_seconds_bucket 1',
        'OpenMetricsText1.0.0 sent_bytes_total 1',
        'PrometheusProto classic_seconds_bucket 1',
        'PrometheusProto sent_bytes_total 1',
      ]);
  });
});

function withLegacyNames(stored: Stored): Stored {
  return Object.fromEntries(
    Object.entries(stored).map(([identity, value]) => [
      identity.replace('größe.in-cm', 'gr__e_in_cm').replace('straße.nr', 'stra_e_nr'),
      value,
    ]),
  );
}
