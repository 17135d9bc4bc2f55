import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { describeWith } from '../support/tools.ts';
import { Daemon, Folder, until } from './daemon.ts';
import { silent, Upstream } from './upstream.ts';

// Processes are started, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const TOKEN = '0123456789abcdef0123456789abcdef';

describeWith(['prometheus'], 'a real Prometheus that sends a token', ({ prometheus }) => {
  let folder: Folder;
  let good: Upstream;
  let stuck: Upstream;
  let daemon: Daemon;
  let running: RunningPrometheus;

  beforeAll(async () => {
    folder = await Folder.create();
    good = await new Upstream().start();
    stuck = await new Upstream().start();
    stuck.answer = silent;
    await folder.write('token', `${TOKEN}\n`);
    const config = await folder.write(
      'media-exporter.yml',
      `web: { listen: ["127.0.0.1:0"], auth: { token_file: token } }
sources:
  - { name: good, type: mediasoup, url: "${good.url}" }
  - { name: stuck, type: mediasoup, url: "${stuck.url}", timeout: 60s }
`,
    );
    daemon = new Daemon(['--config.file', config]);
    const target = {
      scrape_interval: '2s',
      scrape_timeout: '2s',
      authorization: { credentials_file: join(folder.path, 'token') },
      static_configs: [{ targets: [await daemon.address()] }],
    };
    running = await startPrometheus(prometheus, [
      { ...target, job_name: 'all' },
      { ...target, job_name: 'one', params: { source: ['good'] } },
    ]);
    await running.scraped('all');
    await running.scraped('one');
  });

  afterAll(async () => {
    await running?.stop();
    await daemon?.dispose();
    await good?.stop();
    await stuck?.stop();
    await folder?.remove();
  });

  /** The largest value within the last minutes: on a busy machine a single scrape may fail. */
  const most = async (series: string): Promise<string | undefined> => {
    const [result] = await running.query(`max(max_over_time(${series}[5m]))`);
    return result?.value?.[1];
  };

  test('gets within its deadline what is there, beside a source that never answers', async () => {
    await until(
      async () => (await most('up{job="all"}')) === '1',
      () => daemon.stderr,
    );
    expect(await most('Ejtimaa_rooms{job="all",source="good"}')).toBe('2');
    expect(await most('media_exporter_source_up{job="all",source="good"}')).toBe('1');
    expect(await most('media_exporter_source_up{job="all",source="stuck"}')).toBe('0');
  });

  test('gets one source without the label', async () => {
    expect(await most('Ejtimaa_rooms{job="one",source=""}')).toBe('2');
    const streams = await running.query(
      'count_over_time(mediasoup_producer_byte_count_bytes{job="one",source=""}[5m])',
    );
    expect(streams).toHaveLength(3);
  });
});
