import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { iso, open, T0 } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { MISSING, playTape, RECORDED } from '../testing/tape.testing.ts';
import { create } from './transcode-jobs.ts';

const logOf = (kind: string, number: number) => ({
  Name: `FFmpeg.${kind}-2026-01-01_00-00-${number}_25b686c2c6d952a66634fb3756f29006_000000${number}.log`,
  Size: 10,
  // The clock of a test begins there.
  DateModified: iso(T0),
});

describe('starts of ffmpeg', () => {
  test('are counted by the names of logs that are new, and no log is read', async () => {
    let logs = [logOf('Transcode', 10)];
    const { collector, read, asked } = open(create, () => logs);
    expect(read('jellyfin_transcode_total')).toEqual({});
    await collector.run();
    expect(read('jellyfin_transcode_total')).toEqual({ '': 0 });
    logs = [logOf('Remux', 12), logOf('Transcode', 11), ...logs];
    await collector.run();
    await collector.run();
    expect(read('jellyfin_transcode_total')).toEqual({ '': 2 });
    expect(read('jellyfin_transcode_jobs_total')).toEqual({ transcode: 1, directstream: 0, remux: 1 });
    expect(read('jellyfin_transcode_failures_source')).toEqual({ logfile: 0, api: 0, none: 1 });
    expect(asked).toEqual(['/System/Logs', '/System/Logs', '/System/Logs']);
  });

  test('while there was no exporter are counted when it is back, and none twice', async () => {
    let logs = [logOf('Transcode', 10)];
    const first = open(create, () => logs);
    await first.collector.run();
    logs = [logOf('Transcode', 11), ...logs];
    await first.collector.run();
    logs = [logOf('Transcode', 12), ...logs];
    const second = open(create, () => logs, first.context.kept);
    expect(second.read('jellyfin_transcode_total')).toEqual({ '': 1 });
    await second.collector.run();
    expect(second.read('jellyfin_transcode_total')).toEqual({ '': 2 });
  });

  test('are asked for no more while the server scans its libraries', async () => {
    const { collector, context, asked } = open(create, () => []);
    context.shared.scanRunning = true;
    await collector.run();
    await collector.run();
    expect(asked).toHaveLength(1);
  });

  test('are not known of another server than a Jellyfin, which names its logs in another way', async () => {
    const { collector, context, read } = open(create, () => [{ Name: 'ffmpeg-transcode-1.txt', Size: 1 }]);
    context.shared.jellyfin = false;
    await collector.run();
    expect(read('jellyfin_transcode_total')).toEqual({});
    expect(read('jellyfin_transcode_jobs_total')).toEqual({});
  });
});

describeIf(MISSING, 'on a recorded evening', () => {
  describe.each(['12.0', '10.11'])('of %s', (version) => {
    const file = join(RECORDED, 'recorded', version, 'evening-a.truth.json.gz');
    const { totals } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as {
      readonly totals: { readonly ffmpegJobs: number; readonly ffmpegByKind: Readonly<Record<string, number>> };
    };

    test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('jobs are right when the first look is after %i s', async (first) => {
      const clock = new ManualClock(Date.UTC(2026, 5, 1, 12));
      const http = await playTape(`${version}/evening-a.tape.ndjson.gz`, () => clock.date());
      const collector = create(testContext(http, clock));
      for (let second = first; second < 700; second += 60) {
        clock.advance((second === first ? first : 60) * 1000);
        await collector.run();
      }
      expect(values(collector.families(), 'jellyfin_transcode_total')).toEqual({ '': totals.ffmpegJobs });
      expect(values(collector.families(), 'jellyfin_transcode_jobs_total')).toEqual({ ...totals.ffmpegByKind });
    });
  });
});
