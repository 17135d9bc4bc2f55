import { afterEach, expect, test } from 'vitest';
import { turnUntil } from '../support/until.ts';
import { ask, type Bench, config, set, stopAll } from './bench.ts';

afterEach(stopAll);

async function start(sources: string, options = {}): Promise<Bench> {
  const bench = set(config(sources), options);
  await bench.exporter.start();
  await turnUntil(() => bench.exporter.unready === undefined);
  return bench;
}

test('a scrape serves what the named collectors give, and what the exporter tells of itself and of them', async () => {
  const { body, status } = await ask(await start('one two'), '/metrics?collect[]=rooms');
  expect(status).toBe(200);
  expect(body).toContain('Ejtimaa_rooms{source="one"} 3\nEjtimaa_rooms{source="two"} 3\n');
  expect(body).not.toMatch(/^(sfu_streams|media_server_up)\{/m);
  expect(body).not.toContain('collector="stats"');
  for (const name of [
    'media_exporter_build_info',
    'media_exporter_source_up',
    'media_exporter_upstream_requests_total',
  ])
    expect(body).toContain(`\n${name}{`);
});

test('a scrape without some collectors serves all others, and what all servers share', async () => {
  const { body } = await ask(await start('one two'), '/metrics?exclude[]=rooms&exclude[]=nothing-like-it');
  expect(body).not.toContain('Ejtimaa_rooms');
  expect(body).toContain('sfu_streams{source="one",kind="audio"} 3\n');
  expect(body).toContain('media_server_up{server="one"} 1\n');
  expect(body).toContain('media_exporter_collector_success{source="one",collector="stats"} 1\n');
});

test('a scrape of one source takes them too', async () => {
  const { body } = await ask(await start('one two'), '/metrics?source=two&collect[]=stats');
  expect(body).toContain('sfu_streams{kind="audio"} 3\n');
  expect(body).toContain('media_exporter_collector_success{source="two",collector="stats"} 1\n');
  expect(body).not.toContain('Ejtimaa_rooms');
});

test('a scrape of some collectors asks the source no more than a whole one', async () => {
  const bench = await start('one');
  const { asked } = bench.source('one');
  await ask(bench, '/metrics?collect[]=rooms');
  expect(bench.source('one').asked).toBe(asked + 1);
});

test('a collector that does not run is 400 with those that do, and is no scrape', async () => {
  const bench = await start('one two');
  expect(await ask(bench, '/metrics?collect[]=users')).toMatchObject({
    status: 400,
    body: 'No collector "users" runs here. The collectors are: stats, rooms\n',
  });
  expect((await ask(bench, '/metrics?collect[]=stats&exclude[]=rooms')).status).toBe(400);
  expect((await ask(bench, '/metrics')).body).toContain('media_exporter_scrapes_total{outcome="complete"} 0\n');
});

test('who may not read the metrics is not told which collectors run', async () => {
  const bench = set(config('one', ', auth: { metrics: token, token_file: /token }'));
  bench.files.set('/token', 'a'.repeat(64));
  await bench.exporter.start();
  const { status, body } = await ask(bench, '/metrics?collect[]=users');
  expect(status).toBe(401);
  expect(body).not.toContain('stats');
});

test('the drop-in knows names of the original for collectors that run', async () => {
  const collectorNames = new Map([
    ['playing', 'stats'],
    ['media', 'library'],
  ]);
  const bench = await start('mediasoup', { dropIn: { collectorNames, rootMetrics: new Set(['Ejtimaa_rooms']) } });
  const { body } = await ask(bench, '/metrics?collect[]=playing');
  expect(body).toContain('sfu_streams{kind="audio"} 3\n');
  expect(body).not.toContain('Ejtimaa_rooms');
  expect((await ask(bench, '/metrics?collect[]=media')).body).toBe(
    'No collector "media" runs here. The collectors are: stats, rooms\n',
  );
});
