import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { skipWithout } from '../../../../test/support/tools.ts';
import { type Json, PlexTest } from '../../testing/plex.ts';

const CAPTURED = join(import.meta.dirname, '../../../../../shared/fixtures/plex/captured');

/** The type at each path of some JSON; lists are told from what they hold by `[]`. */
function shapeOf(value: Json, path = '', shape: Map<string, string> = new Map()): Map<string, string> {
  if (Array.isArray(value)) for (const item of value) shapeOf(item, `${path}[]`, shape);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) shapeOf(inner, path === '' ? key : `${path}.${key}`, shape);
  else shape.set(path, typeof value);
  return shape;
}

/** The same of XML, where all is text. */
function shapeOfXml(text: string): Map<string, string> {
  const shape = new Map<string, string>();
  const open: string[] = [];
  for (const [, close, name = '', attributes = '', empty] of text.matchAll(/<(\/?)(\w+)([^>]*?)(\/?)>/g)) {
    if (close === '/') open.pop();
    else {
      for (const [, attribute] of attributes.matchAll(/([\w]+)="/g))
        shape.set([...open, name, attribute].join('.'), 'text');
      if (empty !== '/') open.push(name);
    }
  }
  return shape;
}

/** Paths of the capture that the simulator has not, without `dressing`, and those where it has another type. */
function compare(captured: Map<string, string>, simulated: Map<string, string>, dressing: RegExp): object {
  const missing = [...captured.keys()].filter((path) => !simulated.has(path) && !dressing.test(path));
  const differing = [...captured].filter(([path, type]) => simulated.has(path) && simulated.get(path) !== type);
  return { missing, differing };
}

const SAME = { missing: [], differing: [] };

/** Pictures, ratings, descriptions and loudness: nothing that a monitor looks at. */
const DRESSING =
  /(Guid\.id|art|Art|thumb|Thumb|theme|guid|Guid|Key|rating|Rating|ratingImage|RatingImage|summary|tagline|studio|Studio|year|Year|chapterSource|viewCount|lastViewedAt|originallyAvailableAt|titleSort|musicAnalysisVersion|ratingCount|index|genuineMediaAnalysis|origin)$/;
const STREAM_DRESSING =
  /Stream\b.*(Gain|Peak|Range|gain|peak|lra|loudness|audioChannelLayout|bitDepth|bitrate|bitrateMode|channels|samplingRate|default|isplayTitle|frameRate|height|language|languageCode|colorPrimaries|index|width|selected)$/;
const MEDIA_DRESSING = /(Profile|has64bitOffsets|hasThumbnail|aspectRatio|file)$/;
const ANY_DRESSING = new RegExp([DRESSING, STREAM_DRESSING, MEDIA_DRESSING].map(({ source }) => source).join('|'));

skipWithout(existsSync(CAPTURED) ? undefined : `${CAPTURED} is missing`, 'beside answers of real servers', () => {
  let server: PlexTest;

  beforeEach(async () => {
    server = await PlexTest.start();
  });
  afterEach(() => server.end());

  const read = (name: string): string => readFileSync(join(CAPTURED, name), 'utf8');
  const readJson = (name: string): Json => JSON.parse(read(name));
  const xmlOf = async (path: string): Promise<string> => (await server.fetch(path, { accept: 'text/xml' })).text();
  const jsonOf = async (path: string): Promise<Json> => (await server.fetch(path)).json();

  describe('JSON', () => {
    test('a session that plays directly has its fields and types', async () => {
      server.plex.play({ item: '3001', player: 'Chrome' });
      const captured = shapeOf(readJson('plexapispec_status_sessions.example.json'));
      const player = /Player\.model$/;
      const dressing = new RegExp(`${ANY_DRESSING.source}|${player.source}`);
      expect(compare(captured, shapeOf(await jsonOf('/status/sessions')), dressing)).toEqual(SAME);
    });

    test('a transcode session has its fields and types', async () => {
      server.plex.play({ item: '1002', transcode: { subtitle: 'burn' } });
      const captured = shapeOf(readJson('plexapispec_transcode-sessions.example.json'));
      expect(compare(captured, shapeOf(await jsonOf('/transcode/sessions')), /^$/)).toEqual(SAME);
    });

    test('the statistics have their fields and types', async () => {
      server.plex.play({ item: '1002' });
      server.pass(5);
      for (const name of ['resources', 'bandwidth']) {
        const captured = shapeOf(readJson(`plexapispec_statistics_${name}.example.json`));
        expect(compare(captured, shapeOf(await jsonOf(`/statistics/${name}?timespan=6`)), /^$/)).toEqual(SAME);
      }
    });

    test('libraries have their fields and types', async () => {
      const { sections_get_200, library_movie_get_200 } = readJson('watchstate_plex_data.json');
      const sections = shapeOf(sections_get_200.response.body);
      expect(compare(sections, shapeOf(await jsonOf('/library/sections')), /^$/)).toEqual(SAME);
      const { Metadata: _items, ...list } = library_movie_get_200.response.body.MediaContainer;
      const path = '/library/sections/1/all?X-Plex-Container-Start=0&X-Plex-Container-Size=0';
      expect(compare(shapeOf({ MediaContainer: list }), shapeOf(await jsonOf(path)), /^$/)).toEqual(SAME);
    });

    test('the metadata of an item have the fields and types of an item in a list', async () => {
      const [item] = readJson('watchstate_plex_data.json').library_movie_get_200.response.body.MediaContainer.Metadata;
      const { Media, ratingKey, key, title, type, duration, addedAt } = item;
      const captured = shapeOf({ Media, ratingKey, key, title, type, duration, addedAt });
      const [simulated] = (await server.get('/library/metadata/1002')).Metadata;
      const dressing = new RegExp(`${MEDIA_DRESSING.source}|Part\\[\\]\\.optimizedForStreaming`);
      expect(compare(captured, shapeOf(simulated), dressing)).toEqual(SAME);
    });

    test('who has no token gets the same page', async () => {
      const { headers, body, http_code } = readJson('watchstate_plex_data.json').sections_get_401.response;
      const response = await server.fetch('/library/sections', { 'x-plex-token': 'wrong' });
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        http_code,
        headers['Content-Type'],
        body,
      ]);
    });
  });

  describe('XML', () => {
    const PLAYER_DRESSING = /Player\.(deviceClass|model|protocolVersion|vendor)$/;
    const dressing = new RegExp(`${ANY_DRESSING.source}|${PLAYER_DRESSING.source}|Media\\.(Part\\.)?optimized`);

    test('a transcoded session has its attributes', async () => {
      server.plex.play({ item: '1002', transcode: { bitrateKbps: 6000, videoResolution: '720p' } });
      const captured = shapeOfXml(read('ha_session_base.xml'));
      expect(compare(captured, shapeOfXml(await xmlOf('/status/sessions')), dressing)).toEqual(SAME);
    });

    test('a pre-roll has its attributes', async () => {
      server.plex.play({ item: '203214', transcode: { bitrateKbps: 1886, videoResolution: 'SD' } });
      const captured = shapeOfXml(read('ha_session_transient.xml'));
      expect(compare(captured, shapeOfXml(await xmlOf('/status/sessions')), dressing)).toEqual(SAME);
    });

    test('the transcode of live television has its attributes', async () => {
      server.plex.play({ item: '203216', transcode: { video: 'copy', audio: 'copy' }, nestedTranscode: true });
      const only = (shape: Map<string, string>): Map<string, string> =>
        new Map([...shape].filter(([path]) => path.includes('.Media.TranscodeSession.')));
      const captured = only(shapeOfXml(read('ha_livetv_sessions.xml')));
      expect(captured.size).toBeGreaterThan(10);
      expect(compare(captured, only(shapeOfXml(await xmlOf('/status/sessions'))), /^$/)).toEqual(SAME);
    });

    test('a transcode in hardware has its attributes', async () => {
      server.plex.play({ item: '1002', transcode: { hardware: { decoding: 'dxva2', encoding: 'qsv' } } });
      const captured = shapeOfXml(read('plexapi_server_transcode_sessions.xml'));
      expect(compare(captured, shapeOfXml(await xmlOf('/transcode/sessions')), /^$/)).toEqual(SAME);
    });

    test('the server, its libraries, their sizes and the resources have their attributes', async () => {
      const path = '/library/sections/2/all?type=4&X-Plex-Container-Start=0&X-Plex-Container-Size=0';
      const pairs: readonly (readonly [string, string, RegExp])[] = [
        [
          'ha_plex_server_base.xml',
          '/',
          /(hubSearch|itemClusters|mediaProviders|multiuser|photoAutoTag|requestParameters\w+|transcoderPhoto)$/,
        ],
        ['ha_library_sections.xml', '/library/sections', /(identifier|mediaTag\w+)$/],
        ['ha_library_tvshows_size_episodes.xml', path, /(nocache|sortAsc)$/],
        ['plexapi_server_resources.xml', '/statistics/resources?timespan=6', /^$/],
      ];
      for (const [name, endpoint, without] of pairs) {
        expect([name, compare(shapeOfXml(read(name)), shapeOfXml(await xmlOf(endpoint)), without)]).toEqual([
          name,
          SAME,
        ]);
      }
    });
  });

  describe('messages', () => {
    /** Each captured message with the real wrapper and one entry. */
    const lines = (): Json[] =>
      read('ws-real-messages.jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg?.NotificationContainer)
        .filter((message) => message !== undefined);

    test.each(['playing', 'transcodeSession.end', 'preference'])(
      'of the type %s have their fields and types',
      async (type) => {
        const listening = await server.listen();
        server.plex.settings.dialect = '2019';
        const session = server.plex.play({ item: '1002', transcode: { protocol: 'hls' } });
        server.pass(30);
        session.pause();
        session.fail();
        server.plex.background.setPreference('LastAutomaticMappedPort', 25_018);
        await listening.messages();
        const simulated = new Map(
          listening.frames
            .map((frame) => JSON.parse(frame).NotificationContainer as Json)
            .filter((message) => message.type === type)
            .flatMap((message) => [...shapeOf(message)]),
        );
        const captured = lines().filter((message) => message.type === type);
        expect(captured.length).toBeGreaterThan(0);
        for (const message of captured) expect(compare(shapeOf(message), simulated, /^$/)).toEqual(SAME);
      },
    );
  });
});
