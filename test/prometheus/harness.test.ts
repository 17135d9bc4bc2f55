import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { EVENTUALLY, startPrometheus } from '../support/prometheus.ts';
import { describeWith } from '../support/tools.ts';

describeWith('prometheus', 'a real Prometheus', ({ prometheus }) => {
  test('scrapes a target and says what is wrong with another', async () => {
    const server = createServer((request, response) => {
      const good = request.url === '/good';
      response.setHeader('Content-Type', 'text/plain; version=0.0.4');
      response.end(good ? '# TYPE rooms gauge\nrooms 3\n' : 'rooms three\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const targets = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
    const running = await startPrometheus(prometheus, [
      { job_name: 'good', metrics_path: '/good', static_configs: [{ targets }] },
      { job_name: 'bad', metrics_path: '/bad', static_configs: [{ targets }] },
    ]);
    try {
      await running.scraped('good');
      const [rooms] = await running.query('rooms');
      expect(rooms?.value?.[1]).toBe('3');
      const lastError = async (): Promise<string | undefined> =>
        (await running.targets()).find(({ labels }) => labels.job === 'bad')?.lastError;
      await expect.poll(lastError, EVENTUALLY).toContain('three');
    } finally {
      await running.stop();
      server.close();
    }
  });
});
