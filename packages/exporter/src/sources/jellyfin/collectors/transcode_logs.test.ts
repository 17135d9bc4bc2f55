import { readFileSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { parseLogs } from '../parse/logs.ts';
import { type TestContext, testContext, values } from '../testing/context.testing.ts';
import { MISSING, playTape, RECORDED } from '../testing/tape.testing.ts';
import { TranscodeLogsCollector } from './transcode_logs.ts';

const EVENING_MS = 700_000;
/** The tape stands still after that. */
const RECORDED_MS = 430_000;

interface Truth {
  readonly totals: {
    readonly ffmpegJobs: number;
    readonly ffmpegByKind: Readonly<Record<string, number>>;
    readonly ffmpegExitCodes: Readonly<Record<string, number>>;
  };
  readonly ffmpegExits: readonly { readonly t_ms: number; readonly code: number }[];
}

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'jellyfin-logs-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  return folder;
}

/** Copies the logs as the server has them now into a folder, as if the server wrote them there. */
async function mirror({ client }: TestContext, folder: string): Promise<void> {
  const { value: files } = await client.json(ENDPOINTS.logs, parseLogs);
  for (const { name, modified } of files) {
    const answer = await client
      .text(ENDPOINTS.log, { query: `?name=${encodeURIComponent(name)}` })
      .catch(() => undefined);
    if (answer === undefined) continue;
    await writeFile(join(folder, name), answer.value.text);
    await utimes(join(folder, name), modified / 1000, modified / 1000);
  }
}

describeIf(MISSING, 'on a recorded evening', () => {
  describe.each(['12.0', '10.11'])('of %s', (version) => {
    const file = join(RECORDED, 'recorded', version, 'evening-a.truth.json.gz');
    const { totals, ffmpegExits } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Truth;
    const failed = totals.ffmpegExitCodes['1'];
    const zeros = ffmpegExits.filter(({ t_ms, code }) => code === 0 && t_ms < RECORDED_MS).length;

    test.each([
      [0, 60],
      [3, 60],
      [17, 60],
      [29, 60],
      [41, 60],
      [5, 10],
      [9, 300],
    ])('jobs and failures of the API are right when it is asked after %i s, each %i s', async (first, every) => {
      const clock = new ManualClock();
      const http = await playTape(`${version}/evening-a.tape.ndjson.gz`, () => clock.date());
      const context = testContext(http, clock);
      const collector = new TranscodeLogsCollector(context);
      // The first job began at 16 s.
      clock.advance(Math.min(first, 14) * 1000);
      await collector.run();
      clock.advance((first - Math.min(first, 14)) * 1000);
      while (clock.now() < EVENING_MS) {
        await collector.run();
        clock.advance(every * 1000);
      }
      const families = collector.families();
      expect(values(families, 'jellyfin_transcode_total')).toEqual({ '': totals.ffmpegJobs });
      expect(values(families, 'jellyfin_transcode_jobs_total')).toEqual({ ...totals.ffmpegByKind });
      expect(values(families, 'jellyfin_transcode_failures_total')).toEqual({ '': failed });
      expect(values(families, 'jellyfin_transcode_failures_source')).toEqual({ api: 1, logfile: 0, none: 0 });
    });

    test('exit codes and failures in the folder of the logs are right, over a restart of the exporter as well', async () => {
      const folder = await temporaryFolder();
      const clock = new ManualClock();
      const http = await playTape(`${version}/evening-a.tape.ndjson.gz`, () => clock.date());
      const context = testContext(http, clock, { log_directory: folder });
      let collector = new TranscodeLogsCollector(context);
      for (; clock.now() < EVENING_MS; clock.advance(20_000)) {
        await mirror(context, folder);
        await collector.run();
        collector = new TranscodeLogsCollector(context);
        collector.restore(new Map(context.kept));
      }
      const families = collector.families();
      expect(values(families, 'jellyfin_transcode_total')).toEqual({ '': totals.ffmpegJobs });
      expect(values(families, 'jellyfin_transcode_exits_total')).toEqual({ '0': zeros, '1': failed });
      expect(values(families, 'jellyfin_transcode_failures_total')).toEqual({ '': failed });
    });
  });
});
