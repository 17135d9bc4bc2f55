import { describe, expect, test } from 'vitest';
import { inChunks } from '../parse/items.testing.ts';
import { type RawSession, readSessions } from '../parse/sessions.ts';
import { deliveryOf, hasFile, isPreroll, isTheme, mediaTypeOf, subtitleActionOf, transcodeKindOf } from './classify.ts';

function session(entry: object): RawSession {
  const parsed = inChunks(readSessions)(
    JSON.stringify({ MediaContainer: { size: 1, Metadata: [{ sessionKey: '1', ...entry }] } }),
    {},
  );
  if (!parsed.ok || parsed.value[0] === undefined) throw new Error('no session');
  return parsed.value[0];
}

const streams = (video: string | undefined, audio: string | undefined, subtitle?: string) => [
  { streamType: 1, decision: video },
  { streamType: 2, selected: true, decision: audio },
  ...(subtitle === undefined ? [] : [{ streamType: 3, selected: true, decision: subtitle }]),
];
const media = (decision: string | undefined, Stream: object[] = []) => [{ Part: [{ decision, Stream }] }];
const transcode = (fields: object) => ({ key: '/transcode/sessions/abc', ...fields });

describe('delivery', () => {
  test.each([
    ['direct play', media('directplay'), undefined, 'direct_play', undefined],
    ['a changed container', media('transcode', streams('copy', 'copy')), undefined, 'direct_stream', undefined],
    ['a transcode of the sound', media('transcode', streams('copy', 'transcode')), undefined, 'transcode', 'audio'],
    ['a transcode of the picture', media('transcode', streams('transcode', 'copy')), undefined, 'transcode', 'video'],
    ['a transcode of both', media('transcode', streams('transcode', 'transcode')), undefined, 'transcode', 'both'],
    [
      'a track that is encoded anew',
      media('transcode', [{ streamType: 2, decision: 'transcode' }]),
      undefined,
      'transcode',
      'audio',
    ],
    ['no medium', undefined, undefined, undefined, undefined],
    ['a part that is copied', media('copy'), undefined, 'direct_stream', undefined],
    [
      'decisions of the transcode alone',
      undefined,
      transcode({ videoDecision: 'Transcode', audioDecision: 'copy' }),
      'transcode',
      'video',
    ],
  ])('is told by the decisions: %s', (_, Media, TranscodeSession, delivery, kind) => {
    const raw = session({ Media, TranscodeSession });
    expect(deliveryOf(raw)).toBe(delivery);
    expect(transcodeKindOf(raw)).toBe(kind);
  });

  test('codecs tell only where there is no decision', () => {
    const codecs = { sourceVideoCodec: 'hevc', videoCodec: 'h264', sourceAudioCodec: 'aac', audioCodec: 'aac' };
    expect(transcodeKindOf(session({ TranscodeSession: transcode(codecs) }))).toBe('video');
    const decided = { ...codecs, videoDecision: 'copy', audioDecision: 'copy' };
    expect(transcodeKindOf(session({ TranscodeSession: transcode(decided) }))).toBeUndefined();
  });

  test.each(['*', ''])('a codec that is %j is that of the source', (codec) => {
    const TranscodeSession = transcode({
      sourceVideoCodec: '',
      videoCodec: codec,
      sourceAudioCodec: 'ac3',
      audioCodec: codec,
    });
    expect(transcodeKindOf(session({ TranscodeSession }))).toBeUndefined();
    expect(deliveryOf(session({ TranscodeSession }))).toBe('direct_stream');
  });
});

describe('subtitles', () => {
  test.each([
    ['burn', streams('transcode', 'copy', 'burn'), undefined, 'burn'],
    ['copy', streams('copy', 'copy', 'copy'), undefined, 'copy'],
    ['transcode', streams('copy', 'copy', 'transcode'), undefined, 'transcode'],
    ['the decision of the stream before that of the transcode', streams('copy', 'copy', 'copy'), 'burn', 'copy'],
    ['the decision of the transcode', streams('copy', 'copy'), 'burn', 'burn'],
    ['no subtitle, however much is encoded', streams('transcode', 'transcode'), undefined, 'none'],
    ['a word that nobody knows', streams('copy', 'copy', 'sing'), undefined, 'none'],
  ])('are told by the decision: %s', (_, Stream, subtitleDecision, action) => {
    const raw = session({ Media: media('transcode', Stream), TranscodeSession: transcode({ subtitleDecision }) });
    expect(subtitleActionOf(raw)).toBe(action);
  });
});

test('what is played is known by its type, and Live TV and Other Videos before that', () => {
  expect(mediaTypeOf(session({ type: 'movie' }), 'movie')).toBe('movie');
  expect(mediaTypeOf(session({ type: 'movie' }), 'other_video')).toBe('video');
  expect(mediaTypeOf(session({ type: 'episode', live: '1' }), undefined)).toBe('live');
  expect(mediaTypeOf(session({ type: 'episode', key: '/livetv/sessions/x' }), undefined)).toBe('live');
  expect(mediaTypeOf(session({ type: 'clip' }), undefined)).toBe('video');
  expect(mediaTypeOf(session({ type: 'game' }), undefined)).toBe('other');
});

test('pre-rolls, theme music and Live TV are told from plays of files', () => {
  const preroll = session({ type: 'clip', librarySectionID: '-2', ratingKey: '203214' });
  const trailer = session({ type: 'clip', librarySectionID: 1, ratingKey: '7' });
  const live = session({ type: 'episode', live: true, ratingKey: '203216', librarySectionID: -4 });
  expect([preroll, trailer, live].map(isPreroll)).toEqual([true, false, false]);
  expect([preroll, trailer, live].map(hasFile)).toEqual([false, true, false]);
  expect(isTheme(session({ type: 'track', guid: 'library://1/theme' }))).toBe(true);
  expect(hasFile(session({ type: 'movie', ratingKey: '/channels/x' }))).toBe(false);
});
