import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, expect, test } from 'vitest';
import { evening, type JellyfinVersion, SimulatedJellyfin } from '../../../../../simulators/src/jellyfin/index.ts';
import { Secret } from '../../../config/secrets.ts';
import { parseSourceUrl, type SourceUrl } from '../../../config/url.ts';
import { HttpClient } from '../../http/http.ts';
import { authorize, HEADERS } from '../client.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { TranscodeLogsCollector } from './transcode-logs.ts';

const MINUTE = 60_000;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test.each<[JellyfinVersion, 'api' | 'logfile']>([
  ['10.8', 'api'],
  ['10.8', 'logfile'],
  ['10.11', 'api'],
  ['10.11', 'logfile'],
  ['12.0', 'api'],
  ['12.0', 'logfile'],
])(
  'of a simulated evening of %s every job and every failure is told by %s, though both sides are restarted',
  async (version, source) => {
    const clock = new ManualClock(Date.UTC(2026, 10, 21, 18));
    const folder = await mkdtemp(join(tmpdir(), 'jellyfin-evening-'));
    closers.push(() => rm(folder, { recursive: true }));
    const jellyfin = new SimulatedJellyfin({ clock, version, logDirectory: folder });
    await jellyfin.listen();
    closers.push(() => jellyfin.close());
    const http = new HttpClient({
      url: parseSourceUrl(jellyfin.url) as SourceUrl,
      secret: new Secret(jellyfin.token),
      timeout: 15,
      maxBytes: 64 * 1024 * 1024,
      clock,
      random: () => 1,
      onRequest: () => {},
      authorize,
      headers: HEADERS,
    });
    closers.push(() => http.close());
    const context = testContext(http, clock, source === 'logfile' ? { log_directory: folder } : {});
    let collector = new TranscodeLogsCollector(context);
    await collector.run();
    const { durationMs } = evening(jellyfin);
    const end = clock.now() + durationMs + 10 * MINUTE;
    for (let minute = 1; clock.now() < end; minute += 1) {
      clock.advance(MINUTE);
      await jellyfin.settled;
      // The server is away for a moment when it is restarted.
      await collector.run().catch(() => {});
      if (minute % 7 !== 0) continue;
      // The exporter is away for some minutes.
      clock.advance(3 * MINUTE);
      await jellyfin.settled;
      collector = new TranscodeLogsCollector(context);
      collector.restore(new Map(context.kept));
    }
    const { ffmpegJobs, ffmpegByKind, ffmpegFailures, ffmpegExitCodes } = jellyfin.truth.totals;
    const families = collector.families();
    expect(ffmpegFailures).toBeGreaterThan(0);
    expect(values(families, 'jellyfin_transcode_total')).toEqual({ '': ffmpegJobs });
    expect(values(families, 'jellyfin_transcode_jobs_total')).toEqual({ ...ffmpegByKind });
    expect(values(families, 'jellyfin_transcode_failures_total')).toEqual({ '': ffmpegFailures });
    expect(values(families, 'jellyfin_transcode_exits_total')).toEqual(source === 'api' ? {} : { ...ffmpegExitCodes });
    const log = jellyfin.logs.list
      .filter(({ name }) => name.startsWith('log_'))
      .map(({ name }) => jellyfin.logs.read(name));
    const count = (level: string): number => log.join('').split(`+00:00] [${level}] `).length - 1;
    expect(count('ERR')).toBeGreaterThan(ffmpegFailures);
    expect(values(families, 'jellyfin_log_messages_total')).toEqual(
      source === 'api'
        ? {}
        : { verbose: 0, debug: 0, information: count('INF'), warning: count('WRN'), error: count('ERR'), fatal: 0 },
    );
  },
);
