import { namedSamples } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedSfu, type SimulatedWorker } from '@media-exporter/simulators/mediasoup';
import { describe, expect, test } from 'vitest';
import { aggregatedFamilies, defaultFamilies, observe, type SfuObserver } from './index.ts';

interface Scene {
  readonly clock: ManualClock;
  readonly sfu: SimulatedSfu;
  readonly observer: SfuObserver;
  readonly workers: readonly [SimulatedWorker, SimulatedWorker];
}

/** Two workers with a room of two peers each, polled three times. */
async function scene(): Promise<Scene> {
  const clock = new ManualClock();
  const sfu = new SimulatedSfu({ clock, workers: 2, rooms: 2, peersPerRoom: 2 });
  const readMemory = async (): Promise<number> => 1_000;
  const observer = observe(sfu.mediasoup, { clock, period: 0, deadline: 2, sets: ['aggregated'], readMemory });
  const [one, two] = sfu.start().workers;
  if (one === undefined || two === undefined) throw new Error('no workers');
  for (let i = 0; i < 3; i++) {
    sfu.advance(2_000);
    await clock.tick(2_000);
    await observer.poll();
  }
  return { clock, sfu, observer, workers: [one, two] };
}

/** A poll that a stopped worker holds up. */
async function pollInVain({ clock, observer }: Scene): Promise<void> {
  const poll = observer.poll();
  await clock.tick(2_000);
  await clock.tick(200);
  await poll;
}

/** What the aggregated set tells of the SFU, by name. */
function told(observer: SfuObserver): Record<string, number> {
  const samples = aggregatedFamilies(observer.state()).flatMap((family) =>
    [...namedSamples(family)].map(({ value }) => [family.metric.name, Number(value)] as const),
  );
  return Object.fromEntries(samples.filter(([name]) => !/^mediasoup_(process|nodejs)_/.test(name)));
}

const lastPoll = (observer: SfuObserver): unknown =>
  defaultFamilies(observer.state())
    .filter(({ metric }) => metric.name === 'mediasoup_last_poll_timestamp_seconds')
    .flatMap((family) => [...namedSamples(family)].map(({ value }) => value));

describe('the aggregated numbers', () => {
  test('of streams whose worker does not answer stay as they were last known', async () => {
    const started = await scene();
    const { mediasoup_workers_cpu: cpu, ...before } = told(started.observer);
    expect(cpu).toBeGreaterThan(0);
    expect(before).toMatchObject({ mediasoup_audio_in_count: 4, mediasoup_workers_memory: 2_000 });
    for (const worker of started.workers) worker.stall();
    await pollInVain(started);
    expect(told(started.observer)).toEqual(before);
    await pollInVain(started);
    expect(told(started.observer)).toEqual(before);
  });

  test('have no CPU use of the workers while that of one is not known', async () => {
    const started = await scene();
    const { clock, observer, workers } = started;
    workers[0].stall();
    await pollInVain(started);
    expect(told(observer)).not.toHaveProperty('mediasoup_workers_cpu');
    workers[0].resume();
    await clock.tick(1_000);
    await observer.poll();
    expect(told(observer)).toHaveProperty('mediasoup_workers_cpu');
  });

  test('hold nothing of a worker that is gone, without waiting for a poll', async () => {
    const { observer, workers } = await scene();
    const before = told(observer);
    workers[0].kill();
    expect(told(observer)).toMatchObject({
      mediasoup_workers_count: 1,
      mediasoup_audio_in_count: 2,
      mediasoup_video_out_count: 2,
      mediasoup_packets_counts_in_sum: (before.mediasoup_packets_counts_in_sum ?? 0) / 2,
    });
    workers[1].kill();
    expect(told(observer)).toMatchObject({
      mediasoup_workers_count: 0,
      mediasoup_audio_in_count: 0,
      mediasoup_audio_bitrates_in_sum: 0,
    });
    expect(told(observer)).not.toHaveProperty('mediasoup_workers_cpu');
  });

  test('hold nothing of a stream that closed, without waiting for a poll', async () => {
    const { sfu, observer } = await scene();
    sfu.rooms.get('room-1')?.peers.get('room-1-peer-1')?.sending.producers[0]?.close();
    expect(told(observer)).toMatchObject({ mediasoup_audio_in_count: 3 });
  });

  test('leave pipes out on both ends', async () => {
    const { clock, sfu, observer } = await scene();
    const before = told(observer);
    const room = sfu.rooms.get('room-1');
    const producer = room?.peers.get('room-1-peer-1')?.sending.producers[0];
    const other = sfu.workers.find((worker) => worker !== room?.worker);
    if (room === undefined || producer === undefined || other === undefined) throw new Error('no room');
    sfu.pipe(room, producer, other);
    sfu.advance(1_000);
    await clock.tick(1_000);
    await observer.poll();
    for (const name of ['mediasoup_audio_in_count', 'mediasoup_audio_out_count']) {
      expect(told(observer)[name]).toBe(before[name]);
    }
  });

  test('are absent as long as no worker has ever answered, and so is the time of the last poll', async () => {
    const clock = new ManualClock();
    const sfu = new SimulatedSfu({ clock, rooms: 1, peersPerRoom: 2 });
    const observer = observe(sfu.mediasoup, { clock, period: 0, deadline: 2 });
    sfu.start().workers[0]?.stall();
    await pollInVain({ clock, observer } as Scene);
    expect(told(observer)).toEqual({ mediasoup_workers_count: 1, mediasoup_rooms: 1, mediasoup_peers: 2 });
    expect(lastPoll(observer)).toEqual([]);
  });
});

describe('the time of the last poll', () => {
  test('stands still while no worker answers', async () => {
    const started = await scene();
    const { clock, observer, workers } = started;
    const before = lastPoll(observer);
    expect(before).toEqual([clock.date() / 1000]);
    for (const worker of workers) worker.stall();
    await pollInVain(started);
    await pollInVain(started);
    expect(lastPoll(observer)).toEqual(before);
    expect(observer.state().poll.polls).toBe(5);
  });

  test('moves on as long as one worker answers', async () => {
    const started = await scene();
    started.workers[0].stall();
    await pollInVain(started);
    expect(lastPoll(started.observer)).toEqual([started.clock.date() / 1000]);
  });

  test('moves on when there is no worker to ask', async () => {
    const { clock, sfu, observer } = await scene();
    sfu.close();
    await clock.tick(5_000);
    await observer.poll();
    expect(lastPoll(observer)).toEqual([clock.date() / 1000]);
  });
});
