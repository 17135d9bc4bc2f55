import { expect, test } from 'vitest';
import { ExporterBench } from '../support/plex/exporter-bench.ts';

test('the drop-in stays up with a server that is down, and tells nothing of it but that', async () => {
  const bench = await ExporterBench.start({ env: () => ({ PLEX_SERVER: 'http://127.0.0.1:1' }) });
  await bench.advance(60);
  const got = await bench.exposition();
  expect(got.value('plex_up')).toBe(0);
  expect(got.text).not.toMatch(/^(server_info|host_|library_|plex_library|plex_media|plex_sessions)/m);
  expect(bench.exporter.log).toContain('MX_UPSTREAM_CONNECT');
  expect(await bench.exporter.stop()).toBe(0);
});

test('the drop-in stays up with a token that is refused, says so, and shows the token nowhere', async () => {
  const bench = await ExporterBench.start({ env: () => ({ PLEX_TOKEN: 'a-wrong-token' }) });
  await bench.advance(60);
  const got = await bench.exposition();
  expect(got.value('plex_up')).toBe(0);
  expect(bench.exporter.log).toContain('MX_UPSTREAM_UNAUTHORIZED');
  expect(`${got.text}${bench.exporter.log}`).not.toContain('a-wrong-token');
});

test('the drop-in takes the address of the web application, puts no label of its own on the metrics, and has a page for people', async () => {
  const bench = await ExporterBench.start({ env: (plex) => ({ PLEX_SERVER: `${plex.url}/web/index.html` }) });
  const got = await bench.exposition();
  expect(got.value('plex_up')).toBe(1);
  expect(got.text).toMatch(/^server_info\{server_type="plex",/m);
  expect(got.text).not.toMatch(/^(server|library|plex|media)_(?!exporter)\w+\{[^}]*source="/m);
  const page = await fetch(bench.exporter.base, { headers: { accept: 'text/html' } });
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('href="/metrics"');
});
