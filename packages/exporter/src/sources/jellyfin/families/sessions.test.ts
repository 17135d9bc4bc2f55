import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { create } from '../collectors/sessions.ts';
import { answering, iso, T0 } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';

/** Somebody at home who watches a film of 8 Mbit/s. */
const watching = (name: string, paused: boolean) => ({
  Id: `${name}-session`,
  UserId: `${name}-id`,
  UserName: name,
  DeviceId: `${name}-device`,
  RemoteEndPoint: '192.168.1.20',
  LastActivityDate: iso(T0),
  LastPlaybackCheckIn: iso(T0),
  NowPlayingItem: { Id: 'i1', Type: 'Movie', MediaStreams: [{ Type: 'Video', Index: 0, BitRate: 8e6 }] },
  PlayState: { PlayMethod: 'DirectPlay', IsPaused: paused },
});

test('who has paused takes no bandwidth, and is active nevertheless', async () => {
  const collector = create(
    testContext(
      answering(() => [watching('ann', false), watching('bob', true)]),
      new ManualClock(T0),
    ),
  );
  await collector.run();
  expect(values(collector.families(), 'jellyfin_bandwidth_bytes_per_second')).toEqual({ 'ann,lan,media': 1e6 });
  expect(Object.values(values(collector.families(), 'jellyfin_sessions_active'))).toEqual([1, 1]);
});
