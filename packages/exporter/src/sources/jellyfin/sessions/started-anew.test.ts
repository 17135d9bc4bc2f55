import { describe, expect, test } from 'vitest';
import type { JellyfinSession } from '../state.ts';
import { isStartedAnew } from './started-anew.ts';

/** A session that was last active, and whose player has last reported, in these seconds. */
function session(id: string, active: number | undefined, reported?: number, capable = false): JellyfinSession {
  return {
    id,
    userId: 'u1',
    user: 'ann',
    client: 'Web',
    clientVersion: '1',
    device: 'Chrome',
    deviceId: id,
    paused: false,
    additionalUsers: [],
    ...(active !== undefined && { lastActivity: active * 1000 }),
    ...(reported !== undefined && { lastCheckIn: reported * 1000 }),
    ...(capable && { capable }),
  };
}

describe('between two polls', () => {
  const before = [session('tv', 9, 5), session('web', 3)];
  const cases: readonly (readonly [string, boolean, readonly JellyfinSession[], readonly JellyfinSession[]])[] = [
    ['one is gone, and another has reported anew', true, before, [session('tv', 18, 17)]],
    ['one is gone, and another that played has come back without playing', true, before, [session('tv', 18)]],
    ['one is gone, and another plays that did not', true, before, [session('web', 18, 17)]],
    ['all are gone', true, before, []],
    ['all are gone, and a new one has come', true, before, [session('phone', 12)]],
    [
      'one is gone, and a new one has come beside one that reported',
      true,
      before,
      [session('tv', 18, 17), session('b', 12)],
    ],
    ['all are there, and have reported', false, before, [session('tv', 18, 17), session('web', 19)]],
    [
      'one is gone, and another that has reported forgot what its client can play',
      true,
      [session('tv', 9, 5, true), session('web', 3)],
      [session('tv', 18, 17)],
    ],
    [
      'one is gone, and another that has reported knows what its client can play',
      false,
      [session('tv', 9, 5, true), session('web', 3)],
      [session('tv', 18, 17, true)],
    ],
    ['one is gone, and another is idle', false, before, [session('web', 3)]],
    ['one is gone, and the server counts on the position of a silent player', false, before, [session('tv', 19, 5)]],
    [
      'one is gone of three, and one of the others is idle',
      false,
      [...before, session('b', 1)],
      [session('tv', 18, 17), session('web', 3)],
    ],
    ['one is gone, and nobody knows when another was active', false, before, [session('web', undefined)]],
    ['the only one is gone', false, [session('tv', 9, 5)], []],
    ['the only one is gone, and a new one has come', false, [session('tv', 9, 5)], [session('web', 18, 17)]],
    ['there was none', false, [], [session('tv', 18, 17)]],
  ];

  test.each(cases)('%s: started anew is %s', (_, anew, earlier, now) => {
    expect(isStartedAnew(earlier, now)).toBe(anew);
  });
});
