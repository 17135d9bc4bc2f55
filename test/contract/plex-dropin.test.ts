import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, parseText } from '@media-exporter/metrics/testing';
import { SimulatedPlex } from '@media-exporter/simulators/plex';
import { afterEach, expect, test } from 'vitest';
import { DrivenExporter } from '../support/driven/exporter.ts';

const TOKEN = 'a-token-of-the-tests';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function simulate(clock: ManualClock): Promise<SimulatedPlex> {
  const plex = new SimulatedPlex({ clock, token: TOKEN });
  await plex.listen();
  closers.push(() => plex.close());
  return plex;
}

async function start(clock: ManualClock, env: Record<string, string>): Promise<DrivenExporter> {
  const state = mkdtempSync(join(tmpdir(), 'media-exporter-plex-'));
  closers.push(() => rmSync(state, { recursive: true, force: true }));
  const args = ['plex', '--web.listen-address', '127.0.0.1:0', '--state.dir', state];
  const exporter = await DrivenExporter.start({ args, env, clock });
  closers.push(() => exporter.stop());
  return exporter;
}

const valuesOf = (text: string, name: string): unknown[] =>
  parseText(text)
    .filter((family) => family.name === name)
    .flatMap(({ samples }) => samples.map(({ value }) => value));

test('the drop-in stays up with a server that is down, and tells nothing of it but that', async () => {
  const clock = new ManualClock();
  const exporter = await start(clock, { PLEX_SERVER: 'http://127.0.0.1:1', PLEX_TOKEN: TOKEN });
  await exporter.advance(60_000);
  const text = await exporter.scrape();
  expect(valuesOf(text, 'plex_up')).toEqual([0]);
  expect(text).not.toMatch(/^(server_info|host_|library_|plex_library|plex_media|plex_sessions)/m);
  expect(exporter.log).toContain('MX_UPSTREAM_CONNECT');
  expect(await exporter.stop()).toBe(0);
});

test('the drop-in stays up with a token that is refused, says so, and shows the token nowhere', async () => {
  const clock = new ManualClock();
  const plex = await simulate(clock);
  const exporter = await start(clock, { PLEX_SERVER: plex.url, PLEX_TOKEN: 'a-wrong-token' });
  await exporter.advance(60_000);
  const text = await exporter.scrape();
  expect(valuesOf(text, 'plex_up')).toEqual([0]);
  expect(exporter.log).toContain('MX_UPSTREAM_UNAUTHORIZED');
  expect(`${text}${exporter.log}`).not.toContain('a-wrong-token');
});

test('the drop-in takes the address of the web application, puts no label of its own on the metrics, and has a page for people', async () => {
  const clock = new ManualClock();
  const plex = await simulate(clock);
  const exporter = await start(clock, { PLEX_SERVER: `${plex.url}/web/index.html`, PLEX_TOKEN: TOKEN });
  const text = await exporter.scrape();
  expect(valuesOf(text, 'plex_up')).toEqual([1]);
  expect(text).toMatch(/^server_info\{server_type="plex",/m);
  expect(text).not.toMatch(/^(server|library|plex|media)_(?!exporter)\w+\{[^}]*source="/m);
  const page = await fetch(exporter.base, { headers: { accept: 'text/html' } });
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('href="/metrics"');
});
