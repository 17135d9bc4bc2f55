import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { answering, open } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { create } from './sessions.ts';

describe('transcodes', () => {
  const session = (device: string, item: string, reasons: readonly string[] = ['VideoCodecNotSupported']) => ({
    Id: device,
    UserId: 'a1',
    DeviceId: device,
    NowPlayingItem: { Id: item, Type: 'Movie', MediaStreams: [] },
    PlayState: { PlayMethod: 'Transcode' },
    TranscodingInfo: { IsVideoDirect: false, IsAudioDirect: true, VideoCodec: 'h264', TranscodeReasons: reasons },
  });

  test('are counted by their reasons as they are seen to begin', async () => {
    let sessions = [session('d1', 'i1')];
    const first = open(create, () => sessions);
    await first.collector.run();
    expect(first.read('jellyfin_transcode_reason_total')).toEqual({});
    sessions = [session('d1', 'i1'), session('d2', 'i1', ['ContainerNotSupported', 'AudioCodecNotSupported'])];
    await first.collector.run();
    await first.collector.run();
    expect(first.read('jellyfin_transcode_reason_total')).toEqual({
      ContainerNotSupported: 1,
      AudioCodecNotSupported: 1,
    });
    const second = open(create, () => sessions, first.context.kept);
    await second.collector.run();
    sessions = [session('d1', 'i2')];
    await second.collector.run();
    expect(second.read('jellyfin_transcode_reason_total')).toEqual({
      ContainerNotSupported: 1,
      AudioCodecNotSupported: 1,
      VideoCodecNotSupported: 1,
    });
  });

  test('are counted by at most a hundred reasons, and as other beyond', async () => {
    let sessions = [session('d0', 'i0')];
    const reasons = Array.from({ length: 150 }, (_, index) => `Reason${index}`);
    const first = open(create, () => sessions);
    await first.collector.run();
    sessions = [session('d1', 'i1', reasons)];
    await first.collector.run();
    const second = open(create, () => sessions, first.context.kept);
    await second.collector.run();
    sessions = [session('d1', 'i2', ['Reason0', 'Reason149', 'constructor'])];
    await second.collector.run();
    const totals = second.read('jellyfin_transcode_reason_total');
    expect(Object.keys(totals)).toHaveLength(101);
    expect(totals).toMatchObject({ Reason0: 2, Reason99: 1, other: 2 });
  });
});

describe('the sessions', () => {
  test('are not known any more three intervals after the last poll, or when the server is down', async () => {
    const { collector, read, context } = open(create, () => []);
    await collector.run();
    (context.clock as ManualClock).advance(30_000);
    expect(read('jellyfin_sessions_total')).toEqual({ '': 0 });
    expect(read('jellyfin_transcode_active')).toEqual({ video: 0, audio: 0 });
    context.shared.up = false;
    expect(read('jellyfin_sessions_total')).toEqual({});
    context.shared.up = true;
    (context.clock as ManualClock).advance(1);
    expect(read('jellyfin_sessions_total')).toEqual({});
    expect(read('jellyfin_transcode_reason_total')).toEqual({});
  });

  test('of before the server was away are not known when it is back, until they are polled', async () => {
    const { collector, read, context } = open(create, () => []);
    await collector.run();
    context.shared.outages += 1;
    expect(read('jellyfin_sessions_total')).toEqual({});
    await collector.run();
    expect(read('jellyfin_sessions_total')).toEqual({ '': 0 });
  });

  test('of nobody are left out', async () => {
    const { collector, read } = open(create, () => [
      { Id: 's1', UserId: '00000000000000000000000000000000', Client: 'the key' },
      { Id: 's2', UserId: 'a1', Client: 'Web' },
    ]);
    await collector.run();
    expect(read('jellyfin_sessions_total')).toEqual({ '': 1 });
    expect(read('jellyfin_sessions_by_client')).toEqual({ Web: 1 });
  });

  test('are asked for less often when their answers are heavy, and as usual after one that is not', async () => {
    let heavy = true;
    const { collector } = open(create, () => [{ Id: 's', UserId: 'a1', Padding: 'x'.repeat(heavy ? 3_000_001 : 1) }]);
    await collector.run();
    await collector.run();
    expect(collector.interval()).toBe(10_000);
    await collector.run();
    expect(collector.interval()).toBe(30_000);
    heavy = false;
    await collector.run();
    expect(collector.interval()).toBe(10_000);
  });
});

describe('a session', () => {
  test('is active for a minute after the last report of its player, whenever that is asked', async () => {
    const clock = new ManualClock();
    const reported = new Date(clock.date()).toISOString();
    const player = { Id: 's1', UserId: 'a1', DeviceId: 'd1', Client: 'Web', LastPlaybackCheckIn: reported };
    const shown = { ...player, NowPlayingItem: { Id: 'i1', Type: 'Movie' }, PlayState: { PlayMethod: 'DirectPlay' } };
    const context = testContext(
      answering(() => [shown]),
      clock,
    );
    const collector = create(context);
    const active = () => Object.values(values(collector.families(), 'jellyfin_sessions_active'));
    clock.advance(55_000);
    await collector.run();
    clock.advance(4_000);
    expect(active()).toEqual([1]);
    expect(values(collector.families(), 'jellyfin_active_users')).toEqual({ '': 1 });
    clock.advance(1_000);
    expect(active()).toEqual([]);
    expect(values(collector.families(), 'jellyfin_active_users')).toEqual({ '': 0 });
  });
});
