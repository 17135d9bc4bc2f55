import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, PlexTest } from '../../../testing/plex.ts';

let server: PlexTest;

beforeEach(async () => {
  server = await PlexTest.start();
});
afterEach(() => server.end());

describe('sessions', () => {
  test('of live television are in no library, and may have their transcode within Media', async () => {
    const transcode = { video: 'copy', audio: 'copy' } as const;
    server.plex.play({ item: '203216', transcode });
    server.plex.play({ item: '203216', player: 'Attic', transcode, nestedTranscode: true });
    const [beside, within] = await server.sessions();
    expect([beside.live, beside.key, 'librarySectionID' in beside, 'duration' in beside]).toEqual([
      '1',
      '/livetv/sessions/203216',
      false,
      false,
    ]);
    expect(beside.Media[0].Part[0]).not.toHaveProperty('decision');
    const { videoCodec, sourceVideoCodec, progress, size } = beside.TranscodeSession;
    expect([videoCodec, sourceVideoCodec, progress, size]).toEqual(['*', '', -1, -22]);
    expect([within.TranscodeSession, within.Media[0].TranscodeSession.videoDecision]).toEqual([undefined, 'copy']);
    server.plex.settings.dialect = '2019';
    expect((await server.sessions())[0].live).toBe(1);
  });

  test('of pre-rolls, theme music and photos are told by section, guid and Media', async () => {
    for (const item of ['203214', '203217', '4001']) server.plex.play({ item });
    const [preroll, theme, photo] = await server.sessions();
    expect([preroll.librarySectionID, preroll.type, preroll.guid.split(':')[0]]).toEqual([
      '-2',
      'clip',
      'analyzed.prerolls',
    ]);
    expect(theme.guid).toMatch(/^library:\/\//);
    expect([photo.type, 'Media' in photo, 'duration' in photo]).toEqual(['photo', false, false]);
  });

  test('of some players have no device', async () => {
    server.plex.play({ item: '1002', player: 'DESKTOP-7QX3F' });
    expect((await server.sessions())[0].Player).not.toHaveProperty('device');
  });

  test('say how each stream is delivered', async () => {
    server.plex.play({ item: '1002' });
    server.plex.play({ item: '1002', transcode: { video: 'copy', audio: 'copy', subtitle: 'copy' } });
    server.plex.play({ item: '1002', transcode: { bitrateKbps: 4000, videoResolution: '720p', subtitle: 'burn' } });
    const told = (await server.sessions()).map(({ Media: [media] }) => [
      media.videoResolution,
      media.bitrate,
      media.Part[0].decision,
      media.Part[0].Stream.map((stream: { decision?: string }) => stream.decision),
    ]);
    expect(told).toEqual([
      ['1080', 9800, 'directplay', [undefined, undefined, undefined]],
      ['1080p', 9800, 'transcode', ['copy', 'copy', 'copy']],
      ['720p', 4000, 'transcode', ['transcode', 'transcode', 'burn']],
    ]);
  });

  test('without a subtitle tell of none', async () => {
    server.plex.play({ item: '1002', transcode: { bitrateKbps: 4000 } });
    const [{ Media, TranscodeSession }] = await server.sessions();
    expect(Media[0].Part[0].Stream.map(({ streamType }: { streamType: number }) => streamType)).toEqual([1, 2]);
    expect(TranscodeSession).not.toHaveProperty('subtitleDecision');
  });

  test('of an item with two files have both, and the one that is played is selected', async () => {
    server.plex.play({ item: '1003' });
    const [{ Media }] = await server.sessions();
    const told = Media.map(({ videoResolution, selected, Part }: Json) => [
      videoResolution,
      selected,
      Part[0].decision,
    ]);
    expect(told).toEqual([
      ['4k', undefined, undefined],
      ['sd', true, 'directplay'],
    ]);
    expect(new Set(Media.map(({ id }: Json) => id)).size).toBe(2);
  });

  test('that transcode are listed with the bare id, and counted when they encode video', async () => {
    server.plex.play({ item: '1002', transcode: {} });
    server.plex.play({ item: '1002', transcode: { video: 'copy' } });
    server.plex.play({ item: '3001', transcode: {} });
    const { size, TranscodeSession: entries } = await server.get('/transcode/sessions');
    expect([size, entries[0].key]).toEqual([3, server.plex.sessions[0]?.transcode?.id]);
    expect(entries[2]).not.toHaveProperty('videoDecision');
    expect((await server.get('/')).transcoderActiveVideoSessions).toBe(1);
  });
});
