import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ManualClock } from '@media-exporter/metrics/testing';
import type { JellyfinVersion, SimulatedJellyfin } from '@media-exporter/simulators/jellyfin';
import { expect, test } from 'vitest';
import { writeMmdb } from '../../packages/exporter/src/sources/jellyfin/testing/mmdb.testing.ts';
import { testFolder } from '../support/folder.ts';
import { skipWithout } from '../support/tools.ts';
import { type Bench, EVERY_COLLECTOR, open } from './bench.ts';

const CHECK = join(import.meta.dirname, '../../../shared/contract/check.mjs');
const VERSIONS: readonly JellyfinVersion[] = ['10.8', '10.11', '12.0'];
const CASES = VERSIONS.flatMap((version) => [[version, 'api'] as const, [version, 'directory'] as const]);

/** Somebody has watched something. */
function past(jellyfin: SimulatedJellyfin, clock: ManualClock): void {
  const play = jellyfin.play({ item: jellyfin.item('Movies', 3) });
  clock.advance(120_000);
  play.stop();
  clock.advance(600_000);
}

/** Somebody watches, somebody's film is encoded, somebody's could not be, a scan has run. */
async function present({ jellyfin, advance }: Bench): Promise<void> {
  jellyfin.tasks.run('RefreshLibrary', { durationMs: 5_000 });
  const failing = jellyfin.play({
    ...{ user: 'jonas', device: 'Phone', item: jellyfin.item('Movies', 1) },
    transcode: { failure: { kind: 'missing-file' } },
  });
  jellyfin.play({ device: 'Living room', item: jellyfin.item('Movies', 0), transcode: { speed: 2 } });
  jellyfin.play({ user: 'marta', device: 'Tablet', item: jellyfin.item('Shows', 0) });
  await advance(60);
  failing.stop();
  await advance(120);
}

test('all that the drop-in exports is in the list of metrics', async () => {
  const places = join(testFolder(), 'places.mmdb');
  writeFileSync(places, writeMmdb({ '203.0.113.0/24': { country: { iso_code: 'NO' } } }));
  const bench = await open({
    args: [...EVERY_COLLECTOR, '--jellyfin.session-series', `--jellyfin.geoip-file=${places}`],
    settings: { plugins: [{ name: 'Playback Reporting', version: '17.0.0.0', status: 'Active' }] },
    before: past,
  });
  await present(bench);
  const listed = readFileSync(new URL('../../docs/METRICS.md', import.meta.url), 'utf8');
  const names = (await bench.exposition()).families.map(({ name }) => name.replace(/^media_exporter_(?=process_)/, ''));
  expect(names.filter((name) => !listed.includes(`| \`${name}\` |`))).toEqual([]);
  expect(names.length).toBeGreaterThan(100);
  for (const last of ['sessions_geo', 'session_info', 'devices', 'playback_reporting_plays']) {
    expect(names).toContain(`jellyfin_${last}`);
  }
});

skipWithout(
  existsSync(CHECK) ? undefined : 'the contract is not beside this repository',
  'the contract of Jellyfin',
  () => {
    test.each(CASES)('is kept by the drop-in with all collectors on, %s, logs from %s', async (version, logs) => {
      const logDirectory = testFolder();
      const args = [...EVERY_COLLECTOR, ...(logs === 'api' ? [] : [`--jellyfin.log-dir=${logDirectory}`])];
      const bench = await open({ version, args, before: past, ...(logs === 'api' ? {} : { logDirectory }) });
      await present(bench);
      const check = spawn(process.execPath, [CHECK, 'jellyfin', `${bench.exporter.base}/metrics`]);
      const [output, [status]] = await Promise.all([text(check.stdout), once(check, 'exit')]);
      expect(output).toBe('jellyfin: 22 of 22 metrics found, 0 faults\n');
      expect(status).toBe(0);
      expect((await bench.exposition()).value('jellyfin_transcode_failures_total')).toBe(1);
    });
  },
);
