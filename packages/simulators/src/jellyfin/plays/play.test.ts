import { ManualClock } from '@media-exporter/metrics/testing';
import { beforeEach, expect, test } from 'vitest';
import { channelAt, SimulatedJellyfin } from '../index.ts';

let clock: ManualClock;
let jellyfin: SimulatedJellyfin;

beforeEach(() => {
  clock = new ManualClock();
  jellyfin = new SimulatedJellyfin({ clock }); // it need not listen for its truth to grow
});

test('a paused player watches nothing, and a seek is not watched', () => {
  const play = jellyfin.play({ user: 'marta' });
  clock.advance(10_000);
  play.pause();
  clock.advance(60_000);
  play.resume();
  play.seek(3000);
  clock.advance(5000);
  expect(play.position).toBe(3005);
  expect(jellyfin.truth.totals.watchSeconds).toEqual({ marta: 15 });
});

test('an item ends by itself, is reported once as stopped, and is not watched beyond its end', () => {
  const item = jellyfin.item('Music', 0);
  const play = jellyfin.play({ user: 'marta', item });
  clock.advance(3_600_000);
  play.next(jellyfin.item('Music', 1));
  clock.advance(5000);
  play.stop();
  expect(jellyfin.truth.totals).toMatchObject({ starts: 2, watchSeconds: { marta: (item.runtime ?? 0) + 5 } });
  expect(jellyfin.activity.counts()).toMatchObject({ AudioPlayback: 2, AudioPlaybackStopped: 2 });
  expect(jellyfin.truth.records.map(({ end }) => end)).toEqual(['finished', 'stopped']);
});

test('whoever joins watches as long as he is there, on top of the user', () => {
  const play = jellyfin.play({ user: 'jonas' });
  clock.advance(10_000);
  play.join('marta');
  clock.advance(20_000);
  play.leave('marta');
  clock.advance(5000);
  play.stop();
  expect(jellyfin.truth.totals).toMatchObject({ watchSeconds: { jonas: 35 }, coWatchSeconds: { marta: 20 } });
});

test('the next item without a stop replaces the one before', () => {
  const play = jellyfin.play({ item: jellyfin.item('Shows', 0) });
  clock.advance(10_000);
  play.next(jellyfin.item('Shows', 1), { stopped: false });
  clock.advance(10_000);
  play.stop();
  expect(jellyfin.activity.counts()).toMatchObject({ VideoPlayback: 2, VideoPlaybackStopped: 1 });
  expect(jellyfin.truth.records.map(({ end, seconds }) => [end, seconds])).toEqual([
    ['replaced', 10],
    ['stopped', 10],
  ]);
});

test('a dead player does nothing any more', () => {
  const play = jellyfin.play({ transcode: {} });
  clock.advance(10_000);
  play.kill();
  play.seek(100);
  play.setQuality({ kind: 'remux' });
  play.resume();
  clock.advance(10_000);
  expect(jellyfin.truth.totals).toMatchObject({ ffmpegJobs: 1, watchSeconds: { admin: 8 } });
});

test('a client that gets no picture reports nothing', () => {
  const play = jellyfin.play({ transcode: { failure: { kind: 'missing-file' } } });
  clock.advance(10_000);
  expect(play.ended).toBe(true);
  expect(jellyfin.truth.totals).toMatchObject({ starts: 0, ffmpegJobs: 1, ffmpegFailures: 1 });
});

test('live television has no end', () => {
  const play = jellyfin.play({ item: channelAt(1) });
  clock.advance(10 * 3_600_000);
  expect(play.playing).toBe(true);
});
