import { namedSamples } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { type Shape, SimulatedSfu, type SimulatedSfuOptions } from '@media-exporter/simulators/mediasoup';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultFamilies, type ObserveOptions, observe, parseState, type SfuObserver, type SfuState } from './index.ts';

const SHAPES: readonly Shape[] = ['3.8', '3.13', '3.27'];
const DETAIL = { rooms: true, streams: true };

interface Scene {
  readonly clock: ManualClock;
  readonly sfu: SimulatedSfu;
  readonly observer: SfuObserver;
}

function scene(shape: Shape, sizes: Omit<SimulatedSfuOptions, 'clock' | 'shape'>, options: ObserveOptions = {}): Scene {
  const clock = new ManualClock();
  const sfu = new SimulatedSfu({ clock, shape, ...sizes });
  const observer = observe(sfu.mediasoup, {
    ...{ clock, period: 0, detail: DETAIL, onWarning: () => {} },
    // No file is read, so a tick of the clock lets all run that is ready, however slow the machine is.
    readMemory: async () => undefined,
    ...options,
  });
  return { clock, sfu: sfu.start(), observer };
}

/** All counters of the default set, by name and labels. */
function counters(state: SfuState): Map<string, number> {
  const values = new Map<string, number>();
  for (const family of defaultFamilies(state)) {
    const { name, type } = family.metric;
    // A room takes its own counters along when it ends.
    if (type === 'gauge' || type === 'info' || name.startsWith('mediasoup_room_')) continue;
    for (const { labels, value } of namedSamples(family)) {
      const key = `${name} ${JSON.stringify(labels)}`;
      if (typeof value === 'number') values.set(key, value);
      else values.set(key, value.count);
    }
  }
  return values;
}

function alive(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

const sum = (state: SfuState, direction: 'receive' | 'send', pipe: boolean): { packets: number; bytes: number } =>
  state.rtp
    .filter((row) => row.direction === direction && (row.transport === 'pipe') === pipe)
    .reduce(({ packets, bytes }, row) => ({ packets: packets + row.packets, bytes: bytes + row.bytes }), {
      packets: 0,
      bytes: 0,
    });

describe.each(SHAPES)('the objects of mediasoup %s', (shape) => {
  test('are counted by worker, kind, codec and state, and their RTP is what really flowed', async () => {
    const { sfu, observer } = scene(shape, { workers: 2, rooms: 2, peersPerRoom: 3 });
    await observer.poll();
    sfu.advance(4_000);
    await observer.poll();
    const state = observer.state();
    expect(state).toMatchObject({ rooms: 2, peers: 6, mediasoup: sfu.mediasoup.version });
    expect(alive(state.producers)).toBe(12);
    expect(alive(state.consumers)).toBe(24);
    expect(state.producers.map(({ codec }) => codec).sort()).toEqual(['opus', 'opus', 'vp8', 'vp8']);
    expect(state.transports.filter(({ count }) => count > 0)).toEqual([
      { worker: 0, type: 'webrtc', iceState: 'completed', dtlsState: 'connected', count: 6 },
      { worker: 1, type: 'webrtc', iceState: 'completed', dtlsState: 'connected', count: 6 },
    ]);
    expect(sum(state, 'receive', false)).toEqual(sfu.truth.total({ object: 'producer' }));
    expect(sum(state, 'send', false)).toEqual(sfu.truth.total({ object: 'consumer' }));
    // One observation for each stream that has sent something, and each poll: a producer has three simulcast streams.
    expect(state.quality.map(({ direction, kind, score }) => [direction, kind, score.count])).toEqual([
      ['receive', 'audio', 6],
      ['receive', 'video', 18],
      ['send', 'audio', 12],
      ['send', 'video', 12],
    ]);
    expect(state.detail.rooms?.map(({ id, peers }) => [id, peers])).toEqual([
      ['room-1', 3],
      ['room-2', 3],
    ]);
    expect(parseState(JSON.parse(JSON.stringify(state)))).toEqual({ ok: true, state });
  });

  test('keep their share of the totals when they close after a poll', async () => {
    const { sfu, observer } = scene(shape, { rooms: 1, peersPerRoom: 3 });
    sfu.advance(3_000);
    await observer.poll();
    const before = observer.state();
    sfu.rooms.get('room-1')?.removePeer('room-1-peer-2');
    await observer.poll();
    const after = observer.state();
    expect(after.peers).toBe(2);
    expect(after.rtp).toEqual(before.rtp);
    expect(after.detail.streams?.some(({ peer }) => peer === 'room-1-peer-2')).toBe(false);
    expect(sum(after, 'receive', false)).toEqual(sfu.truth.total({ object: 'producer' }));
  });

  test('go on counting over a new SSRC, without going back or counting twice', async () => {
    const { sfu, observer } = scene(shape, { rooms: 1, peersPerRoom: 2 });
    const peer = sfu.rooms.get('room-1')?.peers.get('room-1-peer-1');
    sfu.advance(2_000);
    await observer.poll();
    for (const producer of peer?.sending.producers ?? []) producer.changeSsrc();
    sfu.advance(2_000);
    await observer.poll();
    const state = observer.state();
    expect(sum(state, 'receive', false)).toEqual(sfu.truth.total({ object: 'producer' }));
    const stream = state.detail.streams?.find((one) => one.peer === 'room-1-peer-1' && one.direction === 'receive');
    expect(stream?.bytes).toBe(sfu.truth.total({ object: 'producer', peer: 'room-1-peer-1', kind: 'audio' }).bytes);
  });

  test('tell loss, round trip and jitter in base units, and nothing where nothing is known', async () => {
    const { sfu, observer } = scene(shape, {});
    sfu.addWorker();
    const room = sfu.addRoom('den');
    const link = { loss: 0.25, roundTripTime: undefined as number | undefined, jitter: 20 };
    room.join('near', ['audio']);
    room.join('far', ['audio'], { link });
    const far = () => observer.state().detail.streams?.find((one) => one.peer === 'far' && one.direction === 'receive');
    sfu.advance(2_000);
    await observer.poll();
    expect(far()).not.toHaveProperty('roundTrip');
    expect(far()?.jitter).toBeCloseTo(0.02, 6);
    const quality = () => observer.state().quality.find((row) => row.direction === 'receive' && row.kind === 'audio');
    expect(quality()?.roundTrip.count).toBe(0);
    expect(quality()?.loss.sum).toBeCloseTo(0.25, 1);
    const peer = room.peers.get('far');
    if (peer !== undefined) peer.link.roundTripTime = 120;
    sfu.advance(2_000);
    await observer.poll();
    expect(far()?.roundTrip).toBeCloseTo(0.12, 6);
    expect(quality()?.roundTrip.sum).toBeCloseTo(0.12, 6);
  });

  test('that pipe media to another worker are told apart, so that nothing is counted twice', async () => {
    const { sfu, observer } = scene(shape, { workers: 2 });
    const [first, second] = sfu.workers;
    const room = sfu.addRoom('hub', first);
    const peer = room.join('speaker', ['audio']);
    const [producer] = peer.sending.producers;
    if (producer === undefined || second === undefined) throw new Error('the simulated SFU is not as expected');
    sfu.pipe(room, producer, second);
    sfu.advance(2_000);
    await observer.poll();
    const state = observer.state();
    expect(sum(state, 'receive', false)).toEqual(sfu.truth.total({ object: 'producer', transport: 'webrtc' }));
    expect(sum(state, 'receive', true)).toEqual(sfu.truth.total({ object: 'producer', transport: 'pipe' }));
    expect(state).toMatchObject({ rooms: 1, peers: 1, aggregated: { audioOut: 0 } });
    expect(state.detail.rooms).toEqual([
      expect.objectContaining({ id: 'hub', producers: 1, receivedBytes: sum(state, 'receive', false).bytes }),
    ]);
  });

  test('die with their worker: nothing is left of them but totals', async () => {
    const { sfu, observer } = scene(shape, { workers: 2, rooms: 2, peersPerRoom: 2 });
    sfu.advance(1_000);
    await observer.poll();
    const before = observer.state();
    sfu.workers[0]?.kill();
    await observer.poll();
    const state = observer.state();
    expect(state).toMatchObject({ deaths: 1, rooms: 1, peers: 2 });
    expect(state.workers.map((worker) => worker.alive)).toEqual([false, true]);
    expect(state.rtp).toEqual(before.rtp);
    expect(alive(state.producers)).toBe(4);
    expect(state.detail.streams?.every(({ worker }) => worker === 1)).toBe(true);
    sfu.addWorker();
    expect(observer.state().workers.map(({ alive: living }) => living)).toEqual([true, true]);
  });

  test('are asked sixteen at a time at the most', async () => {
    const { clock, sfu, observer } = scene(shape, { rooms: 1, peersPerRoom: 8 }, { concurrency: 16 });
    const channel = sfu.workers[0]?.channel;
    if (channel === undefined) throw new Error('no worker');
    channel.latency = 5;
    const poll = observer.poll();
    for (let i = 0; i < 40; i++) await clock.tick(5);
    await poll;
    expect(channel.mostInFlight).toBe(16);
    // Each transport, producer and consumer once, and the worker itself.
    expect(channel.requests).toBe(16 + 16 + 112 + 1);
  });

  test('are left alone while their worker is stuck, and the other workers are not touched by it', async () => {
    const { clock, sfu, observer } = scene(shape, { workers: 2, rooms: 2, peersPerRoom: 2 }, { deadline: 2 });
    sfu.advance(1_000);
    await observer.poll();
    const [stuck, well] = sfu.workers;
    if (stuck === undefined || well === undefined) throw new Error('no workers');
    stuck.stall();
    const asked = stuck.channel.requests;
    const poll = observer.poll();
    await clock.tick(2_000);
    await clock.tick(200);
    await poll;
    expect(observer.state().workers.map((worker) => worker.stuck)).toEqual([true, false]);
    expect(stuck.channel.requests).toBe(asked + 1);
    const wellAsked = well.channel.requests;
    await observer.poll();
    expect(stuck.channel.requests).toBe(asked + 1);
    expect(well.channel.requests).toBeGreaterThan(wellAsked);

    stuck.resume();
    await clock.tick(0);
    expect(observer.state().workers.map((worker) => worker.stuck)).toEqual([false, false]);
    await observer.poll();
    expect(stuck.channel.requests).toBeGreaterThan(asked + 10);
  });

  test('that answer rubbish or refuse cost nothing but their own numbers', async () => {
    const { sfu, observer } = scene(shape, { rooms: 1, peersPerRoom: 2 });
    sfu.advance(1_000);
    await observer.poll();
    const before = observer.state().rtp;
    const producers = [...(sfu.rooms.get('room-1')?.peers.values() ?? [])].flatMap(({ sending }) => sending.producers);
    const rubbish: unknown[] = [
      null,
      'no',
      [null, 7, { type: 'inbound-rtp' }],
      [{ type: 'inbound-rtp', ssrc: 1, byteCount: -5 }],
    ];
    for (const [i, producer] of producers.entries()) producer.faults.push({ resolve: rubbish[i] });
    await observer.poll();
    expect(observer.state().rtp).toEqual(before);
    for (const producer of producers) producer.faults.push({ reject: new Error('') });
    await observer.poll();
    expect(observer.state().poll.requests.failure).toBe(producers.length);
    expect(parseState(JSON.parse(JSON.stringify(observer.state()))).ok).toBe(true);
  });
});

test('an SFU whose worker comes late is followed through addWorker, as far as its version lets one see', async () => {
  const clock = new ManualClock();
  const sfu = new SimulatedSfu({ clock });
  const worker = sfu.addWorker();
  const observer = observe(sfu.mediasoup, { clock, period: 0 });
  expect(observer.state().workers).toEqual([]);
  observer.addWorker(worker);
  observer.addWorker(worker);
  sfu.addRoom('late').join('one', ['audio']);
  sfu.advance(1_000);
  await observer.poll();
  expect(observer.state()).toMatchObject({ rooms: 1, peers: 1 });
  expect(sum(observer.state(), 'receive', false)).toEqual(sfu.truth.total({ object: 'producer' }));
});

test('after close nothing is heard and no listener is left behind', async () => {
  const { sfu, observer } = scene('3.27', { rooms: 1, peersPerRoom: 2 });
  await observer.close();
  expect(sfu.mediasoup.observer.listenerCount('newworker')).toBe(0);
  const transports = sfu.workers.flatMap(({ routers }) => routers).flatMap((router) => router.transports);
  // The simulated SFU listens to its own closes, once each.
  for (const { observer: emitter } of transports) {
    expect(emitter.eventNames().filter((event) => event !== 'close')).toEqual([]);
    expect(emitter.listenerCount('close')).toBe(1);
  }
});

test('whatever happens, no counter of the default set ever goes back and the living are counted right', async () => {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.integer({ min: 1, max: 3_000 }) }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('poll' as const), by: fc.constant(0) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('join' as const), by: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), by: fc.nat(3) }) },
    { arbitrary: fc.record({ do: fc.constant('ssrc' as const), by: fc.nat(5) }), weight: 2 },
    { arbitrary: fc.record({ do: fc.constant('late' as const), by: fc.nat(20) }), weight: 2 },
    { arbitrary: fc.record({ do: fc.constant('kill' as const), by: fc.nat(1) }), weight: 1 },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...SHAPES), fc.array(step, { maxLength: 40 }), async (shape, steps) => {
      const { sfu, observer } = scene(shape, { workers: 2, rooms: 2, peersPerRoom: 1 });
      let joined = 0;
      let last = counters(observer.state());
      for (const { do: what, by } of steps) {
        const rooms = [...sfu.rooms.values()];
        const room = rooms[by % Math.max(1, rooms.length)];
        const peers = [...(room?.peers.values() ?? [])];
        const producers = peers.flatMap(({ sending }) => sending.producers);
        if (what === 'advance') sfu.advance(by);
        else if (what === 'poll') await observer.poll();
        else if (what === 'join') room?.join(`guest-${++joined}`, ['audio', 'simulcast']);
        else if (what === 'leave' && peers[0] !== undefined) room?.removePeer(peers[0].id);
        else if (what === 'ssrc') producers[by % Math.max(1, producers.length)]?.changeSsrc();
        else if (what === 'late') producers[0]?.recoverPackets(by);
        else if (what === 'kill') {
          sfu.workers[by]?.kill();
          sfu.addRoom(`new-${++joined}`, sfu.addWorker()).join(`guest-${joined}`, ['audio']);
        }
        const state = observer.state();
        const now = counters(state);
        for (const [key, value] of last) expect(now.get(key), key).toBeGreaterThanOrEqual(value);
        last = now;
        const living = [...sfu.rooms.values()].flatMap(({ peers: all }) => [...all.values()]);
        expect(state.peers).toBe(living.length);
        expect(alive(state.producers)).toBe(living.reduce((n, { sending }) => n + sending.producers.length, 0));
        expect(alive(state.consumers)).toBe(living.reduce((n, { receiving }) => n + receiving.consumers.length, 0));
        expect(alive(state.transports)).toBe(2 * living.length);
      }
      await observer.poll();
      const { packets } = sum(observer.state(), 'receive', false);
      expect(packets).toBeLessThanOrEqual(sfu.truth.total({ object: 'producer' }).packets);
      await observer.close();
    }),
    { numRuns: 60 },
  );
});
