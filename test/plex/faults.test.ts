import { parseOpenMetrics } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import type { Exposition } from '../support/exposition.ts';
import { ExporterBench } from '../support/plex/exporter-bench.ts';

/** Seconds: one look at the sessions. */
const POLL = 10;

const of = (title: string): Record<string, string> => ({ title });

async function near(
  bench: ExporterBench,
  name: string,
  labels: Record<string, string>,
  seconds: number,
): Promise<Exposition> {
  const got = await bench.exposition();
  expect(Math.abs(got.sum(name, labels) - seconds), `${name} ${got.sum(name, labels)}, truth ${seconds}`).toBeLessThan(
    POLL,
  );
  return got;
}

describe('the faults of the original exporter:', () => {
  test('1 transmit_bytes_total counts each row of the bandwidth once', async () => {
    const bench = await ExporterBench.start();
    // Rows of the second in which it was started are older than it.
    await bench.advance(2);
    const session = bench.plex.play({ item: '1001' });
    await bench.advance(60);
    session.stop();
    await bench.advance(120);
    const { lan } = bench.plex.truth.transmittedBytes;
    expect(lan).toBeGreaterThan(0);
    expect((await bench.exposition()).value('transmit_bytes_total')).toBe(lan);
    await bench.advance(600);
    expect((await bench.exposition()).value('transmit_bytes_total')).toBe(lan);
  });

  test('2 estimated_transmit_bytes_total does not fall when the bitrate of a session does', async () => {
    const bench = await ExporterBench.start();
    const session = bench.plex.play({ item: '1001', bitrateKbps: 20_000 });
    let last = 0;
    for (const bitrateKbps of [20_000, 4_000, 500, 8_000]) {
      session.setQuality({ bitrateKbps });
      await bench.advance(60);
      const now = (await bench.exposition()).value('estimated_transmit_bytes_total') ?? 0;
      expect(now).toBeGreaterThan(last);
      last = now;
    }
    const { bytes } = bench.plex.truth.total();
    expect(Math.abs(last - bytes)).toBeLessThan((POLL * 20_000 * 1000) / 8);
  });

  test('3 a label that changes in mid-play begins a series with nothing, and the old one keeps what it has', async () => {
    const bench = await ExporterBench.start();
    const session = bench.plex.play({ item: '1001', bitrateKbps: 20_000 });
    await bench.advance(100);
    session.setQuality({ bitrateKbps: 4_000 });
    await bench.advance(50);
    const got = await near(bench, 'play_seconds_total', {}, 150);
    expect(got.sum('plays_total')).toBe(1);
    const seconds = (stream_bitrate: string): number => got.sum('play_seconds_total', { stream_bitrate });
    expect(Math.abs(seconds('20000') - 100)).toBeLessThanOrEqual(POLL);
    expect(Math.abs(seconds('4000') - 50)).toBeLessThanOrEqual(POLL);
  });

  test('4 another item under the same session key is another play in its own library', async () => {
    const bench = await ExporterBench.start();
    const session = bench.plex.play({ item: '1001' });
    await bench.advance(90);
    session.next('3001', { sameKey: true });
    await bench.advance(40);
    const got = await near(bench, 'play_seconds_total', { library: 'Movies', library_type: 'movie' }, 90);
    await near(bench, 'play_seconds_total', { library: 'Music', library_type: 'artist' }, 40);
    expect(got.sum('plays_total', { library: 'Movies' })).toBe(1);
    expect(got.sum('plays_total', { library: 'Music' })).toBe(1);
  });

  test('5 a stop that no event tells of, and a player that dies, end the clock all the same', async () => {
    const bench = await ExporterBench.start();
    const unheard = bench.plex.play({ item: '1001' });
    const dying = bench.plex.play({ item: '2001', player: 'Kitchen iPad' });
    await bench.advance(65);
    const outage = bench.plex.faults.switchOn({ kind: 'status', status: 503 }, { endpoint: '/status/sessions' });
    unheard.stop({ lost: true });
    dying.kill();
    await bench.advance(20);
    outage.end();
    await bench.advance(600);
    await near(bench, 'play_seconds_total', { media_type: 'movie' }, 65);
    const got = await near(bench, 'play_seconds_total', { media_type: 'episode' }, 65);
    expect(got.sum('media_sessions')).toBe(0);
  });

  test('6 a transcode belongs to the session whose it is, whatever digits its id has', async () => {
    const bench = await ExporterBench.start();
    const { plex } = bench;
    const titles = ['2001', '2002', '2003', '2004'].map((item) => plex.item(item).title);
    const players = ['SHIELD Android TV', 'Kitchen iPad', 'Roku Express', 'Chrome'];
    const transcodes = [
      undefined,
      { video: 'transcode', audio: 'copy' },
      { video: 'copy', audio: 'transcode' },
      { video: 'transcode', audio: 'transcode' },
    ] as const;
    for (const [index, transcode] of transcodes.entries()) {
      const item = `200${index + 1}`;
      plex.play({ item, player: players[index] ?? '', ...(transcode && { transcode }) });
    }
    for (let round = 0; round < 3; round += 1) {
      await bench.advance(30);
      const got = await bench.exposition();
      const types = titles.map((title) =>
        got.series('play_seconds_total', { grandchild_title: title }).map(({ labels }) => labels.transcode_type),
      );
      expect(types).toEqual([['none'], ['video'], ['audio'], ['both']]);
    }
  });

  test('7 a transcode without a session starts no clock and changes no label', async () => {
    const bench = await ExporterBench.start();
    const { plex } = bench;
    const paused = plex.play({ item: '1001' });
    plex.play({ item: '1002', player: 'Chrome', transcode: { video: 'transcode', audio: 'copy' } });
    await bench.advance(30);
    paused.pause();
    for (let second = 0; second < 60; second += 1) {
      const stranger = { key: '/transcode/sessions/nobody-knows-1-this-2', videoDecision: 'transcode', speed: 2 };
      plex.notifications.notify('transcodeSession.update', 'TranscodeSession', stranger);
      await bench.advance(1);
    }
    const got = await near(bench, 'play_seconds_total', of(plex.item('1001').title), 30);
    const types = got.series('play_seconds_total', of(plex.item('1002').title)).map((s) => s.labels.transcode_type);
    expect(types).toEqual(['video']);
    expect(got.series('play_seconds_total', of(''))).toEqual([]);
  });

  test('8 a video transcode without subtitles burns none', async () => {
    const bench = await ExporterBench.start();
    bench.plex.play({ item: '1001', transcode: { video: 'transcode', audio: 'transcode' } });
    bench.plex.play({ item: '1002', player: 'Chrome', transcode: { subtitle: 'burn' } });
    await bench.advance(30);
    const got = await bench.exposition();
    const action = (item: string): (string | undefined)[] =>
      got.series('plays_total', of(bench.plex.item(item).title)).map(({ labels }) => labels.subtitle_action);
    expect(action('1001')).toEqual(['none']);
    expect(action('1002')).toEqual(['burn']);
  });

  test('9 a session without Media may come and go', async () => {
    const bench = await ExporterBench.start();
    const photo = bench.plex.play({ item: '4001' });
    await bench.advance(30);
    photo.pause();
    await bench.advance(15);
    photo.stop();
    await bench.advance(30);
    const got = await near(bench, 'play_seconds_total', { media_type: 'photo' }, 30);
    expect(got.sum('plays_total', { media_type: 'photo', stream_bitrate: '0' })).toBe(1);
  });

  test('10 counting libraries is not done again before it is due', async () => {
    const bench = await ExporterBench.start();
    await bench.advance(60);
    const { requests } = bench.plex;
    const first = requests.count('/library/sections/{id}/all');
    expect(first).toBeGreaterThan(0);
    bench.plex.play({ item: '1001' });
    await bench.advance(600);
    expect(requests.count('/library/sections/{id}/all')).toBe(first);
    expect((await bench.exposition()).value('plex_media_music')).toBe(11_000);
  });

  test('11 counts are absent until they are known', async () => {
    const bench = await ExporterBench.start({
      before: (plex) =>
        void plex.faults.switchOn({ kind: 'slow', ms: 8_000 }, { endpoint: '/library/sections/{id}/all' }),
    });
    // A first scrape waits for the counts, but not for long.
    const [early] = await Promise.all([bench.exposition(), bench.advance(7)]);
    for (const kind of ['movies', 'episodes', 'music', 'photos', 'other_videos']) {
      expect(early.value(`plex_media_${kind}`)).toBeUndefined();
    }
    expect(early.series('plex_library_items')).toEqual([]);
    expect(early.series('library_storage_total')).toHaveLength(5);
    bench.plex.faults.clear();
    await bench.advance(1800);
    expect((await bench.exposition()).value('plex_media_movies')).toBe(1203);
  });

  test('12 after an upgrade only the new version is there', async () => {
    const bench = await ExporterBench.start();
    await bench.advance(30);
    const versions = async (): Promise<(string | undefined)[]> =>
      (await bench.exposition()).series('server_info').map(({ labels }) => labels.version);
    expect(await versions()).toEqual([bench.plex.settings.version]);
    bench.plex.restart({ version: '1.43.3.1-abc' });
    await bench.advance(300);
    expect(await versions()).toEqual(['1.43.3.1-abc']);
  });

  test('13 other videos are no movies, and photos no albums', async () => {
    const bench = await ExporterBench.start();
    await bench.advance(60);
    const got = await bench.exposition();
    expect(got.value('plex_media_movies')).toBe(1203);
    expect(got.value('plex_media_other_videos')).toBe(77);
    expect(got.value('plex_media_photos')).toBe(5200);
    expect(got.value('plex_media_episodes')).toBe(8140);
  });

  test('14 tracks are not asked for as people', async () => {
    const bench = await ExporterBench.start();
    await bench.advance(60);
    const asked = bench.plex.requests.records.filter(({ endpoint }) => endpoint === '/library/sections/{id}/all');
    const types = new Set(asked.map(({ query }) => new URLSearchParams(query).get('type')));
    expect(types).toContain('10');
    expect(types).not.toContain('7');
  });

  test('15 a refused token is told as such, and what fails takes nothing else with it', async () => {
    const bench = await ExporterBench.start();
    const { plex, exporter } = bench;
    const forbidden = plex.faults.switchOn({ kind: 'status', status: 403 }, { endpoint: '/statistics/resources' });
    await bench.advance(2);
    const session = plex.play({ item: '1001' });
    await bench.advance(60);
    session.stop();
    await bench.advance(120);
    const got = await bench.exposition();
    expect(got.value('host_cpu_util')).toBeUndefined();
    expect(got.value('transmit_bytes_total')).toBe(plex.truth.transmittedBytes.lan);
    forbidden.end();
    plex.faults.switchOn({ kind: 'status', status: 401 });
    await bench.advance(120);
    expect(exporter.log).toContain('MX_UPSTREAM_UNAUTHORIZED');
    expect(exporter.log).not.toContain('invalid character');
    expect((await bench.exposition()).value('media_server_up')).toBe(0);
  });

  test('16 a field of an unexpected type costs no message', async () => {
    const bench = await ExporterBench.start();
    const { plex } = bench;
    plex.notifications.notify('preference', 'Setting', { id: 'x', type: 'text', value: 'a text', default: true });
    plex.notifications.notify('timeline', 'TimelineEntry', { sectionID: 'two', itemID: [], state: '5' });
    await bench.advance(2);
    plex.play({ item: '1001' });
    await bench.advance(20);
    expect((await bench.exposition()).sum('plays_total')).toBe(1);
    expect((await bench.exposition()).value('plex_websocket_connected')).toBe(1);
  });

  test('17 running transcodes are seen', async () => {
    const bench = await ExporterBench.start();
    const hardware = { decoding: 'vaapi', encoding: 'vaapi' };
    bench.plex.play({ item: '1001', transcode: { bitrateKbps: 4000, hardware } });
    await bench.advance(30);
    const got = await bench.exposition();
    expect(got.value('media_transcodes', { kind: 'both', hardware: 'vaapi' })).toBe(1);
    expect(got.sum('plex_transcode_sessions')).toBe(1);
  });

  test.each(['/', '/web', '/web/index.html#!/'])(
    '18 a server URL that ends in %s is asked below its path',
    async (end) => {
      const bench = await ExporterBench.start({
        basePath: '/plex',
        env: (plex) => ({ PLEX_SERVER: `${plex.url}${end}` }),
      });
      bench.plex.play({ item: '1001' });
      await bench.advance(30);
      const got = await bench.exposition();
      expect(got.value('media_server_up')).toBe(1);
      expect(got.value('plex_websocket_connected')).toBe(1);
      expect(got.sum('plays_total')).toBe(1);
      expect(bench.plex.requests.records.filter(({ path }) => path.startsWith('//'))).toEqual([]);
    },
  );

  test('19 gauges whose names end in _total are well-formed OpenMetrics', async () => {
    const bench = await ExporterBench.start();
    await bench.advance(30);
    const accept = 'application/openmetrics-text;version=1.0.0';
    const response = await fetch(`${bench.exporter.base}/metrics`, { headers: { accept } });
    const families = parseOpenMetrics(await response.text());
    for (const name of ['library_duration_total', 'library_storage_total']) {
      expect(families.find((family) => family.name === name)?.samples).toHaveLength(name.includes('storage') ? 5 : 4);
    }
  });

  test('20 beside the bare names of the original stand names that collide with nothing', async () => {
    const bench = await ExporterBench.start();
    bench.plex.play({ item: '1001' });
    await bench.advance(60);
    const got = await bench.exposition();
    for (const [bare, clean] of [
      ['server_info', 'plex_info'],
      ['host_cpu_util', 'plex_host_cpu_utilization_ratio'],
      ['plays_total', 'media_plays_total'],
      ['play_seconds_total', 'media_play_seconds_total'],
      ['transmit_bytes_total', 'media_transmitted_bytes_total'],
    ] as const) {
      expect(got.series(bare), bare).not.toEqual([]);
      expect(got.series(clean), clean).not.toEqual([]);
    }
    const [library] = got.series('library_storage_total', { library_id: '2' });
    expect(library?.labels).toMatchObject({ library_type: 'show', library: 'TV Shows', library_id: '2' });
  });

  test('21 transcode_type and subtitle_action have no value but the documented ones', async () => {
    const bench = await ExporterBench.start();
    const { plex } = bench;
    plex.play({ item: '203216', transcode: { video: 'copy', audio: 'copy' }, nestedTranscode: true });
    plex.play({ item: '1001', player: 'Chrome', transcode: { subtitle: 'transcode' } });
    plex.play({ item: '1002', player: 'Attic', transcode: { video: 'copy', subtitle: 'copy' } });
    await bench.advance(30);
    for (const { labels } of (await bench.exposition()).series('plays_total')) {
      expect(['none', 'video', 'audio', 'both']).toContain(labels.transcode_type);
      expect(['none', 'burn', 'copy', 'transcode']).toContain(labels.subtitle_action);
    }
  });
});
