import { mediaFamilies } from '@media-exporter/model';
import { describe, expect, test } from 'vitest';
import { makeSession, NO_TOTALS, NOTHING, STATE } from './state.testing.ts';
import type { PlexSession, PlexTotals } from './state.ts';
import { mediaTotals, serverState } from './unified.ts';

const withSessions = (...sessions: readonly PlexSession[]) => serverState({ ...STATE, sessions }, true);

describe('a Plex server in shared terms', () => {
  test('says nothing that is not known', () => {
    expect(serverState(NOTHING, undefined)).toEqual({ platform: 'plex' });
    expect(serverState(NOTHING, false)).toEqual({ platform: 'plex', up: false });
  });

  test('has its sessions with what a person calls them', () => {
    expect(withSessions(makeSession())).toMatchObject({
      up: true,
      version: '1.42.1',
      sessions: [
        {
          ...{ id: '7', mediaType: 'episode', state: 'playing', delivery: 'transcode', scope: 'wan' },
          ...{ bitrateBitsPerSecond: 4_000_000, positionSeconds: 60, durationSeconds: 1200 },
          ...{
            user: 'Bob',
            client: 'Plex for Android',
            device: 'Shield',
            title: 'The Show - Pilot',
            library: 'Series',
          },
        },
      ],
      transcodes: [{ kind: 'video', hardware: 'vaapi', speedRatio: 2.5 }],
      users: { active: 1, inactive: 4 },
    });
  });

  test('names a player by its title where it tells no device, and gives Live TV no end', () => {
    const player = { ...makeSession().player, device: '' };
    const [session] = withSessions(makeSession({ player, live: true })).sessions ?? [];
    expect(session).toMatchObject({ device: "Bob's TV" });
    expect(session).not.toHaveProperty('durationSeconds');
  });

  test('has a transcode only where something is encoded, and a speed only while it works', () => {
    const { transcodeKind: _, ...copied } = makeSession();
    const resting = makeSession({ transcode: { id: 'a', throttled: true, speedRatio: 0 }, transcodeKind: 'both' });
    expect(withSessions(copied, resting).transcodes).toEqual([{ kind: 'both', hardware: 'none' }]);
  });

  test('has the items of a library by what they are', () => {
    const libraries = serverState(STATE, true).libraries?.map(({ library, mediaType, items }) => [
      ...[library, mediaType, items],
    ]);
    expect(libraries).toEqual([
      ['Movies', 'movie', 120],
      ['4K', 'movie', 30],
      ['Series', 'episode', 500],
      ['Music', 'track', 2400],
      ['Photos', 'photo', 5200],
      ['Home videos', 'video', 8],
    ]);
  });

  test('sends the sum of the bitrates that play, where they are known', () => {
    const home = makeSession({ scope: 'lan', media: { bitrateBitsPerSecond: 9e6 } });
    const { scope: _, ...nowhere } = makeSession();
    const lan = { scope: 'lan', bitsPerSecond: 9e6 };
    expect(withSessions().bandwidth).toEqual([
      { scope: 'lan', bitsPerSecond: 0 },
      { scope: 'wan', bitsPerSecond: 0 },
    ]);
    expect(withSessions(home, makeSession()).bandwidth).toEqual([lan, { scope: 'wan', bitsPerSecond: 4e6 }]);
    expect(withSessions(home, makeSession({ media: {} })).bandwidth).toEqual([lan]);
    expect(withSessions(home, makeSession({ state: 'paused', media: {} })).bandwidth).toContainEqual(lan);
    expect(withSessions(home, nowhere)).not.toHaveProperty('bandwidth');
  });

  test('counts a person once, by the id and not by the name', () => {
    const [first, second, third] = [makeSession(), makeSession({ user: '' }), makeSession({ userId: '3' })];
    expect(withSessions(first, second, third).users).toEqual({ active: 2, inactive: 3 });
  });

  test('has its bytes by scope, summed over accounts, and none at all without Plex Pass', () => {
    const transmitted = [
      { scope: 'wan', account: 'Bob', bytes: 300 },
      { scope: 'wan', account: 'Eve', bytes: 50 },
    ] as const;
    const bytes = (totals: PlexTotals) =>
      mediaFamilies('home', serverState(STATE, true), mediaTotals(totals))
        .filter(({ metric }) => metric.name === 'media_transmitted_bytes_total')
        .flatMap(({ samples }) => [...samples]);
    expect(bytes({ ...NO_TOTALS, transmitted })).toEqual([{ labels: ['home', 'plex', 'wan'], value: 350 }]);
    expect(bytes(NO_TOTALS)).toEqual([]);
  });
});
