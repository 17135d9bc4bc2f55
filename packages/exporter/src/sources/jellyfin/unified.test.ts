import { describe, expect, test } from 'vitest';
import { Secret } from '../../config/secrets.ts';
import { PrivacyFilter } from '../privacy.ts';
import { parseSession } from './parse/sessions.ts';
import type { JellyfinSession } from './state.ts';
import { serverState } from './unified.ts';
import { activeSession } from './watching.ts';

const CLEAR = new PrivacyFilter({ users: 'clear', titles: 'clear', addresses: 'clear', key: new Secret('test') });

/** What plays 8 Mbit/s to an address. */
function playing(address: string | undefined, paused = false): JellyfinSession {
  const session = parseSession({
    Id: 's1',
    UserId: 'a1',
    RemoteEndPoint: address,
    PlayState: { PlayMethod: 'DirectPlay', IsPaused: paused },
    NowPlayingItem: { Id: 'i1', Type: 'Movie', MediaStreams: [{ Type: 'Video', Index: 0, BitRate: 8e6 }] },
  });
  if (session === undefined) throw new Error('no session');
  return session;
}

function bandwidthOf(...sessions: JellyfinSession[]) {
  const active = sessions.flatMap((one) => (one.item === undefined ? [] : activeSession(one, one.item, undefined)));
  return serverState({ sessions: { sessions, active, activeUsers: 0, transcodes: [] } }, true, CLEAR).bandwidth;
}

describe('the bandwidth', () => {
  test('is that of what plays, by where it goes', () => {
    expect(bandwidthOf(playing('192.168.1.2'), playing('192.168.1.3'))).toEqual([
      { scope: 'lan', bitsPerSecond: 16e6 },
      { scope: 'wan', bitsPerSecond: 0 },
    ]);
  });

  test('is not known of either scope where it is not known which one a stream goes to', () => {
    expect(bandwidthOf(playing(undefined), playing('192.168.1.2'))).toEqual([]);
  });

  test('is told where the client of an unknown address pauses', () => {
    expect(bandwidthOf(playing(undefined, true))).toEqual([
      { scope: 'lan', bitsPerSecond: 0 },
      { scope: 'wan', bitsPerSecond: 0 },
    ]);
  });
});
