import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
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
import { TranscodeLogsCollector } from './transcode-logs.ts';

const PHASES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const EVENING_SECONDS = 700;
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

async function serverLogOf(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((one) => one.startsWith('log_')) ?? '';
  return readFile(join(folder, name), 'latin1');
}

function countLevels(text: string): Record<string, number> {
  const count = (level: string): number =>
    text.match(new RegExp(`^\\[\\d{4}-.{25}\\] \\[${level}\\] `, 'gm'))?.length ?? 0;
  return {
    ...{ verbose: count('VRB'), debug: count('DBG'), information: count('INF') },
    ...{ warning: count('WRN'), error: count('ERR'), fatal: count('FTL') },
  };
}

/** Looks at the logs of a tape, each minute from a second on unless told, and perhaps not at all for some of the evening. */
async function watchLogs(
  version: string,
  source: 'api' | 'logfile',
  options: { readonly first: number; readonly every?: number; readonly away?: readonly [number, number] },
) {
  const { first, every = 60, away: [from, to] = [0, 0] } = options;
  const folder = await temporaryFolder();
  const clock = new ManualClock(Date.UTC(2026, 5, 1, 12));
  const http = await playTape(`${version}/evening-a.tape.ndjson.gz`, () => clock.date());
  const context = testContext(http, clock, source === 'logfile' ? { log_directory: folder } : {});
  let collector = new TranscodeLogsCollector(context);
  let before: string | undefined;
  for (let second = first; second < EVENING_SECONDS; second += every) {
    clock.advance((second === first ? first : every) * 1000);
    if (second >= from && second < to) {
      collector = new TranscodeLogsCollector(context);
      collector.restore(new Map(context.kept));
      continue;
    }
    if (source === 'logfile') {
      await mirror(context, folder);
      before ??= await serverLogOf(folder);
    }
    await collector.run();
  }
  const messages = before === undefined ? {} : countLevels((await serverLogOf(folder)).slice(before.length));
  return { families: collector.families(), messages };
}

describeIf(MISSING, 'on a recorded evening', () => {
  describe.each(['12.0', '10.11'])('of %s', (version) => {
    const file = join(RECORDED, 'recorded', version, 'evening-a.truth.json.gz');
    const { totals, ffmpegExits } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Truth;
    const failed = totals.ffmpegExitCodes['1'];
    const zeros = ffmpegExits.filter(({ t_ms, code }) => code === 0 && t_ms < RECORDED_MS).length;

    function expectTruth({ families, messages }: Awaited<ReturnType<typeof watchLogs>>, source: 'api' | 'logfile') {
      const read = (name: string) => values(families, name);
      expect(read('jellyfin_transcode_total')).toEqual({ '': totals.ffmpegJobs });
      expect(read('jellyfin_transcode_jobs_total')).toEqual({ ...totals.ffmpegByKind });
      expect(read('jellyfin_transcode_failures_total')).toEqual({ '': failed });
      const api = source === 'api';
      expect(read('jellyfin_transcode_exits_total')).toEqual(api ? {} : { '0': zeros, '1': failed });
      expect(read('jellyfin_log_messages_total')).toEqual(messages);
      expect(Object.keys(messages)).toHaveLength(api ? 0 : 6);
      expect(read('jellyfin_transcode_failures_source')).toEqual({
        ...{ api: 0, logfile: 0, none: 0 },
        [source]: 1,
      });
    }

    describe.each(['api', 'logfile'] as const)('by %s', (source) => {
      test.each(PHASES)('jobs, failures and messages are right when the first look is after %i s', async (first) => {
        expectTruth(await watchLogs(version, source, { first }), source);
      });

      test.each(PHASES)('so they are when the exporter was away for a while, first look after %i s', async (first) => {
        expectTruth(await watchLogs(version, source, { first, away: [150, 310] }), source);
      });

      test.each([20, 300])('so they are when it looks each %i s', async (every) => {
        expectTruth(await watchLogs(version, source, { first: 9, every }), source);
      });
    });
  });
});
