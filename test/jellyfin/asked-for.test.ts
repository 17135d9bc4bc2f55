import type { JellyfinVersion } from '@media-exporter/simulators/jellyfin';
import { expect, test } from 'vitest';
import { open } from './bench.ts';

const VERSIONS: readonly JellyfinVersion[] = ['10.8', '10.11', '12.0'];
const PLUGIN = { name: 'Playback Reporting', version: '17.0.0.0', status: 'Active' };

test.each(VERSIONS)('what is off by default tells the truth of %s once it is asked for', async (version) => {
  const { jellyfin, advance, exposition } = await open({
    version,
    settings: { plugins: [PLUGIN] },
    args: ['--collector.devices', '--collector.activity.days=7', '--jellyfin.session-series'],
    before: (server, clock) => {
      const past = server.play({ user: 'jonas', client: 'Kodi', clientVersion: '21', device: 'Attic' });
      clock.advance(300_000);
      past.stop();
      clock.advance(2 * 86_400_000);
      server.play({ user: 'marta', client: 'Infuse', clientVersion: '8.0', device: 'TV', address: '203.0.113.9' });
      clock.advance(60_000);
    },
  });
  await advance(30);
  const known = await exposition();
  expect(known.value('jellyfin_devices', { client: 'Kodi', version: '21' })).toBe(1);
  expect(known.value('jellyfin_devices', { client: 'Infuse', version: '8.0' })).toBe(1);
  expect(known.series('jellyfin_devices')).toHaveLength(2);
  expect(known.value('jellyfin_devices_active', { window: '1d' })).toBe(1);
  expect(known.value('jellyfin_devices_active', { window: '7d' })).toBe(2);
  expect(known.value('jellyfin_session_info', { user: 'marta', version: '8.0', address: '203.0.113.9' })).toBe(1);
  expect(known.series('jellyfin_session_info')).toHaveLength(1);
  expect(known.value('jellyfin_playback_reporting_plays', { user: 'jonas' })).toBe(1);
  expect(known.value('jellyfin_playback_reporting_play_seconds', { user: 'jonas' })).toBe(300);
  expect(known.value('jellyfin_playback_reporting_play_seconds', { user: 'marta' })).toBe(60);
  expect(jellyfin.requests.count('/Devices')).toBe(1);
  expect(jellyfin.requests.count('/user_usage_stats/user_activity')).toBe(1);
});

test('a plugin that is not there is told of, and is no failure of its collector', async () => {
  const { advance, exposition, exporter, jellyfin } = await open({ args: ['--collector.playback_reporting'] });
  await advance(30);
  const known = await exposition();
  expect(jellyfin.requests.count('/user_usage_stats/user_activity')).toBe(1);
  expect(known.value('media_exporter_collector_success', { collector: 'playback_reporting' })).toBe(1);
  expect(known.family('jellyfin_playback_reporting_plays')).toBeUndefined();
  expect(exporter.log.match(/no plugin Playback Reporting/g)).toHaveLength(1);
  expect(known.sum('jellyfin_exporter_scrape_errors_total', { endpoint: 'playback_reporting' })).toBe(0);
});
