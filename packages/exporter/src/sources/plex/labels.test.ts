import { describe, expect, test } from 'vitest';
import { PLAY_LABELS, playLabels } from './labels.ts';
import { LIBRARIES, makeSession, SERVER } from './state.testing.ts';
import type { PlexLibrary, PlexSession } from './state.ts';

function labelsOf(
  fields: Partial<PlexSession> = {},
  { libraries = LIBRARIES, bitrate = true }: { libraries?: readonly PlexLibrary[] | undefined; bitrate?: boolean } = {},
): Record<string, string> {
  const values = playLabels(makeSession(fields), SERVER, libraries, { bitrate });
  return Object.fromEntries(Object.keys(PLAY_LABELS).map((name, index) => [name, values[index] as string]));
}

/** A session without what may be missing. */
function bare(...missing: readonly (keyof PlexSession)[]): PlexSession {
  const session: Record<string, unknown> = { ...makeSession() };
  for (const field of missing) delete session[field];
  return session as unknown as PlexSession;
}

const libraryOf = (session: Partial<PlexSession>, libraries?: readonly PlexLibrary[]) => {
  const { library_type, library, library_id } = labelsOf(session, libraries && { libraries });
  return [library_type, library, library_id];
};

describe('the labels of a play', () => {
  test('are all of the contract, with what the server says as it says it', () => {
    expect(labelsOf()).toEqual({
      ...{ server_type: 'plex', server: 'Home', server_id: 'abc123' },
      ...{ library_type: 'show', library: 'Series', library_id: '3' },
      ...{ media_type: 'episode', title: 'The Show', child_title: 'Season 1', grandchild_title: 'Pilot' },
      ...{
        stream_type: 'transcode',
        stream_resolution: '720p',
        stream_file_resolution: '1080',
        stream_bitrate: '4000',
      },
      ...{ device: 'Shield', device_type: 'Plex for Android', user: 'Bob', session: '7' },
      ...{ transcode_type: 'video', subtitle_action: 'burn' },
    });
  });

  test('have one title for all but episodes', () => {
    const track = labelsOf({ type: 'track', title: 'Song', parentTitle: 'Album', grandparentTitle: 'Artist' });
    expect([track.title, track.child_title, track.grandchild_title]).toEqual(['Song', '', '']);
  });

  test('name user and device also while the session has no media yet', () => {
    const values = playLabels(bare('media', 'fileResolution', 'transcodeKind'), SERVER, LIBRARIES, { bitrate: true });
    const labels = Object.fromEntries(Object.keys(PLAY_LABELS).map((name, index) => [name, values[index]]));
    expect(labels).toMatchObject({
      ...{ user: 'Bob', device: 'Shield', device_type: 'Plex for Android', transcode_type: 'none' },
      ...{ stream_type: 'unknown', stream_resolution: '', stream_file_resolution: '', stream_bitrate: '0' },
    });
  });

  test('leave the bitrate empty where it is switched off', () => {
    expect(labelsOf({}, { bitrate: false }).stream_bitrate).toBe('');
  });

  test('keep a session of Other Videos in its own library', () => {
    expect(libraryOf({ type: 'movie', librarySectionId: '6' })).toEqual(['movie', 'Home videos', '6']);
  });

  test('name pre-rolls and Live TV, which are in no library', () => {
    expect(libraryOf({ type: 'clip', preroll: true, librarySectionId: '-2' })).toEqual(['preroll', 'Preroll', '-2']);
    expect(libraryOf({ live: true, librarySectionId: '-4' })).toEqual(['live', 'Live TV', '-4']);
    const { librarySectionId: _, ...live } = makeSession({ live: true });
    expect(playLabels(live, SERVER, LIBRARIES, { bitrate: true }).slice(3, 6)).toEqual(['live', 'Live TV', '-4']);
  });

  test('are the same before the libraries are known as after', () => {
    const before = playLabels(makeSession(), SERVER, undefined, { bitrate: true });
    expect(before).toEqual(playLabels(makeSession(), SERVER, LIBRARIES, { bitrate: true }));
  });

  test('say that a library is unknown where nothing tells of it', () => {
    const unknown = ['unknown', 'unknown', '0'];
    expect(libraryOf({ librarySectionId: '-3' })).toEqual(unknown);
    expect(libraryOf({ type: 'clip', librarySectionId: '99' })).toEqual(unknown);
    const nowhere = playLabels(bare('librarySectionId'), SERVER, LIBRARIES, { bitrate: true });
    expect(nowhere.slice(3, 6)).toEqual(unknown);
  });

  test('are clean, so that no two rows become one series later', () => {
    const { grandchild_title: title, user } = labelsOf({ title: `a\n${'x'.repeat(500)}`, user: 'B\u0000ob' });
    expect(title).toBe(`a ${'x'.repeat(254)}`);
    expect(user).toBe('B ob');
  });
});
