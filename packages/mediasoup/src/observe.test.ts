import { EventEmitter } from 'node:events';
import { Registry } from '@media-exporter/metrics';
import { collectText, ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedSfu, type SimulatedSfuOptions } from '@media-exporter/simulators/mediasoup';
import { describe, expect, test } from 'vitest';
import { type Mediasoup, type ObserveOptions, observe, type SfuObserver } from './index.ts';

interface Scene {
  readonly clock: ManualClock;
  readonly sfu: SimulatedSfu;
  readonly observer: SfuObserver;
}

function scene(options: ObserveOptions = {}, sizes: Partial<SimulatedSfuOptions> = {}): Scene {
  const clock = new ManualClock();
  const sfu = new SimulatedSfu({ clock, shape: '3.27', rooms: 1, peersPerRoom: 2, ...sizes });
  const observer = observe(sfu.mediasoup, {
    ...{ clock, onWarning: () => {}, readMemory: async () => undefined },
    ...options,
  });
  return { clock, sfu: sfu.start(), observer };
}

const noHurry = (): AbortSignal => new AbortController().signal;

describe('observe()', () => {
  test.each([undefined, null, 7, {}, { observer: {} }, { on: 1 }])('refuses %j, which is no mediasoup', (mediasoup) => {
    expect(() => observe(mediasoup as unknown as Mediasoup)).toThrow(
      expect.objectContaining({ code: 'MX_SFU_MEDIASOUP' }),
    );
  });

  test('takes the module or its observer', async () => {
    for (const mediasoup of [new EventEmitter(), { observer: new EventEmitter() }]) {
      const observer = observe(mediasoup, { clock: new ManualClock() });
      expect(observer.state()).not.toHaveProperty('mediasoup');
      await observer.close();
    }
  });

  test.each([
    [{ sets: ['everything'] }, /sets: wants some of default, seed, aggregated/],
    [{ prefix: '9 ' }, /prefix/],
    [{ seed: true }, /seed: is none of roomOf, peerOf/],
    [{ detail: { rooms: 1 } }, /detail: wants/],
    [{ period: -1 }, /period/],
    [{ deadline: 0 }, /deadline/],
    [{ concurrency: 17 }, /concurrency: wants a whole number from 1 to 16/],
    [{ seriesBudget: 0 }, /seriesBudget/],
    [{ pseudonymKey: 'short' }, /pseudonymKey: wants 16 bytes or more/],
    [{ roomOf: 'appData' }, /roomOf: wants a function/],
    [{ deidentify: 1 }, /deidentify/],
    [{ port: 70_000 }, /port/],
    [{ listen: '' }, /listen/],
    [{ secret: 'with a space' }, /secret: wants letters/],
    [{ secret: '' }, /secret/],
  ])('refuses the options %j when it is called', (options, message) => {
    const call = (): unknown => observe(new EventEmitter(), options as ObserveOptions);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'MX_SFU_OPTION' }));
  });

  test('never repeats a secret in an error', () => {
    const call = (): unknown => observe(new EventEmitter(), { secret: 'hunter 2', pseudonymKey: 'k3y' });
    expect(call).toThrow();
    expect(call).not.toThrow(/hunter|k3y/);
  });

  test('warns when no worker was seen for a minute: there may be two copies of mediasoup', () => {
    const warnings: string[] = [];
    const clock = new ManualClock();
    observe(new EventEmitter(), { clock, onWarning: (message) => warnings.push(message) });
    clock.advance(59_000);
    expect(warnings).toEqual([]);
    clock.advance(1_000);
    expect(warnings).toEqual([expect.stringContaining('another copy of mediasoup')]);
  });

  test('does not warn when there was one', () => {
    const warnings: string[] = [];
    const { clock } = scene({ onWarning: (message) => warnings.push(message) });
    clock.advance(120_000);
    expect(warnings).toEqual([]);
  });
});

describe('a scrape', () => {
  test('waits for the first poll, and never for a later one', async () => {
    const { clock, sfu, observer } = scene({ period: 15 });
    const [channel] = sfu.workers.map((worker) => worker.channel);
    if (channel === undefined) throw new Error('no worker');
    channel.latency = 100;
    sfu.advance(1_000);
    let answered = false;
    const first = Promise.resolve(observer.collect(noHurry())).then((families) => {
      answered = true;
      return families;
    });
    await clock.tick(50);
    expect(answered).toBe(false);
    for (let i = 0; i < 20; i++) await clock.tick(100);
    await first;
    expect(observer.state().poll.polls).toBe(1);

    await clock.tick(15_000);
    const asked = channel.requests;
    await observer.collect(noHurry());
    expect(channel.requests).toBe(asked + 1);
    expect(observer.state().poll.polls).toBe(1);
    for (let i = 0; i < 20; i++) await clock.tick(100);
    expect(observer.state().poll.polls).toBe(2);
  });

  test('that gives up does not wait for the first poll either, and gets what events have told', async () => {
    const { sfu, observer } = scene();
    sfu.workers[0]?.stall();
    const text = [...(await observer.collect(AbortSignal.abort()))].map(({ metric, samples }) => [
      metric.name,
      [...samples].length,
    ]);
    expect(text).toContainEqual(['mediasoup_workers', 1]);
    expect(text).toContainEqual(['mediasoup_up', 0]);
  });

  test('asks the workers once a period, however many scrapes there are', async () => {
    const { clock, sfu, observer } = scene({ period: 15 });
    await Promise.all(Array.from({ length: 5 }, () => observer.collect(noHurry())));
    expect(observer.state().poll.polls).toBe(1);
    const asked = sfu.workers[0]?.channel.requests;
    await clock.tick(14_000);
    await observer.collect(noHurry());
    await clock.tick(0);
    expect(sfu.workers[0]?.channel.requests).toBe(asked);
    await clock.tick(1_000);
    await observer.collect(noHurry());
    await clock.tick(0);
    expect(observer.state().poll.polls).toBe(2);
  });

  test('leaves out what is closed at once, without a poll', async () => {
    const { sfu, observer } = scene({ sets: ['seed'] });
    sfu.advance(1_000);
    expect(await collectText(observer)).toContain('peer_id="room-1-peer-1"');
    sfu.rooms.get('room-1')?.removePeer('room-1-peer-1');
    const text = await collectText(observer);
    expect(text).not.toContain('room-1-peer-1');
    expect(text).toContain('Ejtimaa_peers{room_id="room-1"} 1');
  });

  test('serves rooms and streams only where they are asked for', async () => {
    const bounded = scene();
    bounded.sfu.advance(1_000);
    expect(await collectText(bounded.observer)).not.toContain('room-1');
    expect(bounded.observer.state().detail).toEqual({});

    const rooms = scene({ detail: { rooms: true } });
    rooms.sfu.advance(1_000);
    const text = await collectText(rooms.observer);
    expect(text).toContain('mediasoup_room_peers{room_id="room-1"} 2');
    expect(text).not.toContain('peer_id');

    const streams = scene({ detail: { streams: true } });
    streams.sfu.advance(1_000);
    expect(await collectText(streams.observer)).toContain('mediasoup_producer_score{');
  });

  test('keeps to the series budget, and counts what it leaves out', async () => {
    const { sfu, observer } = scene({ sets: ['seed'] }, { peersPerRoom: 4 });
    sfu.advance(1_000);
    const registry = new Registry({ seriesBudget: 5 });
    registry.register(observer);
    const { families } = await registry.gather();
    const sizes = new Map(families.map(({ metric, samples }) => [metric.name, [...samples].length]));
    expect(sizes.get('mediasoup_consumer_byte_count_bytes')).toBeLessThanOrEqual(6);
    expect(sizes.get('media_exporter_series_dropped_total')).toBeGreaterThan(0);
  });
});

test('without ids the series of a peer never goes back while one of its streams is left', async () => {
  const { clock, sfu, observer } = scene({ period: 0, quiet: true, sets: ['seed'] }, { peersPerRoom: 4 });
  const received = (): number =>
    (observer.state().detail.streams ?? [])
      .filter(({ direction, kind, peer }) => direction === 'send' && kind === 'audio' && peer === 'room-1-peer-1')
      .reduce((sum, { bytes }) => sum + bytes, 0);
  sfu.advance(2_000);
  await observer.poll();
  const before = received();
  expect(before).toBeGreaterThan(0);
  sfu.rooms.get('room-1')?.removePeer('room-1-peer-3');
  await clock.tick(0);
  expect(received()).toBe(before);
  sfu.advance(1_000);
  await observer.poll();
  expect(received()).toBeGreaterThan(before);
  for (const id of ['room-1-peer-2', 'room-1-peer-4']) sfu.rooms.get('room-1')?.removePeer(id);
  await clock.tick(0);
  expect(received()).toBe(0);
});

test('the round trip of the channel to a worker, and the time of a poll, are told to the microsecond', async () => {
  const { clock, sfu, observer } = scene({}, { rooms: 0 });
  const [worker] = sfu.workers;
  if (worker === undefined) throw new Error('no worker');
  worker.channel.latency = 0.8192660000000842;
  const poll = observer.poll();
  await clock.tick(worker.channel.latency);
  await poll;
  expect(observer.state().workers[0]?.roundTrip).toBe(0.000819);
  expect(observer.state().poll.duration).toBe(0.000819);
});

test('data channels are counted, also after they close', async () => {
  const { sfu, observer } = scene({ period: 0 });
  const [one, two] = [...(sfu.rooms.get('room-1')?.peers.values() ?? [])];
  if (one === undefined || two === undefined) throw new Error('no peers');
  const producer = one.produceData();
  const consumer = two.consumeData(producer);
  for (let i = 0; i < 3; i++) producer.receive(100);
  await observer.poll();
  const totals = [
    { direction: 'receive', messages: 3, bytes: 300 },
    { direction: 'send', messages: 3, bytes: 300 },
  ];
  expect(observer.state().dataTotals).toEqual(totals);
  expect(observer.state().dataChannels.map(({ direction, count }) => [direction, count])).toEqual([
    ['receive', 1],
    ['send', 1],
  ]);
  consumer.close();
  producer.close();
  await observer.poll();
  expect(observer.state().dataTotals).toEqual(totals);
  expect(observer.state().dataChannels.every(({ count }) => count === 0)).toBe(true);
});

describe('the mapping of the host', () => {
  test('decides about rooms, peers and what is known of them', async () => {
    const { clock, sfu, observer } = scene({
      sets: ['seed'],
      period: 0,
      roomOf: (_object, router) => `R:${(router.appData as { roomId: string }).roomId}`,
      peerOf: (object, transport) => `P:${((object.appData ?? transport.appData) as { peerId: string }).peerId}`,
      peerInfo: (peerId, roomId) => ({ displayName: `${peerId} of ${roomId}`, userAgent: 'UA' }),
    });
    sfu.advance(1_000);
    await observer.poll();
    await clock.tick(0);
    expect(observer.state().detail.rooms?.map(({ id }) => id)).toEqual(['R:room-1']);
    expect(observer.state().detail.peers?.[0]).toMatchObject({
      ...{ id: 'P:room-1-peer-1', room: 'R:room-1', userAgent: 'UA' },
      displayName: 'P:room-1-peer-1 of R:room-1',
      ...{ transports: 2, producers: 2, consumers: 2 },
    });
  });

  test('that throws or gives no text is taken as not known, and never breaks a scrape', async () => {
    const { sfu, observer } = scene({
      sets: ['seed'],
      roomOf: () => {
        throw new Error('gone');
      },
      peerOf: () => 7 as unknown as string,
      peerInfo: () => undefined,
    });
    sfu.advance(1_000);
    await observer.poll();
    expect(observer.state()).toMatchObject({ rooms: 0, peers: 0 });
    expect(await collectText(observer)).toContain('room_id="",peer_id="",display_name=""');
  });

  test('may learn of a peer only some time after its streams', async () => {
    let known = false;
    const { sfu, observer } = scene({ period: 0, sets: ['seed'], peerOf: () => (known ? 'found' : undefined) });
    sfu.advance(1_000);
    await observer.poll();
    expect(observer.state().peers).toBe(0);
    known = true;
    await observer.poll();
    expect(observer.state()).toMatchObject({ peers: 1 });
    expect(observer.state().detail.streams?.every(({ peer }) => peer === 'found')).toBe(true);
  });

  test('may give a peer another name while it is there', async () => {
    let displayName = 'Ann';
    const { sfu, observer } = scene({ period: 0, sets: ['seed'], peerInfo: () => ({ displayName }) });
    sfu.advance(1_000);
    await observer.poll();
    displayName = 'Bea';
    await observer.poll();
    expect(new Set(observer.state().detail.streams?.map((stream) => stream.displayName))).toEqual(new Set(['Bea']));
  });
});

test('addresses become names in the background when they are wanted, and a scrape does not wait for them', async () => {
  let answer: (names: readonly string[]) => void = () => {};
  const { clock, sfu, observer } = scene({
    ...{ period: 0, numeric: false, sets: ['seed'] },
    resolve: (ip) =>
      ip === '192.0.2.1'
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : Promise.reject(new Error('ENOTFOUND')),
  });
  sfu.advance(1_000);
  await observer.poll();
  const local = (): string | undefined => observer.state().detail.streams?.[0]?.localAddress;
  expect(local()).toMatch(/^192\.0\.2\.1:\d+$/);
  answer(['sfu.example']);
  await clock.tick(0);
  await observer.poll();
  expect(local()).toMatch(/^sfu\.example:\d+$/);
});

test('a worker that is none is refused', () => {
  const { observer } = scene();
  expect(() => observer.addWorker({})).toThrow(expect.objectContaining({ code: 'MX_SFU_WORKER' }));
});
