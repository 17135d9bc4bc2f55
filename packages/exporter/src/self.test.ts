import { type Collector, renderText } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { ProcessCollector, type ProcessReader, readProcess } from './process.ts';
import { SelfMetrics } from './self.ts';

const READER: ProcessReader = {
  cpuUsage: () => ({ user: 1_500_000, system: 500_000 }),
  memoryUsage: () => ({ rss: 1, heapTotal: 2, heapUsed: 3, external: 4 }),
  virtualMemory: () => undefined,
  openFiles: () => 7,
  maxFiles: () => undefined,
  uptime: () => 10,
  active: () => 250,
  lag: () => ({ mean: 1e6, p99: 2e6, max: 3e6 }),
  version: 'v24.0.0',
};

async function render(collector: Collector): Promise<string> {
  return renderText(await collector.collect(new AbortController().signal));
}

test('the process is told in base units, and what is not known is absent', async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const collector = new ProcessCollector(READER, clock);
  clock.advance(60_000);
  const text = await render(collector);
  expect(text).toContain('process_cpu_seconds_total 2\n');
  expect(text).toContain(`process_start_time_seconds ${Date.UTC(2026, 0, 1) / 1000 - 10}\n`);
  expect(text).toContain('process_open_fds 7\n');
  expect(text).toContain('nodejs_eventloop_active_seconds_total 0.25\n');
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds 0.002\n');
  expect(text).toContain('nodejs_version_info{version="v24.0.0"} 1\n');
  expect(text).not.toMatch(/^process_(virtual_memory_bytes|max_fds) /m);
});

test('the process leaves the bare names to that of a media server', async () => {
  const collector = new ProcessCollector(READER, new ManualClock(), { yields: true });
  const text = await render(collector);
  expect(text).toContain('media_exporter_process_cpu_seconds_total 2\n');
  expect(text).toContain('nodejs_version_info{version="v24.0.0"} 1\n');
  expect(text).not.toMatch(/^process_/m);
  const known = new Set(collector.catalogue);
  expect(collector.collect().filter(({ metric }) => !known.has(metric))).toEqual([]);
});

test('the process that runs this can be read', async () => {
  const reader = readProcess();
  expect(reader.memoryUsage().rss).toBeGreaterThan(1e6);
  if (process.platform === 'linux') {
    expect(reader.virtualMemory()).toBeGreaterThan(reader.memoryUsage().rss);
    expect(reader.openFiles()).toBeGreaterThan(2);
    expect(reader.maxFiles()).toBeGreaterThan(2);
  }
});

test('counts that are known to be zero are exported as 0', async () => {
  const text = await render(new SelfMetrics(new ManualClock(), '1.2.3', 'v24.0.0').collector());
  for (const outcome of ['complete', 'partial', 'aborted']) {
    expect(text).toContain(`media_exporter_scrapes_total{outcome="${outcome}"} 0\n`);
  }
  expect(text).toContain('media_exporter_config_reloads_total{outcome="failure"} 0\n');
  // Nothing was loaded yet, so whether the last time succeeded is not known.
  expect(text).not.toMatch(/^media_exporter_config_last_reload_success/m);
});

test('every metric of its own is in its catalogue', async () => {
  const self = new SelfMetrics(new ManualClock(), '1.2.3', 'v24.0.0');
  const names = new Set(self.catalogue.map((metric) => metric.name));
  for (const { metric } of [
    ...(await self.collector().collect(new AbortController().signal)),
    ...self.sourceFamilies([], new Map()),
  ]) {
    expect(names, metric.name).toContain(metric.name);
  }
});

test('two scrapers that ask at the same time are told the same delay of the event loop', async () => {
  const reader = readProcess();
  // Until the monitor has measured something.
  while (reader.lag() === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  const first = reader.lag();
  expect(reader.lag()).toEqual(first);
});
