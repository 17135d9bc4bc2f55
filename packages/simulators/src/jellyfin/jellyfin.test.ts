import type { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { body, get, startJellyfin } from '../../testing/jellyfin.ts';
import type { SimulatedJellyfin } from './index.ts';

/** Waits until the port is as the phase wants it. */
async function turn(jellyfin: SimulatedJellyfin, clock: ManualClock, ms: number): Promise<void> {
  await clock.tick(ms);
  await jellyfin.settled;
}

test('a play stands in /Sessions until it is stopped, and its position runs on between reports', async () => {
  const { jellyfin, clock } = await startJellyfin();
  const play = jellyfin.play({ user: 'marta', device: 'TV' });
  clock.advance(4000);
  const [session] = await body(jellyfin, '/Sessions');
  expect(session).toMatchObject({ UserName: 'marta', DeviceName: 'TV', NowPlayingItem: { Type: 'Movie' } });
  expect(session.PlayState).toMatchObject({ PositionTicks: 40_000_000, PlayMethod: 'DirectPlay', IsPaused: false });
  expect(Date.parse(session.LastPlaybackCheckIn)).toBe(jellyfin.date - 4000);
  expect(Date.parse(session.LastActivityDate)).toBe(jellyfin.date);
  play.stop();
  const [idle] = await body(jellyfin, '/Sessions');
  expect(idle).not.toHaveProperty('NowPlayingItem');
  expect(idle.LastPlaybackCheckIn).toBe(session.LastPlaybackCheckIn);
  expect(jellyfin.truth.totals).toMatchObject({ starts: 1, byActual: { directplay: 1 }, watchSeconds: { marta: 4 } });
});

test('a player that died plays on in /Sessions, with fresh activity and an old check-in, until the idle check', async () => {
  const { jellyfin, clock } = await startJellyfin();
  const play = jellyfin.play({ user: 'marta' });
  clock.advance(25_000);
  play.kill();
  clock.advance(240_000);
  const [session] = await body(jellyfin, '/Sessions');
  expect(session.PlayState.PositionTicks).toBe(2_650_000_000);
  expect(jellyfin.date - Date.parse(session.LastActivityDate)).toBeLessThan(1000);
  expect(jellyfin.date - Date.parse(session.LastPlaybackCheckIn)).toBe(245_000);
  clock.advance(360_000);
  const [idle] = await body(jellyfin, '/Sessions');
  expect(idle).not.toHaveProperty('NowPlayingItem');
  expect(jellyfin.activity.counts()).toMatchObject({ VideoPlayback: 1, VideoPlaybackStopped: 1 });
  expect(jellyfin.truth.totals.watchSeconds).toEqual({ marta: 25 });
});

test('a late report brings a stopped session back, without a start in the activity log', async () => {
  const { jellyfin, clock } = await startJellyfin();
  const play = jellyfin.play({ user: 'marta' });
  clock.advance(20_000);
  play.stop();
  play.lateReport();
  clock.advance(60_000);
  const [session] = await body(jellyfin, '/Sessions');
  expect(session.PlayState.PositionTicks).toBe(800_000_000);
  expect(jellyfin.activity.counts()).toMatchObject({ VideoPlayback: 1, VideoPlaybackStopped: 1 });
  expect(jellyfin.truth.totals).toMatchObject({ starts: 1, watchSeconds: { marta: 20 } });
});

test('ffmpeg is told of before the item, then with its progress, and after its end without', async () => {
  const { jellyfin, clock } = await startJellyfin();
  const play = jellyfin.play({ transcode: { speed: 8 } });
  clock.advance(500);
  const [before] = await body(jellyfin, '/Sessions');
  expect(before).not.toHaveProperty('NowPlayingItem');
  expect(before.TranscodingInfo).toMatchObject({ IsVideoDirect: false, VideoCodec: 'h264' });
  expect(before.TranscodingInfo).not.toHaveProperty('Framerate');
  clock.advance(9500);
  const [during] = await body(jellyfin, '/Sessions');
  expect(during.PlayState.PlayMethod).toBe('Transcode');
  expect(during.TranscodingInfo.Framerate).toBeGreaterThan(0);
  expect(during.TranscodingInfo.CompletionPercentage).toBeGreaterThan(0);
  play.stop();
  clock.advance(5000);
  const [after] = await body(jellyfin, '/Sessions');
  expect(after).not.toHaveProperty('TranscodingInfo');
  expect(jellyfin.truth.totals).toMatchObject({ ffmpegJobs: 1, ffmpegExitCodes: { 0: 1 }, ffmpegFailures: 0 });
});

test('a claim of direct play makes the transcoding info come and go', async () => {
  const { jellyfin, clock } = await startJellyfin();
  jellyfin.play({ transcode: { speed: 2 }, claim: 'DirectPlay' });
  clock.advance(10_000);
  const seen = new Set<boolean>();
  for (let poll = 0; poll < 40; poll += 1) {
    clock.advance(170);
    const [session] = await body(jellyfin, '/Sessions');
    seen.add('TranscodingInfo' in session);
    expect(session.PlayState.PlayMethod).toBe('DirectPlay');
  }
  expect([...seen].sort()).toEqual([false, true]);
});

test('a claim of a transcode without one is stored as direct play', async () => {
  const { jellyfin, clock } = await startJellyfin();
  jellyfin.play({ claim: 'Transcode' });
  clock.advance(1000);
  expect((await body(jellyfin, '/Sessions'))[0].PlayState.PlayMethod).toBe('DirectPlay');
  expect(jellyfin.truth.totals).toMatchObject({ byClaimed: { Transcode: 1 }, byActual: { directplay: 1 } });
});

test('two clients of one device id share the transcoding info of whoever was active last', async () => {
  const { jellyfin, clock } = await startJellyfin();
  jellyfin.play({ user: 'marta', client: 'Jellyfin Web', deviceId: 'shared' });
  jellyfin.play({ user: 'jonas', client: 'MPV Shim', deviceId: 'shared', transcode: {}, startAfterMs: 2300 });
  const wrong = new Set<boolean>();
  for (let poll = 0; poll < 60; poll += 1) {
    clock.advance(310);
    for (const session of await body(jellyfin, '/Sessions')) {
      if ('TranscodingInfo' in session) wrong.add(session.Client === 'Jellyfin Web');
    }
  }
  expect([...wrong].sort()).toEqual([false, true]);
});

test('a restart goes through its phases, with the port closed in between', async () => {
  const { jellyfin, clock } = await startJellyfin();
  jellyfin.restart({ kind: 'sigterm', downMs: 1000, setupMs: 1000, betweenMs: 1000, loadingMs: 1000 });
  await turn(jellyfin, clock, 500);
  await expect(get(jellyfin, '/health')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await turn(jellyfin, clock, 1000);
  expect(await (await get(jellyfin, '/health')).text()).toBe('Degraded');
  const open = await get(jellyfin, '/System/Info/Public');
  expect(await open.json()).toMatchObject({ version: '12.0.0', startupWizardCompleted: false });
  expect(open.headers.has('x-response-time-ms')).toBe(false);
  const sent = await get(jellyfin, '/Sessions');
  expect([sent.status, sent.headers.get('retry-after'), sent.headers.get('content-type')]).toEqual([
    503,
    '005',
    'text/html',
  ]);
  await turn(jellyfin, clock, 1000);
  await expect(get(jellyfin, '/health')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await turn(jellyfin, clock, 1000);
  const loading = await get(jellyfin, '/health');
  expect([loading.status, loading.headers.has('retry-after')]).toEqual([503, false]);
  expect((await get(jellyfin, '/System/Info', { authorization: '' })).status).toBe(401);
  expect((await get(jellyfin, '/System/Info')).status).toBe(503);
  expect((await get(jellyfin, '/System/Ping')).status).toBe(200);
  await turn(jellyfin, clock, 1000);
  expect(await (await get(jellyfin, '/health')).text()).toBe('Healthy');
});

test('a line without a setup server only loads', async () => {
  const { jellyfin, clock } = await startJellyfin({ version: '10.8' });
  jellyfin.restart({ kind: 'sigterm' });
  await turn(jellyfin, clock, 4100);
  expect(jellyfin.phase).toBe('loading');
  expect((await get(jellyfin, '/System/Info/Storage')).status).toBe(404);
});

test('after a restart a transcode comes back under the same session as direct play, and is no new play', async () => {
  const { jellyfin, clock } = await startJellyfin();
  jellyfin.play({ transcode: {} });
  clock.advance(30_000);
  const [before] = await body(jellyfin, '/Sessions');
  jellyfin.restart();
  await turn(jellyfin, clock, 20_000);
  const [after] = await body(jellyfin, '/Sessions');
  expect(after).toMatchObject({ Id: before.Id, NowPlayingItem: { Id: before.NowPlayingItem.Id } });
  expect(after.PlayState.PlayMethod).toBe('DirectPlay');
  expect(after.PlayState.PositionTicks).toBeGreaterThan(before.PlayState.PositionTicks);
  expect(jellyfin.activity.counts().VideoPlayback).toBe(1);
  // Its client tells that when it signs in only.
  expect([before.PlayableMediaTypes, after.PlayableMediaTypes]).toEqual([['Video', 'Audio'], []]);
});

test('a restart in place keeps the counters of the process, another process begins anew', async () => {
  const { jellyfin, clock } = await startJellyfin();
  const started = async (): Promise<string | undefined> =>
    /^process_start_time_seconds .*$/m.exec(await (await get(jellyfin, '/metrics')).text())?.[0];
  const first = await started();
  jellyfin.restart();
  await turn(jellyfin, clock, 60_000);
  expect(await started()).toBe(first);
  jellyfin.restart({ kind: 'sigterm' });
  await turn(jellyfin, clock, 60_000);
  expect(await started()).not.toBe(first);
});

test.each([
  ['10.11', 200],
  ['12.0', 401],
] as const)('line %s answers legacy forms of the token with %i', async (version, status) => {
  const { jellyfin } = await startJellyfin({ version });
  const { token, url } = jellyfin;
  for (const headers of [{ 'x-emby-token': token }, { authorization: `Emby Token="${token}"` }]) {
    expect((await fetch(`${url}/System/Info`, { headers })).status).toBe(status);
  }
  expect((await fetch(`${url}/System/Info?api_key=${token}`)).status).toBe(status);
  expect((await fetch(`${url}/System/Info?APIKEY=${token}`)).status).toBe(200);
  const refused = await fetch(`${url}/System/Info`, { headers: { authorization: `mediabrowser Token="${token}"` } });
  expect([refused.status, await refused.text(), refused.headers.get('content-type')]).toEqual([401, '', null]);
});

test('a user without administration is forbidden what only administrators see', async () => {
  const { jellyfin } = await startJellyfin();
  const authorization = `MediaBrowser Token="${jellyfin.people.account('marta').token}"`;
  expect((await get(jellyfin, '/System/Info', { authorization })).status).toBe(200);
  expect((await get(jellyfin, '/ScheduledTasks', { authorization })).status).toBe(403);
});

test('outside of the base path everything is sent to the page of the web client', async () => {
  const { jellyfin } = await startJellyfin({ basePath: '/jellyfin' });
  const outside = jellyfin.url.replace('/jellyfin', '');
  const answer = await fetch(`${outside}/Sessions`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([302, `${jellyfin.url}/web/`]);
  expect((await get(jellyfin, '/sessions/')).status).toBe(200);
});

test('requests are counted by endpoint, and faults strike by endpoint', async () => {
  const { jellyfin } = await startJellyfin();
  jellyfin.faults.switchOn({ kind: 'status', status: 500 }, { endpoint: '/Sessions', requests: 1 });
  expect((await get(jellyfin, '/Sessions')).status).toBe(500);
  expect((await get(jellyfin, '/sessions')).status).toBe(200);
  expect(jellyfin.requests.counts).toEqual({ '/Sessions': 2 });
});
