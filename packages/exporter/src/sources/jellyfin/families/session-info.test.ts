import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import type { PrivacyPolicy } from '../../../config/schema.ts';
import { Secret } from '../../../config/secrets.ts';
import { PrivacyFilter } from '../../privacy.ts';
import { create } from '../collectors/sessions.ts';
import { answering, iso, MINUTE, T0 } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';

function session(name: string, agoMs: number, more: object = {}) {
  return {
    Id: `${name}-session`,
    UserId: `${name}-id`,
    UserName: name,
    Client: 'Jellyfin Web',
    ApplicationVersion: '12.0.0',
    DeviceId: `${name}-device`,
    DeviceName: 'Chrome',
    LastActivityDate: iso(T0 - agoMs),
    ...more,
  };
}

const playing = {
  NowPlayingItem: { Id: 'c1', Name: 'Film', Type: 'Movie', MediaStreams: [] },
  PlayState: { PositionTicks: 0 },
};
const SESSIONS = [
  session('ann', 4 * MINUTE, { RemoteEndPoint: '2001:db8::7' }),
  session('bob', 6 * MINUTE),
  session('cid', 0, { ...playing, LastPlaybackCheckIn: iso(T0 - 10_000), RemoteEndPoint: '::ffff:203.0.113.7' }),
  // Its player is dead, though the server has it active.
  session('dan', 0, { ...playing, LastPlaybackCheckIn: iso(T0 - 2 * MINUTE) }),
];

async function shown(policy: PrivacyPolicy) {
  const http = answering(() => SESSIONS);
  const base = testContext(http, new ManualClock(T0), { session_series: true });
  const privacy = new PrivacyFilter({ users: policy, titles: policy, addresses: policy, key: new Secret('key') });
  const collector = create({ ...base, privacy });
  await collector.run();
  const read = (name: string) => Object.keys(values(collector.families(), name));
  expect(values(collector.families(), 'jellyfin_active_users')).toEqual({ '': 2 });
  return { info: read('jellyfin_session_info'), positions: read('jellyfin_now_playing_position_seconds') };
}

test('there is one series for each session that somebody is at, with application and address', async () => {
  const { info, positions } = await shown('clear');
  expect(info).toEqual([
    'cid-session,cid,Jellyfin Web,12.0.0,Chrome,203.0.113.7',
    'ann-session,ann,Jellyfin Web,12.0.0,Chrome,2001:db8::7',
  ]);
  expect(positions).toEqual(['cid-session']);
});

test('under pseudonym nobody and no address is in clear, nor a part of it', async () => {
  const { info, positions } = await shown('pseudonym');
  const hidden = '[0-9a-f]{16}';
  for (const row of info) {
    expect(row).toMatch(new RegExp(`^${hidden},${hidden},Jellyfin Web,12\\.0\\.0,${hidden},${hidden}$`));
  }
  expect(info[0]?.startsWith(`${positions[0]},`)).toBe(true);
});

test('under drop sessions are told apart by their place, which is the same in all series', async () => {
  const { info, positions } = await shown('drop');
  expect(info).toEqual(['1,,Jellyfin Web,12.0.0,,', '2,,Jellyfin Web,12.0.0,,']);
  expect(positions).toEqual(['1']);
});
