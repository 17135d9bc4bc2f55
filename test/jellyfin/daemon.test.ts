import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedJellyfin } from '@media-exporter/simulators/jellyfin';
import { expect, onTestFinished, test } from 'vitest';
import { COLLECTOR_NAMES } from '../../packages/exporter/src/config/sources/jellyfin.ts';
import { DrivenExporter } from '../support/driven/exporter.ts';
import { Exposition } from '../support/exposition.ts';
import { testFolder } from '../support/folder.ts';
import { TOKEN } from './bench.ts';

/** A daemon with two Jellyfins that have all there is. */
async function start(): Promise<DrivenExporter> {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const servers = await Promise.all(
    ['den', 'attic'].map(async (name) => {
      const jellyfin = new SimulatedJellyfin({ clock, token: TOKEN });
      await jellyfin.listen();
      onTestFinished(() => jellyfin.close());
      return { name, jellyfin };
    }),
  );
  const file = join(testFolder(), 'config.json');
  const common = { type: 'jellyfin', token: TOKEN, collectors: COLLECTOR_NAMES };
  const sources = servers.map(({ name, jellyfin: { url } }) => ({ ...common, name, url }));
  writeFileSync(file, JSON.stringify({ web: { listen: ['127.0.0.1:0'] }, sources }));
  const exporter = await DrivenExporter.start({
    args: ['run', `--config.file=${file}`, `--state.dir=${testFolder()}`, '--log.level=debug'],
    clock,
  });
  onTestFinished(async () => void (await exporter.stop()));
  for (let second = 0; second < 30; second += 1) {
    await exporter.answersRead();
    await exporter.advance(1000);
  }
  return exporter;
}

test('two Jellyfins stand side by side, each with its name as the source, and the process is the own one', async () => {
  const page = new Exposition(await (await start()).scrape());
  for (const source of ['den', 'attic']) {
    expect(page.value('jellyfin_up', { source })).toBe(1);
    expect(page.series('jellyfin_process_cpu_seconds_total', { source })).toHaveLength(1);
    expect(page.series('jellyfin_transcode_failures_source', { source })).toHaveLength(3);
  }
  expect(page.series('process_cpu_seconds_total')).toMatchObject([{ labels: {} }]);
  expect(page.text).not.toContain('media_exporter_process_');
});
