import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, onTestFinished, test } from 'vitest';
import { ExporterError } from '../../../errors.ts';
import { answering, iso, MINUTE, T0 } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { TranscodeLogsCollector } from './transcode-logs.ts';

const NUMBERS = [11, 12, 13, 14, 15, 16];

function nameOf(number: number): string {
  return `FFmpeg.Transcode-2026-01-01_00-00-${number}_25b686c2c6d952a66634fb3756f29006_000000${number}.log`;
}

/** A server with these logs, which all tell of a failure, but for those that it answers with another error. */
function serverWith(answerOf: (number: number) => unknown) {
  const asked: number[] = [];
  const listed: number[] = [];
  const http = answering((path, query) => {
    if (path === '/System/Logs') {
      // The first look is after a minute.
      return listed.map((number) => ({ Name: nameOf(number), Size: 10, DateModified: iso(T0 + 2 * MINUTE) }));
    }
    const number = Number(query.get('name')?.slice(-6, -4));
    asked.push(number);
    return answerOf(number);
  });
  const clock = new ManualClock(T0);
  const collector = new TranscodeLogsCollector(testContext(http, clock));
  const run = async (): Promise<unknown> => {
    clock.advance(MINUTE);
    return collector.run().catch((error: unknown) => error);
  };
  return { asked, listed, run, read: (name: string) => values(collector.families(), name) };
}

test('a log that cannot be read fails the run, and the others are read all the same', async () => {
  const server = serverWith((number) => (number < 13 ? 500 : 'Conversion failed!'));
  await server.run();
  server.listed.push(...NUMBERS);
  expect(await server.run()).toMatchObject({ status: 500 });
  expect(server.read('jellyfin_transcode_failures_total')).toEqual({ '': 4 });
});

test('a log that cannot be read is tried three times, after all others, and then given up', async () => {
  const server = serverWith((number) => (number === 11 ? 500 : 'Conversion failed!'));
  await server.run();
  server.listed.push(11);
  await server.run();
  server.listed.push(12);
  await server.run();
  await server.run();
  expect(await server.run()).toBeUndefined();
  expect(server.asked).toEqual([11, 12, 11, 11]);
});

test('few logs in a run fail: the rest is for the next one', async () => {
  const server = serverWith(() => 500);
  await server.run();
  server.listed.push(...NUMBERS);
  await server.run();
  expect(server.asked).toEqual([11, 12, 13]);
  await server.run();
  expect(server.asked.slice(3)).toEqual([14, 15, 16]);
});

test('a server that is away is no fault of a log', async () => {
  let away = true;
  const server = serverWith(() => {
    if (away) throw new ExporterError({ code: 'MX_UPSTREAM_CONNECT', detail: 'gone' });
    return 'Conversion failed!';
  });
  await server.run();
  server.listed.push(...NUMBERS);
  for (let run = 0; run < 5; run += 1) expect(await server.run()).toMatchObject({ code: 'MX_UPSTREAM_CONNECT' });
  expect(server.asked).toEqual([11, 11, 11, 11, 11]);
  away = false;
  await server.run();
  expect(server.read('jellyfin_transcode_failures_total')).toEqual({ '': 6 });
});

test('of a folder without any log nothing is known, and the log of the exporter says so once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jellyfin-no-logs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'syslog.log'), 'nothing of a Jellyfin');
  const warnings: unknown[] = [];
  const context = testContext(
    answering(() => []),
    new ManualClock(T0),
    { log_directory: folder },
  );
  const log = { ...context.log, warn: (...said: unknown[]) => warnings.push(said) } as unknown as typeof context.log;
  const collector = new TranscodeLogsCollector({ ...context, log });
  const names = (): string[] =>
    collector.families().flatMap(({ metric, samples }) => ([...samples].length > 0 ? [metric.name] : []));
  await collector.run();
  await collector.run();
  expect(names()).not.toContain('jellyfin_transcode_failures_total');
  expect(names()).not.toContain('jellyfin_transcode_total');
  expect(collector.state().transcodes).toBeUndefined();
  expect(warnings).toHaveLength(1);
  await writeFile(join(folder, 'log_20261121.log'), '');
  await collector.run();
  expect(names()).toEqual(expect.arrayContaining(['jellyfin_transcode_failures_total', 'jellyfin_transcode_total']));
});
