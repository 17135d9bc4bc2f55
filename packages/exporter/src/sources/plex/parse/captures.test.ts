import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { skipWithout } from '../../../../../../test/support/tools.ts';
import type { Parse } from '../../http/http.ts';
import { deliveryOf, isPreroll, mediaTypeOf, subtitleActionOf, transcodeKindOf } from '../sessions/classify.ts';
import { inChunks } from './items.testing.ts';
import { parseMessage } from './notification.ts';
import { parseProviders, parseRoot, parseSections, readCount } from './server.ts';
import { type RawSession, readFileResolutions, readSessions } from './sessions.ts';
import { parseBandwidth, parseResources } from './statistics.ts';
import { readTranscode } from './transcode.ts';

const FOLDER = join(import.meta.dirname, '../../../../../../../shared/fixtures/plex/captured');
const missing = existsSync(FOLDER) ? undefined : 'the captured answers are not beside the repository';

const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
/** A captured answer as JSON, as the same server gives it when it is asked for JSON. */
const json = (name: string): string => (name.endsWith('.xml') ? JSON.stringify(readXml(read(name))) : read(name));

function value<T>(parse: Parse<T>, body: string): T {
  const parsed = parse(body, {});
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

const session = (name: string): RawSession => value(inChunks(readSessions), json(name))[0] as RawSession;

skipWithout(missing, 'of the answers of real servers', () => {
  test('a server tells who it is', () => {
    expect(value(parseRoot, json('ha_plex_server_base.xml'))).toEqual({
      name: '{name}',
      id: '{machine_identifier}',
      version: '1.20.4.3517-ab5e1197c',
      platform: 'Linux',
      platformVersion: '20.04.1 LTS (Focal Fossa)',
      plexPass: true,
      remoteAccess: true,
      transcoderActiveVideoSessions: 0,
    });
  });

  test('libraries tell their kinds', () => {
    const kinds = value(parseSections, json('ha_library_sections.xml')).map(({ id, title, kind }) => [id, title, kind]);
    expect(kinds).toEqual([
      ['1', 'Movies', 'movie'],
      ['2', 'TV Shows', 'show'],
      ['3', 'Music', 'artist'],
    ]);
    const { sections_get_200: answer } = JSON.parse(read('watchstate_plex_data.json'));
    const libraries = value(parseSections, JSON.stringify(answer.response.body));
    expect(libraries.map(({ kind }) => kind)).toEqual(['movie', 'show', 'show']);
    expect(libraries[0]?.scannedAt).toBe(1_693_688_538_000);
  });

  test('a count is the total, not the size of the container', () => {
    expect(value(inChunks(readCount), json('ha_library_tvshows_size_episodes.xml'))).toBe(10);
  });

  test('a film whose sound alone is encoded anew is an audio transcode on the network of the server', () => {
    const film = session('ha_session_base.xml');
    expect(film).toMatchObject({ sessionKey: '1', ratingKey: '1', state: 'playing', scope: 'lan', secure: true });
    expect(film.media).toMatchObject({ bitrate: 6000, resolution: '720p', decision: 'transcode' });
    expect(deliveryOf(film)).toBe('transcode');
    expect(transcodeKindOf(film)).toBe('audio');
    expect(subtitleActionOf(film)).toBe('none');
  });

  test('a clip before a film is a pre-roll', () => {
    const clip = session('ha_session_transient.xml');
    expect(isPreroll(clip)).toBe(true);
    expect(clip.librarySectionId).toBe('-2');
    expect(clip.media?.resolution).toBe('SD');
    expect(transcodeKindOf(clip)).toBe('both');
  });

  test('Live TV has its transcode inside the medium, and codecs that are a star are no transcode', () => {
    const answer = readXml(read('ha_livetv_sessions.xml')) as { MediaContainer: { Metadata: object[] } };
    // The answer of the tuner has no session key, which that of the sessions has.
    const [entry] = answer.MediaContainer.Metadata;
    const body = JSON.stringify({ MediaContainer: { size: 1, Metadata: [{ ...entry, sessionKey: '7' }] } });
    const live = value(inChunks(readSessions), body)[0] as RawSession;
    expect(live.live).toBe(true);
    expect(mediaTypeOf(live, undefined)).toBe('live');
    expect(live.transcode?.id).toBe('a3d01c51-5480-4474-a0bb-b7a19c96eff0');
    expect(live.transcode).not.toHaveProperty('progress');
    expect(deliveryOf(live)).toBe('direct_stream');
    expect(transcodeKindOf(live)).toBeUndefined();
  });

  test('a track is played as it is, with a player that tells no device', () => {
    const track = session('plexapispec_status_sessions.example.json');
    expect(track).toMatchObject({
      sessionKey: '203',
      type: 'track',
      librarySectionId: '3',
      bandwidth: 1050,
      userId: '1',
    });
    expect(track.player.device).toBe('');
    expect(track.media).toEqual({ bitrate: 1014, decision: 'directplay' });
    expect(deliveryOf(track)).toBe('direct_play');
  });

  test('statistics are read, the newest row of the load', () => {
    expect(value(parseResources, json('plexapi_server_resources.xml'))).toEqual({
      at: 1_609_708_619_000,
      hostCpuPercent: 10,
      hostMemoryPercent: 64.281,
      processCpuPercent: 4.415,
      processMemoryPercent: 3.669,
    });
    expect(value(parseResources, json('plexapispec_statistics_resources.example.json')).hostCpuPercent).toBe(1.276);
    const { rows, accounts } = value(parseBandwidth, json('plexapispec_statistics_bandwidth.example.json'));
    expect(rows).toEqual([{ at: 1_718_387_650, account: '238960586', device: '208', lan: true, bytes: 22 }]);
    expect(accounts.get('238960586')).toBe('Diane');
  });

  test('transcodes tell their speed and hardware', () => {
    const xml = readXml(read('plexapi_server_transcode_sessions.xml')) as {
      MediaContainer: { TranscodeSession: never[] };
    };
    const [first] = xml.MediaContainer.TranscodeSession;
    expect(readTranscode(first)).toMatchObject({
      id: 'qucs2leop3yzm0sng4urq1o0',
      speed: 6.400000095367432,
      hardwareDecoding: 'dxva2',
      hardwareEncoding: 'qsv',
      hardwareFullPipeline: false,
    });
    const [second] = JSON.parse(read('plexapispec_transcode-sessions.example.json')).MediaContainer.TranscodeSession;
    expect(readTranscode(second)).toMatchObject({ subtitleDecision: 'burn', remaining: 53 });
  });

  test('an answer without anything in it is no server', () => {
    const body = read('plexapispec_media_providers_get-media-providers.example.json');
    const parsed = parseProviders(body, {});
    expect(parsed.ok && parsed.value.libraries).toEqual([]);
  });

  test('metadata of an item gives the resolution of its file', () => {
    const { library_movie_get_200: answer } = JSON.parse(read('watchstate_plex_data.json'));
    const found = [...value(inChunks(readFileResolutions), JSON.stringify(answer.response.body))];
    expect(found).toEqual([[expect.stringMatching(/^\d+$/), expect.stringMatching(/^(\d+|sd|4k)$/)]]);
  });

  test('every message of the socket is read', () => {
    const messages = read('ws-real-messages.jsonl')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    const names = messages.flatMap(({ msg }) => (msg === undefined ? [] : [parseMessage(JSON.stringify(msg))?.name]));
    expect(names).toEqual(['playing', 'transcodeSession.end', 'preference', 'playing', 'playing', 'playing']);
    expect(parseMessage(JSON.stringify(messages[0].msg))?.notification).toEqual({
      type: 'playing',
      players: [{ sessionKey: '16', ratingKey: '6263', state: 'error', positionMilliseconds: 0 }],
    });
    expect(parseMessage(JSON.stringify(messages[1].msg))?.notification).toMatchObject({
      event: 'end',
      transcodes: [{ id: 'f546195c58e8a52a-com-plexapp-android', progress: 27.5, speed: 0, remaining: 13519 }],
    });
  });
});

/** Elements whose name differs between the two forms of an answer. */
const RENAMED: Readonly<Record<string, string>> = { Video: 'Metadata', Track: 'Metadata', Photo: 'Metadata' };
/** Elements that are an object in JSON, where all others are lists. */
const SINGLE = ['User', 'Player', 'Session', 'TranscodeSession'];

type Element = Record<string, unknown>;

/** The XML of a real answer in the shape that Plex gives the same answer in JSON; every value is a text. */
function readXml(xml: string): Element {
  const root: Element = {};
  const open: Element[] = [root];
  for (const [, close, name = '', attributes = '', empty] of xml.matchAll(/<(\/?)([A-Za-z]\w*)([^<>]*?)(\/?)>/g)) {
    if (close === '/') {
      open.pop();
      continue;
    }
    const element = Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, decode(value)]),
    );
    const parent = open.at(-1) as Element;
    const key = RENAMED[name] ?? name;
    const inSession = SINGLE.includes(name) && open.length > 2;
    if (name === 'MediaContainer' || inSession) parent[key] = element;
    else parent[key] = [...((parent[key] as Element[] | undefined) ?? []), element];
    if (empty !== '/') open.push(element);
  }
  return root;
}

function decode(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => named[name] ?? '');
}
