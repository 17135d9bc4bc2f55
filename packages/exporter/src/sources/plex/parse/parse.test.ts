import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Parse } from '../../http/http.ts';
import { inChunks } from './items.testing.ts';
import { parseMessage } from './notification.ts';
import {
  judgeUpdate,
  parseAccounts,
  parseProviders,
  parseRoot,
  parseSections,
  parseUpdater,
  readCount,
} from './server.ts';
import { readFileResolutions, readSessions } from './sessions.ts';
import { parseActivities, parseBackground, parseBandwidth, parseResources } from './statistics.ts';

const parseCount = inChunks(readCount);
const parseSessions = inChunks(readSessions);

const PARSERS: Readonly<Record<string, Parse<unknown>>> = {
  parseAccounts,
  parseActivities,
  parseBackground,
  parseBandwidth,
  parseCount,
  parseFileResolutions: inChunks(readFileResolutions),
  parseProviders,
  parseResources,
  parseRoot,
  parseSections,
  parseSessions,
  parseUpdater,
};

const container = (content: object): string => JSON.stringify({ MediaContainer: content });
function value<T>(parse: Parse<T>, content: object, headers = {}): T {
  const parsed = parse(container(content), headers);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

describe.each(Object.entries(PARSERS))('%s', (_, parse) => {
  test.each([
    [
      'XML',
      '<?xml version="1.0"?>\n<MediaContainer size="0"/>',
      /^answered XML instead of JSON: the server is too old/,
    ],
    ['XML without a head', '<MediaContainer size="0"/>', /^answered XML/],
    ['HTML', '<html><head><title>Unauthorized</title>', /^answered HTML/],
    ['half an answer', '{"MediaContainer":{"si', /^answered no valid JSON$/],
    ['nothing', '', /^answered no valid JSON$/],
    ['an array', '[]', /^answered JSON that is not of Plex$/],
    ['a number inside', '{"MediaContainer":3}', /^answered JSON that is not of Plex$/],
  ])('takes %s for a problem', (_name, body, problem) => {
    expect(parse(body, {})).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  test('never throws on what a server sent, and never quotes it', () => {
    const names = ['Metadata', 'Media', 'Part', 'Stream', 'Directory', 'MediaProvider', 'Feature', 'Account', 'Player'];
    const key = fc.oneof(
      fc.constantFrom(...names, 'StatisticsBandwidth', 'sessionKey', 'size', 'id', 'at'),
      fc.string(),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom<unknown>(null, '', '0', -1, 1e300, true, 'NaN', '\ud800', {}, []),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(key, tree), fc.string()), (content) => {
        const body = typeof content === 'string' ? content : container(content);
        const parsed = parse(body, {});
        if (!parsed.ok && body.length > 30) expect(parsed.problem).not.toContain(body.slice(0, 30));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the session', () => {
  const session = (entry: object) => value(parseSessions, { size: 1, Metadata: [{ sessionKey: '4', ...entry }] })[0];

  test('ids may be texts or numbers', () => {
    expect(session({ sessionKey: 4, ratingKey: 17, librarySectionID: 3 })).toMatchObject({
      sessionKey: '4',
      ratingKey: '17',
      librarySectionId: '3',
    });
  });

  test.each([true, 1, '1', 'true'])('a flag may be %j', (yes) => {
    expect(session({ live: yes, Player: { secure: yes, relayed: yes } })).toMatchObject({
      live: true,
      secure: true,
      scope: 'relay',
    });
  });

  test.each([1e306, '1e306', -1e306, 2 ** 53])('a number that nothing can have is unknown: %j', (bitrate) => {
    expect(session({ duration: bitrate, Media: [{ bitrate }] })).not.toHaveProperty('durationMilliseconds');
    expect(session({ Media: [{ bitrate }] })?.media).toEqual({});
  });

  test('a medium that is missing stays unknown', () => {
    expect(session({ type: 'photo' })).not.toHaveProperty('media');
  });

  test('of several media and parts the selected one is played', () => {
    const Media = [
      { bitrate: 1, Part: [{ decision: 'directplay' }] },
      { bitrate: '2', selected: '1', Part: [{ decision: 'transcode' }, { decision: 'copy', selected: 1 }] },
    ];
    expect(session({ Media })?.media).toEqual({ bitrate: 2, decision: 'copy' });
  });

  test('only a subtitle that is selected is shown', () => {
    const streams = (selected: boolean) => [{ streamType: 3, selected, decision: 'burn' }];
    const media = (selected: boolean) => session({ Media: [{ Part: [{ Stream: streams(selected) }] }] })?.media;
    expect(media(true)).toEqual({ subtitle: { decision: 'burn' } });
    expect(media(false)).toEqual({});
  });

  test('no list is no sessions, and an answer without a size is none', () => {
    expect(value(parseSessions, { size: 0 })).toEqual([]);
    expect(parseSessions(container({}), {}).ok).toBe(false);
  });

  test.each([
    { size: 3 },
    { size: 3, Metadata: 'none' },
    { size: 2, Metadata: [{ title: 'a' }, { title: 'b' }] },
    { size: 0, Metadata: [{ title: 'a' }] },
  ])('a list of which nothing can be read does not say that nobody plays: %j', (content) => {
    expect(parseSessions(container(content), {}).ok).toBe(false);
  });

  test('of more sessions than can be counted the rest is left out', () => {
    const Metadata = Array.from({ length: 10_001 }, (_, sessionKey) => ({ sessionKey }));
    expect(value(parseSessions, { size: 10_001, Metadata })).toHaveLength(10_000);
  });

  test('one that is too large to be looked at makes the list none, as nobody would count it', () => {
    const Metadata = [{ sessionKey: 1 }, { sessionKey: 2, summary: 'x'.repeat(1024 ** 2) }];
    const problem = 'an item has more than 1048576 bytes';
    expect(parseSessions(container({ size: 2, Metadata }), {})).toEqual({ ok: false, problem });
  });

  test('an object in the place of the list is the one that there is', () => {
    expect(value(parseSessions, { size: 1, Metadata: { sessionKey: 1 } })).toHaveLength(1);
  });

  test.each([
    ['{"MediaContainer":{"size":"0","Metadata":null}}', 0],
    ['{"MediaContainer":{"size":5,"Metadata":[{"sessionKey":"1"}]}}', 1],
    ['{"MediaContainer":{"Metadata":[{"sessionKey":"1"}],"size":"0"}}', 1],
    ['{"MediaContainer":{"Metadata":[],"size":0}}', 0],
  ])('the list counts, and the size only where it has nothing: %s', (body, count) => {
    const parsed = parseSessions(body, {});
    expect(parsed.ok && parsed.value.length).toBe(count);
  });

  test('a list that is cut off, or has something else than JSON in it, does not say that nobody else plays', () => {
    const whole = '{"MediaContainer":{"size":2,"Metadata":[{"sessionKey":"1"},{"sessionKey":"2"}]}}';
    for (let bytes = 0; bytes < whole.length; bytes += 1) {
      expect(parseSessions(whole.slice(0, bytes), {})).toEqual({ ok: false, problem: 'answered no valid JSON' });
    }
    expect(parseSessions(whole.replace('"2"', 'two'), {}).ok).toBe(false);
  });

  test('an entry without a key is left out, and of two with one key the later stays', () => {
    const entries = [{ title: 'a' }, { sessionKey: '1', title: 'b' }, { sessionKey: 1, title: 'c' }];
    expect(value(parseSessions, { size: 3, Metadata: entries }).map(({ title }) => title)).toEqual(['c']);
  });
});

describe('the libraries', () => {
  const providers = (...directories: object[]) =>
    value(parseProviders, {
      version: '1.2',
      MediaProvider: [
        { identifier: 'com.plexapp.plugins.library', Feature: [{ type: 'content', Directory: directories }] },
        { identifier: 'tv.plex.provider.epg', Feature: [{ type: 'content', Directory: [{ id: '9', type: 'show' }] }] },
      ],
    }).libraries;

  test('Other Videos are told from movies by agent and scanner', () => {
    const kinds = providers(
      { id: '1', type: 'movie', agent: 'tv.plex.agents.movie', scanner: 'Plex Movie' },
      { id: '2', type: 'movie', agent: 'com.plexapp.agents.none', scanner: 'Plex Video Files Scanner' },
      { id: '3', type: 'movie', agent: 'tv.plex.agents.none', scanner: 'Plex Video Files' },
      { id: '4', type: 'movie' },
    ).map(({ kind }) => kind);
    expect(kinds).toEqual(['movie', 'other_video', 'other_video', undefined]);
  });

  test('directories without an id or a type, and types that are none, are no libraries', () => {
    const ids = providers(
      { hubKey: '/hubs', title: 'Home' },
      { id: 'playlists', type: 'playlist' },
      { id: '5' },
      { id: '6', type: 'clip' },
      { id: 7, type: 'photo' },
    ).map(({ id }) => id);
    expect(ids).toEqual(['7']);
  });

  test('sizes and durations that are missing are absent', () => {
    expect(providers({ id: '1', type: 'show', storageTotal: '12', title: 'TV' })).toEqual([
      { id: '1', type: 'show', kind: 'show', title: 'TV', storageBytes: 12 },
    ]);
  });
});

describe('a count', () => {
  test('comes from the total, then the header', () => {
    expect(value(parseCount, { size: 0, totalSize: '7' }, { 'x-plex-container-total-size': '8' })).toBe(7);
    expect(value(parseCount, { size: 1 }, { 'x-plex-container-total-size': '8' })).toBe(8);
    expect(value(parseCount, { size: 0, totalSize: 0 })).toBe(0);
  });

  test('is not known of an empty container without a total', () => {
    expect(parseCount(container({ size: 0 }), {}).ok).toBe(false);
    expect(value(parseCount, { size: 12 })).toBe(12);
  });
});

test('accounts are not known of an answer that names none', () => {
  expect(value(parseAccounts, { size: 3, Account: [{ id: 0 }, { id: '1' }, { id: 2 }] })).toBe(2);
  expect(parseAccounts(container({}), {}).ok).toBe(false);
  expect(parseAccounts(container({ size: 2, Account: 'two' }), {}).ok).toBe(false);
});

test('an update is there when another version is offered', () => {
  expect(judgeUpdate(['1.2'], '1.2')).toEqual({ available: false });
  expect(judgeUpdate([], '1.2')).toEqual({ available: false });
  expect(judgeUpdate(['1.3'], '1.2')).toEqual({ available: true });
});

describe('a message of the socket', () => {
  const message = (type: string, content: object) =>
    parseMessage(JSON.stringify({ NotificationContainer: { type, size: 1, ...content } }));

  test('is known by its type, stray spaces aside', () => {
    expect(message('playing ', {})?.name).toBe('playing');
    expect(message('something.new', {})).toEqual({ name: 'other', notification: { type: 'other' } });
    expect(parseMessage('[]')).toBeUndefined();
    expect(parseMessage('{"NotificationContainer":{"size":1}}')).toBeUndefined();
    expect(parseMessage('no')).toBeUndefined();
  });

  test('of a companion, without a session key that is a number, is ignored', () => {
    const players = [{ state: 'playing' }, { sessionKey: 'abc', state: 'playing' }, { sessionKey: 3, state: 'paused' }];
    expect(message('playing', { PlaySessionStateNotification: players })?.notification).toEqual({
      type: 'playing',
      players: [{ sessionKey: '3', ratingKey: '', state: 'paused' }],
    });
  });

  test('with one entry that cannot be read keeps the others', () => {
    const players = [null, 3, { sessionKey: {}, state: [] }, { sessionKey: '3', state: 'paused', viewOffset: 'x' }];
    expect(message('playing', { PlaySessionStateNotification: players })?.notification).toMatchObject({
      players: [{ sessionKey: '3', state: 'paused' }],
    });
  });

  test.each([0, 5, 9, '5'])('of the timeline in state %j means another count', (state) => {
    const entry = { identifier: 'com.plexapp.plugins.library', sectionID: '2', state };
    expect(message('timeline', { TimelineEntry: [entry, entry] })?.notification).toEqual({
      type: 'library',
      sections: ['2'],
    });
  });

  test('of the timeline that only processes, or is of no library, does not', () => {
    for (const entry of [
      { sectionID: '2', state: 3 },
      { sectionID: -1, state: 5 },
      { identifier: 'com.plexapp.plugins.library.dvr', sectionID: 2, state: 5 },
    ]) {
      expect(message('timeline', { TimelineEntry: [entry] })?.notification).toEqual({ type: 'other' });
    }
  });

  test('of a scan that ended names the library', () => {
    const Activity = { uuid: 'u', type: 'library.update.section', progress: 100, Context: { librarySectionID: 2 } };
    const report = (event: string) => message('activity', { ActivityNotification: [{ event, uuid: 'u', Activity }] });
    const activity = { id: 'u', type: 'library.update.section', progressRatio: 1 };
    expect(report('ended')?.notification).toEqual({
      type: 'activity',
      activities: [{ ended: true, activity, scanned: '2' }],
    });
    expect(report('updated')?.notification).toEqual({ type: 'activity', activities: [{ ended: false, activity }] });
  });
});
