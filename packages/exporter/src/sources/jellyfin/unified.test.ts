import { describe, expect, test } from 'vitest';
import type { PrivacyPolicy } from '../../config/schema.ts';
import { Secret } from '../../config/secrets.ts';
import { PrivacyFilter } from '../privacy.ts';
import { nowPlayingFamilies } from './families/now-playing.ts';
import { parseSession } from './parse/sessions.ts';
import { activeSession } from './sessions/watching.ts';
import type { JellyfinSession, JellyfinState, LoggedTranscode } from './state.ts';
import { TranscodeWatch } from './transcodes/transcode-watch.ts';
import { serverState } from './unified.ts';

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

describe('the title of an episode', () => {
  const session = parseSession({
    Id: 's1',
    UserId: 'a1',
    PlayState: { PlayMethod: 'DirectPlay' },
    NowPlayingItem: { Id: 'i1', Type: 'Episode', Name: 'Pilot', SeriesName: 'The Show', MediaStreams: [] },
  }) as JellyfinSession;

  function titles(titles: PrivacyPolicy) {
    const privacy = new PrivacyFilter({ users: titles, titles, addresses: titles, key: new Secret('test') });
    const active = session.item === undefined ? [] : [activeSession(session, session.item, undefined)].flat();
    const sessions = { sessions: [session], active, activeUsers: 1, transcodes: [] };
    const [row] = nowPlayingFamilies(active, privacy)[0]?.samples ?? [];
    const { title: shared } = serverState({ sessions }, true, privacy).sessions?.[0] ?? {};
    return { shared, series: row?.labels[6], title: row?.labels[5] };
  }

  test('is that of the series and its own', () => {
    expect(titles('clear')).toEqual({ shared: 'The Show - Pilot', series: 'The Show', title: 'Pilot' });
  });

  test('is made of the same pseudonyms that series and episode have alone', () => {
    const { shared, series, title } = titles('pseudonym');
    expect(title).toMatch(/^[0-9a-f]{16}$/);
    expect(shared).toBe(`${series} - ${title}`);
  });

  test('is empty where titles are dropped', () => {
    expect(titles('drop')).toEqual({ shared: '', series: '', title: '' });
  });
});

describe('the transcodes', () => {
  /** A session that the sessions show to encode the video of this item. */
  function encoding(item: string): JellyfinSession {
    const session = parseSession({
      Id: `s-${item}`,
      UserId: 'a1',
      DeviceId: `d-${item}`,
      PlayState: { PlayMethod: 'Transcode' },
      NowPlayingItem: { Id: item, Type: 'Movie', MediaStreams: [] },
      TranscodingInfo: { IsVideoDirect: false, IsAudioDirect: true, Framerate: 30 },
    });
    if (session === undefined) throw new Error('no session');
    return session;
  }

  function transcodesOf(items: readonly string[] | undefined, logged?: readonly LoggedTranscode[]) {
    const sessions = items?.map(encoding);
    const state: JellyfinState = {
      ...(sessions && {
        sessions: {
          sessions,
          active: [],
          activeUsers: 0,
          transcodes: new TranscodeWatch().look(sessions, 0).transcodes,
        },
      }),
      ...(logged && { transcodes: logged }),
    };
    return serverState(state, true, CLEAR).transcodes;
  }

  const job = (mediaSourceId: string, hardware: string): LoggedTranscode => ({ mediaSourceId, kind: 'both', hardware });

  test('are those of the sessions while the logs are older or were not looked at', () => {
    expect(transcodesOf(['i1'], [])).toEqual([{ kind: 'video' }]);
    expect(transcodesOf(['i1'])).toEqual([{ kind: 'video' }]);
    expect(transcodesOf([], [job('i1', 'vaapi')])).toEqual([]);
  });

  test('have the hardware that the log of their job tells', () => {
    expect(transcodesOf(['i1', 'i2'], [job('i2', 'vaapi')])).toEqual([
      { kind: 'video' },
      { kind: 'both', hardware: 'vaapi' },
    ]);
  });

  test('have none where the jobs of one item use several', () => {
    expect(transcodesOf(['i1'], [job('i1', 'vaapi'), job('i1', 'none')])).toEqual([{ kind: 'both' }]);
  });

  test('are those of the logs where the sessions are not known, and not known where neither is', () => {
    expect(transcodesOf(undefined, [job('i1', 'qsv')])).toEqual([{ kind: 'both', hardware: 'qsv' }]);
    expect(transcodesOf(undefined)).toBeUndefined();
  });
});
