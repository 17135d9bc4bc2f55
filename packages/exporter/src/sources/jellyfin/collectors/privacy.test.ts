import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import type { PrivacyPolicy } from '../../../config/schema.ts';
import { Secret } from '../../../config/secrets.ts';
import { PrivacyFilter } from '../../privacy.ts';
import { answering, iso, T0 } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { serverState } from '../unified.ts';
import type { CollectorContext } from './collector.ts';
import { create as createPlayback } from './playback.ts';
import { create as createSessions } from './sessions.ts';

const POLL_MS = 10_000;

/** Plays for some polls, before which the collectors have what was kept. */
async function play(users: PrivacyPolicy, { polls = 3, kept = new Map<string, unknown>(), key = 'key' } = {}) {
  const clock = new ManualClock(T0);
  const http = answering(() => [session(clock.date()), { ...session(clock.date()), Id: 'b2', DeviceId: 'another' }]);
  const base = testContext(http, clock, { session_series: true });
  const privacy = new PrivacyFilter({ users, titles: users, addresses: users, key: new Secret(key) });
  const put: CollectorContext['saved']['put'] = (name, value) => {
    if (value === undefined) kept.delete(name);
    else kept.set(name, JSON.parse(JSON.stringify(value)));
  };
  const context = { ...base, privacy, saved: { put } };
  const playback = createPlayback(context);
  const sessions = createSessions(context);
  playback.restore?.(new Map(kept));
  sessions.restore?.(new Map(kept));
  for (let poll = 0; poll < polls; poll += 1) {
    clock.advance(POLL_MS);
    await sessions.run();
  }
  const unified = serverState(sessions.state(), true, privacy).sessions?.map(({ id }) => id);
  return {
    kept,
    watched: Object.keys(values(playback.families(), 'jellyfin_user_watch_time_seconds')),
    shown: Object.keys(values(sessions.families(), 'jellyfin_now_playing_position_seconds')),
    unified,
  };
}

function session(now: number) {
  return {
    Id: 'b1',
    UserId: 'a1',
    UserName: 'Alice',
    DeviceId: 'the-device-of-alice',
    DeviceName: "Alice's phone",
    RemoteEndPoint: '203.0.113.7',
    LastPlaybackCheckIn: iso(now),
    PlayState: { PlayMethod: 'Transcode', PositionTicks: 0 },
    NowPlayingItem: { Id: 'c1', Name: 'Secret film', Type: 'Movie', MediaStreams: [] },
    TranscodingInfo: { IsVideoDirect: false, IsAudioDirect: true },
  };
}

test.each<[PrivacyPolicy, RegExp]>([
  ['clear', /^b[12]$/],
  ['pseudonym', /^[0-9a-f]{16}$/],
  ['drop', /^[12]$/],
])('under %s a session is told from others as the policy wants it', async (policy, form) => {
  const { shown, unified } = await play(policy);
  expect(new Set(shown).size).toBe(2);
  for (const id of shown) expect(id).toMatch(form);
  expect(unified).toEqual(shown);
});

describe('what is kept over a restart', () => {
  test.each<[PrivacyPolicy, boolean]>([
    ['clear', true],
    ['pseudonym', false],
    ['drop', false],
  ])('under %s has no device and no title, and a name only in the clear', async (policy, named) => {
    const text = JSON.stringify([...(await play(policy)).kept]);
    expect(text).toContain('a1');
    expect(text.includes('Alice')).toBe(named);
    expect(text).not.toMatch(/device-of|phone|Secret|203\.0/);
  });

  test('keeps the name of a user who is away', async () => {
    for (const policy of ['clear', 'pseudonym', 'drop'] as const) {
      const { kept, watched } = await play(policy);
      expect((await play(policy, { polls: 0, kept })).watched).toEqual(watched);
    }
  });

  test('shows no name under another policy or with another key, and forgets it', async () => {
    const clear = await play('clear');
    const hidden = await play('pseudonym', { polls: 0, kept: clear.kept });
    expect(hidden.watched).toHaveLength(1);
    expect(hidden.watched).not.toContain('Alice');
    expect(JSON.stringify([...clear.kept])).not.toContain('Alice');
    const { kept, watched } = await play('pseudonym');
    expect((await play('pseudonym', { polls: 0, kept, key: 'other' })).watched).not.toEqual(watched);
  });

  test('forgets the names of users that nothing is counted of', async () => {
    const { kept } = await play('clear');
    kept.set('name z1', 'Zoe');
    await play('clear', { polls: 0, kept });
    expect([...kept.keys()]).toContain('name a1');
    expect([...kept.keys()]).not.toContain('name z1');
  });
});
