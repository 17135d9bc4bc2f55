import { expect, test, vi } from 'vitest';
import { ExporterBench } from '../support/plex/exporter-bench.ts';

// Each drives an hour, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000 });

/** Runs are spread a little, so that they do not march in step. */
const SPREAD = 0.95;

/** Seconds between requests for an endpoint, each with its query, that came one after the other. */
function gaps({ plex }: ExporterBench, endpoint: string): number[] {
  const last = new Map<string, number>();
  return plex.requests.records.flatMap((record) => {
    if (record.endpoint !== endpoint) return [];
    const question = `${record.path}?${record.query.replace(/at>=\d+/, '')}`;
    const before = last.get(question);
    last.set(question, record.at);
    return before === undefined ? [] : [(record.at - before) / 1000];
  });
}

test.each([
  ['/media/providers', 60],
  ['/library/sections/{id}/all', 900],
  ['/statistics/resources', 30],
  ['/statistics/bandwidth', 30],
  ['/activities', 60],
])('a server that dies of %s is not asked for it again sooner than after %d s', async (endpoint, interval) => {
  const bench = await ExporterBench.start();
  const { plex } = bench;
  await bench.advance(interval / 2);
  // It holds the request, and dies of it.
  plex.faults.switchOn({ kind: 'slow' }, { endpoint });
  plex.requests.clear();
  // Somebody watches, so that it is seen to be gone.
  plex.play({ item: '1001' });
  let deaths = 0;
  for (let second = 0, seen = 0; second < 3600; second += 1) {
    await bench.advance(1);
    const asked = plex.requests.count(endpoint);
    if (asked > seen && plex.up) {
      deaths += 1;
      plex.restart();
    }
    seen = asked;
  }
  expect(deaths).toBeGreaterThan(1);
  expect(Math.min(...gaps(bench, endpoint))).toBeGreaterThanOrEqual(SPREAD * interval);
});

test('a server that dies of telling who it is before it ever has is not asked with each look', async () => {
  const endpoint = '/media/providers';
  const bench = await ExporterBench.start({
    before: ({ faults }) => void faults.switchOn({ kind: 'slow' }, { endpoint }),
  });
  const { plex } = bench;
  let deaths = 0;
  for (let second = 0, seen = 0; second < 3600; second += 1) {
    const asked = plex.requests.count(endpoint);
    if (asked > seen && plex.up) {
      deaths += 1;
      plex.restart();
    }
    seen = asked;
    await bench.advance(1);
  }
  expect(deaths).toBeGreaterThan(10);
  expect(Math.min(...gaps(bench, endpoint))).toBeGreaterThanOrEqual(SPREAD * 60);
});

test('a server that is back is not asked again who it is before its time', async () => {
  const bench = await ExporterBench.start();
  const { plex } = bench;
  await bench.advance(5);
  const outages: number[] = [];
  plex.play({ item: '1001' });
  for (let round = 0; round < 20; round += 1) {
    await bench.advance(20);
    const outage = plex.faults.switchOn({ kind: 'status', status: 500 }, { endpoint: '/status/sessions' });
    await bench.advance(12);
    outages.push((await bench.exposition()).value('plex_up') ?? 1);
    outage.end();
  }
  expect(outages).toContain(0);
  expect(Math.min(...gaps(bench, '/media/providers'))).toBeGreaterThanOrEqual(SPREAD * 60);
});

test('a server that resets each connection is asked once more, as it may have closed it before, and then not again', async () => {
  const bench = await ExporterBench.start();
  const { plex } = bench;
  await bench.advance(5);
  plex.faults.switchOn({ kind: 'reset' });
  plex.requests.clear();
  await bench.advance(3600);
  for (const endpoint of ['/media/providers', '/status/sessions', '/statistics/resources', '/activities']) {
    const again = gaps(bench, endpoint).filter((gap) => gap < 5);
    expect(again.length, endpoint).toBeLessThanOrEqual(1);
    expect(plex.requests.count(endpoint), endpoint).toBeGreaterThan(5);
  }
});

test.each([
  ['/status/sessions', 'sessions'],
  ['/media/providers', 'server'],
  ['/updater/status', undefined],
  ['/library/sections/{id}/all', undefined],
  ['/statistics/resources', undefined],
  ['/activities', undefined],
])('a server that refuses %s alone is up, and nothing else fails', async (endpoint, failing) => {
  const bench = await ExporterBench.start();
  await bench.advance(5);
  bench.plex.faults.switchOn({ kind: 'status', status: 403 }, { endpoint });
  await bench.advance(1800);
  const page = await bench.exposition();
  expect(page.value('plex_up')).toBe(1);
  const failed = page.series('media_exporter_collector_success').filter(({ value }) => value === 0);
  expect(failed.map(({ labels }) => labels.collector)).toEqual(failing === undefined ? [] : [failing]);
});
