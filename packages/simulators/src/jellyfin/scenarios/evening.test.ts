import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { causeTroubles, type EveningOptions, evening, type JellyfinVersion, SimulatedJellyfin } from '../index.ts';

const open: SimulatedJellyfin[] = [];

afterEach(async () => {
  for (const jellyfin of open.splice(0)) await jellyfin.close();
});

async function start(version: JellyfinVersion = '12.0'): Promise<{ jellyfin: SimulatedJellyfin; clock: ManualClock }> {
  const clock = new ManualClock(Date.UTC(2026, 10, 21, 18));
  const jellyfin = new SimulatedJellyfin({ clock, version });
  open.push(jellyfin);
  await jellyfin.listen();
  return { jellyfin, clock };
}

/** All of an evening, at once. */
async function run(options?: EveningOptions): Promise<SimulatedJellyfin> {
  const { jellyfin, clock } = await start();
  const { durationMs } = evening(jellyfin, options);
  clock.advance(durationMs);
  await jellyfin.settled;
  return jellyfin;
}

describe('an evening', () => {
  test('has plays of all deliveries, claims and types, failures, and hours that were watched', async () => {
    const { totals } = (await run()).truth;
    expect(totals.starts).toBe(30);
    expect(totals.byActual).toEqual({ directplay: 16, directstream: 2, transcode: 12 });
    expect(Object.keys(totals.byClaimed).sort()).toEqual(['DirectPlay', 'DirectStream', 'Transcode']);
    expect(totals.byType).toEqual({ Movie: 15, Episode: 9, Audio: 5, TvChannel: 1 });
    expect(totals.ffmpegFailures).toBe(3);
    expect(totals.ffmpegExitCodes).toMatchObject({ 1: 2, 187: 1 });
    expect(Object.keys(totals.ffmpegByKind).sort()).toEqual(['directstream', 'remux', 'transcode']);
    expect(Object.keys(totals.watchSeconds).sort()).toEqual(['admin', 'jonas', 'marta']);
    expect(Object.keys(totals.coWatchSeconds)).toHaveLength(1);
  });

  test('leaves nobody playing, and a start in the activity log for each play', async () => {
    const jellyfin = await run();
    const answer = await fetch(`${jellyfin.url}/Sessions?ApiKey=${jellyfin.token}`);
    const sessions = (await answer.json()) as readonly object[];
    expect(sessions.length).toBeGreaterThan(5);
    expect(sessions.filter((session) => 'NowPlayingItem' in session)).toEqual([]);
    const { VideoPlayback = 0, AudioPlayback = 0, ...counts } = jellyfin.activity.counts();
    expect(VideoPlayback + AudioPlayback).toBe(jellyfin.truth.totals.starts);
    expect(counts).toMatchObject({ TaskFailed: 1, AuthenticationFailed: 3, UserCreated: 1, UserDeleted: 1 });
  });

  test('leaves a log of each ffmpeg, and a line of each exit', async () => {
    const { logs, truth } = await run({ restart: false });
    const files = logs.list.filter(({ name }) => name.startsWith('FFmpeg.'));
    expect(files).toHaveLength(truth.totals.ffmpegJobs);
    const own = logs.list.filter(({ name }) => name.startsWith('log_'));
    const text = own.map(({ name }) => logs.read(name)).join('');
    const exits = Object.values(truth.totals.ffmpegExitCodes).reduce((sum, count) => sum + count, 0);
    expect(text.match(/TranscodeManager: FFmpeg exited with code \d+/g)).toHaveLength(exits);
    expect(exits).toBe(truth.totals.ffmpegJobs);
  });

  test('is the same for the same seed, and another for another', async () => {
    const [first, again, other] = [await run({ seed: 7 }), await run({ seed: 7 }), await run({ seed: 8 })];
    expect(first.truth.totals).toEqual(again.truth.totals);
    expect(first.truth.totals).not.toEqual(other.truth.totals);
  });

  test('lets nobody act while the server is away', async () => {
    const { jellyfin } = await start();
    const { steps } = evening(jellyfin);
    const restart = steps.find(({ title }) => title === 'a restart')?.at ?? 0;
    const meanwhile = steps.filter(({ at }) => at > restart - 15_000 && at < restart + 60_000);
    expect(meanwhile.map(({ title }) => title)).toEqual(['a restart']);
  });

  test('passes in troubles without any left at its end', async () => {
    const { jellyfin, clock } = await start('10.11');
    causeTroubles(jellyfin);
    const { durationMs } = evening(jellyfin);
    clock.advance(5000 + 4 * 60_000);
    expect((await fetch(`${jellyfin.url}/health`)).status).toBe(503);
    clock.advance(durationMs);
    await jellyfin.settled;
    expect((await fetch(`${jellyfin.url}/health`)).status).toBe(200);
  });
});

describe('the demo', () => {
  test('has somebody who plays at once, and goes on for ever', async () => {
    const { jellyfin, clock } = await start();
    jellyfin.runDemo();
    clock.advance(1000);
    expect(jellyfin.truth.totals.starts).toBe(2);
    const seen: number[] = [];
    for (let hour = 0; hour < 3; hour += 1) {
      clock.advance(3_600_000);
      seen.push(jellyfin.truth.totals.starts);
    }
    expect(seen.every((starts, hour) => starts > (seen[hour - 1] ?? 2))).toBe(true);
  });
});
