import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { ExporterError } from '../../../errors.ts';
import { createLogger } from '../../../log.ts';
import type { HttpStreams } from '../client.ts';
import { OwnMetricsReader } from '../parse/own-metrics.ts';
import { readProcess } from '../process/proc.ts';
import type { JellyfinSettings } from '../settings.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { MISSING, playTape, RECORDED } from '../testing/tape.testing.ts';
import { ProcessCollector } from './process.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'jellyfin-process-'));
  cleanups.push(() => rm(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(path, name, '..'), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return path;
}

/** A server without metrics of its own; tells how often it was asked. */
function refusing(status: number): HttpStreams & { asked: number } {
  const server = {
    asked: 0,
    stream: async () => {
      server.asked += 1;
      throw new ExporterError({ code: 'MX_UPSTREAM_STATUS', detail: '', status });
    },
  };
  return server;
}

describeIf(MISSING, "the server's own metrics", () => {
  test.each(['12.0', '10.11'])('as %s tells them', async (version) => {
    const clock = new ManualClock();
    const context = testContext(await playTape(`${version}/evening-a.tape.ndjson.gz`, () => clock.date()), clock);
    const collector = new ProcessCollector(context);
    clock.advance(100_000);
    await collector.run();
    const families = collector.families();
    expect(values(families, 'jellyfin_process_cpu_seconds_total').metrics).toBeGreaterThan(1);
    expect(values(families, 'jellyfin_process_resident_memory_bytes').metrics).toBeGreaterThan(50_000_000);
    expect(values(families, 'jellyfin_process_cpus')).toEqual({ metrics: 2 });
    expect(values(families, 'jellyfin_process_network_transmit_bytes_total').metrics).toBeGreaterThan(100_000);
    expect(values(families, 'jellyfin_http_requests_total')['200']).toBeGreaterThan(10);
    expect(values(families, 'jellyfin_dotnet_collections_total')['0']).toBeGreaterThan(0);
    expect(values(families, 'jellyfin_process_source_up')).toEqual({ metrics: 1 });
  });

  test('are the same however they are cut', () => {
    const text = readFileSync(join(RECORDED, 'recorded/12.0/metrics.prom'));
    const whole = new OwnMetricsReader();
    whole.push(text);
    const cut = new OwnMetricsReader();
    for (let at = 0; at < text.length; at += 997) cut.push(text.subarray(at, at + 997));
    expect(cut.end()).toEqual(whole.end());
  });
});

test('requests that a server does not tell of are not known to be none', () => {
  const readOf = (text: string): number | undefined => {
    const reader = new OwnMetricsReader();
    reader.push(Buffer.from(`process_cpu_seconds_total 1\n${text}`));
    return reader.end()?.runtime.requestsInProgress;
  };
  expect(readOf('')).toBeUndefined();
  expect(readOf('http_requests_in_progress{method="GET"} 0\n')).toBe(0);
  expect(readOf('http_requests_in_progress{a="b"} 2\nhttp_requests_in_progress{a="c"} 1\n')).toBe(3);
});

describe('a server that shows no metrics', () => {
  test.each([404, 403, 401])('with %i is no failure, and is not asked each time', async (status) => {
    const clock = new ManualClock();
    const server = refusing(status);
    const collector = new ProcessCollector(testContext(server, clock));
    for (let run = 0; run < 41; run += 1, clock.advance(15_000)) await collector.run();
    expect(server.asked).toBe(3);
    expect(values(collector.families(), 'jellyfin_process_source_up')).toEqual({ metrics: 0 });
    expect(values(collector.families(), 'jellyfin_process_cpu_seconds_total')).toEqual({});
  });

  test.each([
    [500, 'MX_UPSTREAM_STATUS'],
    [503, 'MX_JELLYFIN_METRICS'],
  ])('is a failure where it answers %i', async (status, code) => {
    const collector = new ProcessCollector(testContext(refusing(status), new ManualClock()));
    await expect(collector.run()).rejects.toMatchObject({ status, code });
  });
});

test('each source that could not be read is 0, as long as none can', async () => {
  const clock = new ManualClock();
  const settings = { pid_file: '/not/there', cgroup: '/not/there/either' };
  const collector = new ProcessCollector(testContext(refusing(500), clock, settings));
  expect(collector.families()).toEqual([]);
  await expect(collector.run()).rejects.toThrow();
  clock.advance(600_000);
  expect(values(collector.families(), 'jellyfin_process_source_up')).toEqual({ metrics: 0, pid: 0, cgroup: 0 });
});

test('what was read is shown for three intervals, and not of a server that is down', async () => {
  const clock = new ManualClock();
  const cgroup = await folder({ 'cpu.stat': 'usage_usec 1\n' });
  const context = testContext(refusing(404), clock, { cgroup });
  const collector = new ProcessCollector(context);
  await collector.run();
  clock.advance(45_000);
  expect(values(collector.families(), 'jellyfin_process_source_up')).toEqual({ metrics: 0, cgroup: 1 });
  context.shared.up = false;
  expect(collector.families()).toEqual([]);
  context.shared.up = true;
  clock.advance(1);
  expect(collector.families()).toEqual([]);
});

describe('the log', () => {
  /** A collector whose server answers as `server.status` says, and what it has told the log. */
  function listening(settings: Partial<JellyfinSettings>) {
    const lines: string[] = [];
    const write = (line: string): unknown => lines.push(line);
    const server = { status: 404 };
    const http: HttpStreams = { stream: (...asked) => refusing(server.status).stream(...asked) };
    const clock = new ManualClock();
    const log = createLogger({ level: 'info', format: 'logfmt', write, date: () => 0 });
    const collector = new ProcessCollector({ ...testContext(http, clock, settings), log });
    const run = async (): Promise<unknown> => {
      clock.advance(600_000);
      return collector.run().catch((error: unknown) => error);
    };
    return { server, run, lines };
  }

  test("says once that the server's own metrics are off, and what to do, while a control group tells of the process", async () => {
    const cgroup = await folder({ 'cpu.stat': 'usage_usec 1\n' });
    const { server, run, lines } = listening({ cgroup });
    await run();
    await run();
    server.status = 403;
    await run();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /level=warn msg="no figures of the process from metrics: MX_JELLYFIN_METRICS: .*answered 404.*EnableMetrics/,
    );
    expect(lines[0]).toMatch(/source=test collector=process from=metrics code=MX_JELLYFIN_METRICS\n$/);
  });

  test('tells of a 503 only when it is one at the next look too: it may be a restart', async () => {
    const cgroup = await folder({ 'cpu.stat': 'usage_usec 1\n' });
    const { server, run, lines } = listening({ cgroup });
    server.status = 503;
    await run();
    expect(lines).toEqual([]);
    await run();
    expect(lines.join()).toContain('answered 503');
  });

  test('tells of a control group that is not there, and when it is', async () => {
    const path = await folder({});
    const { run, lines } = listening({ cgroup: join(path, 'unit'), pid_file: join(path, 'pid') });
    await writeFile(join(path, 'pid'), String(pid));
    await run();
    await run();
    await mkdir(join(path, 'unit'));
    await writeFile(join(path, 'unit', 'cpu.stat'), 'usage_usec 1\n');
    await run();
    expect(
      lines.filter((line) => line.includes('from=cgroup')).map((line) => line.slice(line.indexOf('level='))),
    ).toEqual([
      expect.stringMatching(
        /^level=warn msg="no figures of the process from cgroup: MX_LOCAL_READ: the control group does not exist\./,
      ),
      'level=info msg="figures of the process from cgroup are there again" source=test collector=process from=cgroup\n',
    ]);
  });

  test('is left to the collector where nothing could be read, for what the run rejects with', async () => {
    const { run, lines } = listening({ pid_file: '/not/there', cgroup: '/not/there/either' });
    expect(await run()).toMatchObject({ code: 'MX_LOCAL_READ' });
    expect(lines.map((line) => /from=(\w+)/.exec(line)?.[1])).toEqual(['metrics', 'cgroup']);
  });
});

test('the control group tells of the whole unit, and of the process what nobody else knows', async () => {
  const cgroup = await folder({
    'cpu.stat': 'usage_usec 2500000\nuser_usec 2000000\n',
    'memory.current': '1000\n',
    'memory.stat': 'anon 600\nfile 400\n',
    'io.stat': '8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2\n',
    'pids.current': '7\n',
  });
  const collector = new ProcessCollector(testContext(refusing(404), new ManualClock(), { cgroup }));
  await collector.run();
  const families = collector.families();
  expect(values(families, 'jellyfin_process_cpu_seconds_total')).toEqual({ cgroup: 2.5 });
  expect(values(families, 'jellyfin_process_resident_memory_bytes')).toEqual({ cgroup: 600 });
  expect(values(families, 'jellyfin_process_read_bytes_total')).toEqual({ cgroup: 11 });
  expect(values(families, 'jellyfin_process_written_bytes_total')).toEqual({ cgroup: 22 });
  expect(values(families, 'jellyfin_cgroup_memory_bytes')).toEqual({ '': 1000 });
  expect(values(families, 'jellyfin_cgroup_processes')).toEqual({ '': 7 });
});

test.each([
  ['150000 100000\n', { cgroup: 1.5 }],
  ['max 100000\n', {}],
  ['0 0\n', {}],
  ['', {}],
])('of a control group whose cpu.max is %j the processors are %j', async (limit, cpus) => {
  const cgroup = await folder({ 'cpu.stat': 'usage_usec 1\n', 'cpu.max': limit });
  const collector = new ProcessCollector(testContext(refusing(404), new ManualClock(), { cgroup }));
  await collector.run();
  expect(values(collector.families(), 'jellyfin_process_cpus')).toEqual(cpus);
});

test('a process of this machine is read, as far as this user may', async () => {
  const files = await folder({ 'jellyfin.pid': `${pid}\n` });
  const figures = await readProcess(join(files, 'jellyfin.pid'));
  expect(figures.residentBytes).toBeGreaterThan(10_000_000);
  expect(figures.threads).toBeGreaterThan(1);
  expect(figures.cpuSeconds).toBeGreaterThan(0);
});

test('a name with spaces and parentheses does not shift the figures of a process', async () => {
  const numbers = Array.from({ length: 50 }, (_, index) => index);
  const proc = await folder({
    pid: '42',
    '42/stat': `42 (jelly) fin (x)) S ${numbers.slice(4).join(' ')}`,
    '42/status': 'VmSize:\t 100 kB\nVmRSS:\t   50 kB\nThreads:\t3\n',
    stat: 'cpu 1 2 3\nbtime 1000\n',
  });
  // By the manual the processor times are fields 14 and 15, and the start is field 22, counted from 1.
  expect(await readProcess(join(proc, 'pid'), proc)).toEqual({
    cpuSeconds: (14 + 15) / 100,
    startTime: 1000 + 22 / 100,
    residentBytes: 51_200,
    virtualBytes: 102_400,
    threads: 3,
  });
});

test('a pid file that is not there is told of without its path', async () => {
  const collector = new ProcessCollector(testContext(refusing(404), new ManualClock(), { pid_file: '/secret/place' }));
  const error = await collector.run().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'MX_LOCAL_READ' });
  expect(String((error as ExporterError).problems[0]?.detail)).toBe('the pid file does not exist');
});
