import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import type { SimulatedJellyfin } from '@media-exporter/simulators/jellyfin';
import { expect, test } from 'vitest';
import { DrivenExporter } from '../support/driven/exporter.ts';
import { Exposition } from '../support/exposition.ts';
import { testFolder } from '../support/folder.ts';
import { open, TOKEN } from './bench.ts';

test('the line that the original is started with works as it stands, and shows the key nowhere', async () => {
  const key = join(testFolder(), 'key');
  writeFileSync(key, `${TOKEN}\n`);
  const { exporter, advance, exposition } = await open({
    flags: (url) => [
      ...[`--jellyfin.address=${url}`, `--jellyfin.token-file=${key}`],
      ...['activity', 'library', 'sessions', 'playback'].map((name) => `--collector.${name}`),
    ],
  });
  await advance(30);
  const page = await exposition();
  expect(page.value('jellyfin_up')).toBe(1);
  expect(page.value('jellyfin_library_items_total', { type: 'movie' })).toBeGreaterThan(0);
  expect(page.text).not.toMatch(/^(jellyfin|media)_(?!exporter)\w+\{[^}]*source="jellyfin"/m);
  expect(`${page.text}${exporter.log}`).not.toContain(TOKEN);
  expect(exporter.log).not.toContain('level=warn');
});

test('the key can be a variable, or a credential of systemd', async () => {
  const variable = await open({ flags: () => [], env: (url) => ({ JELLYFIN_ADDRESS: url, JELLYFIN_TOKEN: TOKEN }) });
  expect((await variable.exposition()).value('jellyfin_up')).toBe(1);
  const credentials = testFolder();
  writeFileSync(join(credentials, 'jellyfin-token'), TOKEN);
  const env = (url: string) => ({ JELLYFIN_ADDRESS: url, CREDENTIALS_DIRECTORY: credentials });
  const credential = await open({ flags: () => [], env });
  expect((await credential.exposition()).value('jellyfin_up')).toBe(1);
});

test('a key on the command line is warned of, and not shown', async () => {
  const { exporter, exposition } = await open();
  expect(exporter.log).toContain('level=warn msg="everybody on this machine can read --jellyfin.token');
  expect(`${(await exposition()).text}${exporter.log}`).not.toContain(TOKEN);
});

test('the bare process metrics are those of Jellyfin, and the own ones have a prefix', async () => {
  const { exposition, jellyfin } = await open();
  const page = await exposition();
  expect(page.value('process_resident_memory_bytes')).toBe(jellyfin.settings.residentBytes);
  expect(page.value('process_cpu_seconds_total')).toBe(page.value('jellyfin_process_cpu_seconds_total'));
  expect(page.value('media_exporter_process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(page.families.filter(({ name }) => name.startsWith('process_'))).toHaveLength(2);
});

test('there are no bare process metrics where nothing is known of the process of Jellyfin', async () => {
  const { exposition } = await open({ settings: { metrics: false } });
  const page = await exposition();
  expect(page.text).not.toMatch(/^process_/m);
  expect(page.value('media_exporter_process_resident_memory_bytes')).toBeGreaterThan(1e6);
});

test('what the exporter tells of itself can be left out, but for how it reads its source', async () => {
  const { exposition } = await open({ args: ['--web.disable-exporter-metrics'] });
  const page = await exposition();
  expect(page.value('process_resident_memory_bytes')).toBeGreaterThan(0);
  expect(page.text).not.toMatch(/^(nodejs_|media_exporter_(process|build|scrapes))/m);
  expect(page.series('media_exporter_collector_success').length).toBeGreaterThan(5);
});

test('a server with a base URL is found by the address of its web application', async () => {
  const { exposition } = await open({
    basePath: '/media',
    flags: (url) => [`--jellyfin.address=${url}/web/#/home.html`, `--jellyfin.token=${TOKEN}`],
  });
  expect((await exposition()).value('jellyfin_up')).toBe(1);
});

test('only what is switched on is asked for', async () => {
  const { advance, jellyfin, exposition } = await open({ args: ['--collector.disable-defaults', '--collector.users'] });
  await advance(60);
  expect((await exposition()).value('jellyfin_users_total')).toBeGreaterThan(0);
  expect(jellyfin.requests.count('/Sessions')).toBe(0);
  expect(jellyfin.requests.count('/metrics')).toBe(0);
});

test('a scrape can pick out collectors, by the names of the original too, and costs the server nothing', async () => {
  const { exporter, jellyfin } = await open({ before: (server) => void server.play() });
  const asked = jellyfin.requests.count();
  const read = async (query: string): Promise<Exposition> => new Exposition(await exporter.scrape(`/metrics?${query}`));
  const playing = await read('collect[]=playing&collect[]=process');
  expect(playing.sum('jellyfin_sessions_active')).toBe(1);
  expect(playing.value('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(playing.text).not.toMatch(/^(jellyfin_(up|users|library|playback|task)|media_(?!exporter))/m);
  expect(playing.series('media_exporter_collector_success').map(({ labels }) => labels.collector)).toEqual([
    'sessions',
    'process',
  ]);
  const rest = await read('exclude[]=playing&exclude[]=process');
  expect(rest.value('jellyfin_up')).toBe(1);
  expect(rest.value('media_server_up')).toBe(1);
  expect(rest.text).not.toMatch(/^(jellyfin_sessions|process_)/m);
  expect(await exporter.scrape('/metrics?collect[]=library_walk')).toMatch(/^No collector "library_walk" runs here\. /);
  expect(jellyfin.requests.count()).toBe(asked);
});

test('single sessions have series when they are asked for', async () => {
  const before = (jellyfin: SimulatedJellyfin): void => {
    jellyfin.play();
  };
  const silent = await open({ before });
  await silent.advance(30);
  expect((await silent.exposition()).text).not.toMatch(/^(jellyfin_now_playing|media_session)_/m);
  const telling = await open({ before, args: ['--jellyfin.session-series'] });
  await telling.advance(30);
  expect((await telling.exposition()).series('jellyfin_now_playing_info')).toHaveLength(1);
});

test('the drop-in stays up with a key that is refused, says so, and shows the key nowhere', async () => {
  const { exposition, exporter, advance } = await open({
    flags: (url) => [`--jellyfin.address=${url}`, '--jellyfin.token=a-wrong-key'],
  });
  await advance(60);
  const page = await exposition();
  expect(page.value('jellyfin_up')).toBe(0);
  expect(page.value('jellyfin_up_reason', { reason: 'unauthorized' })).toBe(1);
  expect(exporter.log).toContain('MX_UPSTREAM_UNAUTHORIZED');
  expect(`${page.text}${exporter.log}`).not.toContain('a-wrong-key');
  expect(page.text).not.toMatch(/^jellyfin_(sessions|library|users)/m);
});

test('the drop-in stays up with a server that is down', async () => {
  const clock = new ManualClock();
  const exporter = await DrivenExporter.start({
    args: [
      ...['jellyfin', '--jellyfin.address=http://127.0.0.1:1', '--jellyfin.token=x', `--state.dir=${testFolder()}`],
      '--web.listen-address=127.0.0.1:0',
    ],
    clock,
  });
  await exporter.advance(60_000);
  const page = new Exposition(await exporter.scrape());
  expect(page.value('jellyfin_up')).toBe(0);
  expect(page.value('jellyfin_up_reason', { reason: 'unreachable' })).toBe(1);
  expect(await exporter.stop()).toBe(0);
});

test('counts go on after a restart of the drop-in', async () => {
  const state = testFolder();
  const args = [`--state.dir=${state}`];
  const first = await open({ args });
  const play = first.jellyfin.play();
  await first.advance(90);
  play.stop();
  await first.advance(30);
  const page = await first.exposition();
  const [watched] = page.series('jellyfin_user_watch_time_seconds');
  expect(watched?.value).toBeGreaterThan(60);
  await first.exporter.stop();
  const second = await open({ args });
  await second.advance(30);
  const after = await second.exposition();
  expect(after.value('jellyfin_user_watch_time_seconds', watched?.labels)).toBe(watched?.value);
  expect(after.sum('jellyfin_playback_total')).toBe(1);
});
