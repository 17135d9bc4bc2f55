import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeMmdb } from '../../packages/exporter/src/sources/jellyfin/testing/mmdb.testing.ts';
import { testFolder } from '../support/folder.ts';
import { open } from './bench.ts';

test('a database of places that is not there fails alone, and is used within a minute once it is', async () => {
  const file = join(testFolder(), 'places.mmdb');
  const { advance, exposition, exporter } = await open({
    args: [`--jellyfin.geoip-file=${file}`],
    before: (jellyfin) => {
      jellyfin.play({ address: '203.0.113.9' });
      jellyfin.play({ address: '192.168.1.9', device: 'Phone' });
    },
  });
  await advance(30);
  const before = await exposition();
  expect(before.value('jellyfin_up')).toBe(1);
  expect(before.value('media_exporter_collector_success', { collector: 'geoip' })).toBe(0);
  expect(before.families.map(({ name }) => name)).not.toContain('jellyfin_sessions_geo');
  expect(exporter.log.match(/code=MX_GEOIP_FILE/g)).toHaveLength(1);
  expect(exporter.log).toContain(`${file} does not exist`);

  writeFileSync(file, writeMmdb({ '203.0.113.0/24': { country: { iso_code: 'NO' } } }));
  await advance(65);
  const after = await exposition();
  expect(after.value('media_exporter_collector_success', { collector: 'geoip' })).toBe(1);
  expect(after.value('jellyfin_sessions_geo', { country: 'NO' })).toBe(1);
  expect(after.value('jellyfin_sessions_geo', { country: 'local' })).toBe(1);
});

test('without one, nothing of it is there', async () => {
  const { advance, exposition } = await open();
  await advance(10);
  expect((await exposition()).text).not.toContain('geo');
});
