import { systemClock } from '@media-exporter/metrics';
import { SimulatedPlex } from '@media-exporter/simulators/plex';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Daemon, Folder } from '../daemon/daemon.ts';
import { EVENTUALLY, type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { describeWith } from '../support/tools.ts';

const M = 'job="plex"';
const streams = (matchers: string): string =>
  `count(sum by (session) (rate(play_seconds_total{${M},${matchers}}[1m])) > 0) or vector(0)`;
const hours = (by: string): string => `sum by (media_type, ${by}) (increase(play_seconds_total{${M}}[1m]))`;

/** What the panels of the original's dashboard ask, and how many series each wants at least. */
const PANELS: Readonly<Record<string, readonly [expression: string, least: number]>> = {
  'the variables': [`count by (job, instance, server) (plays_total{${M}})`, 1],
  'platform and version': [`server_info{${M},platform!="",platform_version!="",version!=""}`, 1],
  'host CPU': [`host_cpu_util{${M}} >= 0 <= 100`, 1],
  'host memory': [`host_mem_util{${M}} >= 0 <= 100`, 1],
  'library duration': [`sum by (library) (library_duration_total{${M}})`, 4],
  'library storage': [`sum by (library) (library_storage_total{${M}})`, 5],
  'library items': [`sum by (library) (plex_library_items{${M}})`, 5],
  'media counts': [`{__name__=~"plex_media_(movies|episodes|music|photos|other_videos)",${M}} > 0`, 5],
  'network TX': [`8 * sum(rate(transmit_bytes_total{${M}}[45s])) > 0`, 1],
  'network utilization': [`rate(estimated_transmit_bytes_total{${M}}[1m]) > 0`, 1],
  'all streams': [`(${streams('stream_type=~"transcode|directplay"')}) == 2`, 1],
  'direct plays': [`(${streams('stream_type="directplay"')}) == 1`, 1],
  'video transcodes': [`(${streams('stream_type="transcode",transcode_type=~"video|both"')}) == 1`, 1],
  'burned subtitles': [`(${streams('subtitle_action="burn"')}) == 1`, 1],
  'duration by type of library': [`sum by (library_type) (max_over_time(play_seconds_total{${M}}[24h])) > 0`, 2],
  'top titles': [`${hours('title')} > 0`, 2],
  'top users': [`${hours('user')} > 0`, 2],
  'top platforms': [`${hours('device_type')} > 0`, 2],
  'by the resolution of the file': [`${hours('stream_file_resolution')} > 0`, 2],
  'by the resolution of the stream': [
    `${hours('stream_type, transcode_type, subtitle_action, stream_resolution')} > 0`,
    2,
  ],
};

describeWith('prometheus', "the original's dashboard", ({ prometheus }) => {
  let folder: Folder;
  let plex: SimulatedPlex;
  let daemon: Daemon;
  let running: RunningPrometheus;

  beforeAll(async () => {
    folder = await Folder.create();
    plex = new SimulatedPlex({ clock: systemClock });
    await plex.listen();
    const env = { PLEX_SERVER: plex.url, PLEX_TOKEN: plex.token };
    daemon = new Daemon(['plex', '--web.listen-address', '127.0.0.1:0', '--state.dir', folder.path], env);
    const target = await daemon.address();
    plex.play({ item: '1001' });
    const transcode = { bitrateKbps: 4000, videoResolution: '720p', subtitle: 'burn' } as const;
    plex.play({ item: '2001', user: 'Dora', player: 'Chrome', location: 'wan', transcode });
    running = await startPrometheus(prometheus, [{ job_name: 'plex', static_configs: [{ targets: [target] }] }]);
  });
  afterAll(async () => {
    await running?.stop();
    await daemon?.dispose();
    await plex?.close();
    await folder?.remove();
  });

  test.each(Object.entries(PANELS))('shows %s', async (_, [expression, least]) => {
    const series = async (): Promise<number> => (await running.query(expression)).length;
    // A panel of plays needs two looks at the sessions, one of bytes two at the statistics, which are asked for every 30 s.
    await expect.poll(series, EVENTUALLY).toBeGreaterThanOrEqual(least);
  });
});
