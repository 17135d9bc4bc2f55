import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import type { SimulatedPeer } from './peer.ts';
import { SimulatedSfu } from './sfu.ts';
import type { Shape } from './shape.ts';

/** One peer that hears itself, in a room of a version. */
function start(shape: Shape): { sfu: SimulatedSfu; clock: ManualClock; peer: SimulatedPeer } {
  const clock = new ManualClock();
  const sfu = new SimulatedSfu({ clock, shape, rooms: 1, peersPerRoom: 1, media: ['simulcast'] }).start();
  const peer = sfu.rooms.get('room-1')?.peers.get('room-1-peer-1');
  const producer = peer?.sending.producers[0];
  if (peer === undefined || producer === undefined) throw new Error('no peer');
  peer.consume(producer);
  sfu.advance(1000);
  return { sfu, clock, peer };
}

async function stats(peer: SimulatedPeer): Promise<Record<string, unknown>[]> {
  return ((await peer.receiving.consumers[0]?.getStats()) ?? []) as Record<string, unknown>[];
}

describe.each([
  { shape: '3.8', roundTripTime: undefined, outboundJitter: false, byLayer: false, discarded: 0 },
  { shape: '3.13', roundTripTime: 0, outboundJitter: false, byLayer: true, discarded: undefined },
  { shape: '3.27', roundTripTime: 0, outboundJitter: true, byLayer: true, discarded: undefined },
] as const)('statistics of $shape', ({ shape, roundTripTime, outboundJitter, byLayer, discarded }) => {
  test('have the fields of their version', async () => {
    const [own, source] = await stats(start(shape).peer);
    expect(own?.roundTripTime).toBe(roundTripTime);
    expect(own !== undefined && 'jitter' in own).toBe(outboundJitter);
    expect(source?.jitter).toBe(0);
    expect(source !== undefined && 'bitrateByLayer' in source).toBe(byLayer);
    expect(source?.rtxPacketsDiscarded).toBe(discarded);
  });
});

describe.each([
  { shape: '3.8', type: undefined, name: 'WebRtcTransport', localAddress: undefined, clones: false },
  { shape: '3.13', type: undefined, name: 'WebRtcTransport', localAddress: '192.0.2.1', clones: false },
  { shape: '3.27', type: 'webrtc', name: 'WebRtcTransportImpl', localAddress: '192.0.2.1', clones: true },
] as const)('transports of $shape', ({ shape, type, name, localAddress, clones }) => {
  test('say what they are as their version does', () => {
    const { sending } = start(shape).peer;
    expect([sending.type, sending.constructor.name]).toEqual([type, name]);
    expect(sending.iceSelectedTuple).toMatchObject({ localIp: '192.0.2.1', protocol: 'udp' });
    expect(sending.iceSelectedTuple?.localAddress).toBe(localAddress);
    const [first, second] = [sending, sending].map(({ iceSelectedTuple }) => iceSelectedTuple);
    expect(Object.is(first, second)).toBe(!clones);
  });

  test('are closed in every respect once they are closed', () => {
    const { sending } = start(shape).peer;
    sending.close();
    expect(sending).toMatchObject({ closed: true, iceState: 'closed', dtlsState: 'closed', sctpState: 'closed' });
    expect(sending.iceSelectedTuple).toBeUndefined();
  });
});

describe.each([
  { shape: '3.8', closed: { name: 'Error', message: '' }, gone: 'InvalidStateError', order: ['close', 'died'] },
  { shape: '3.13', closed: { name: 'Error' }, gone: 'InvalidStateError', order: ['died', 'close', 'subprocessclose'] },
  {
    shape: '3.27',
    closed: { name: 'NotFoundError' },
    gone: 'WorkerClosedError',
    order: ['died', 'close', 'subprocessclose'],
  },
] as const)('failures of $shape', ({ shape, closed, gone, order }) => {
  test('reject requests to what is closed, but not those sent before', async () => {
    const [producer] = start(shape).peer.sending.producers;
    const before = producer?.getStats();
    producer?.close();
    await expect(before).resolves.toHaveLength(3);
    await expect(producer?.getStats()).rejects.toMatchObject(closed);
  });

  test('of a killed worker come in the order of their version and reject everything', async () => {
    const { sfu, peer } = start(shape);
    const [worker] = sfu.workers;
    const said: string[] = [];
    worker?.on('died', () => said.push('died'));
    worker?.on('subprocessclose', () => said.push('subprocessclose'));
    worker?.observer.on('close', () => said.push('close'));
    const pending = peer.sending.getStats();
    worker?.kill();
    expect(said).toEqual(order);
    expect(worker?.died).toBe(shape === '3.8' ? undefined : true);
    await expect(pending).rejects.toMatchObject({ name: gone });
    await expect(worker?.getResourceUsage()).rejects.toMatchObject({ name: gone });
    expect(peer.sending.closed).toBe(true);
    expect(sfu.rooms.size).toBe(0);
  });

  test('of a stalled worker: requests wait, and only 3.8 gives up on them', async () => {
    const { sfu, clock, peer } = start(shape);
    const [worker] = sfu.workers;
    worker?.stall();
    const packets = sfu.truth.total({}).packets;
    sfu.advance(1000);
    expect(sfu.truth.total({}).packets).toBe(packets);
    let outcome = 'none';
    peer.sending.getStats().then(
      () => (outcome = 'answered'),
      (error: Error) => (outcome = error.message),
    );
    await clock.tick(20_000);
    expect(outcome).toBe(shape === '3.8' ? 'Channel request timeout' : 'none');
    worker?.resume();
    await clock.tick(0);
    expect(outcome).toBe(shape === '3.8' ? 'Channel request timeout' : 'answered');
  });
});

test('slow answers take their time, and the channel counts what is in flight', async () => {
  const { sfu, clock, peer } = start('3.27');
  const channel = sfu.workers[0]?.channel;
  if (channel === undefined) throw new Error('no worker');
  channel.latency = 200;
  const both = Promise.all([peer.sending.getStats(), peer.receiving.getStats()]);
  clock.advance(199);
  expect([channel.inFlight, channel.mostInFlight, channel.requests]).toEqual([2, 2, 2]);
  clock.advance(1);
  await expect(both).resolves.toHaveLength(2);
  expect(channel.inFlight).toBe(0);
});

test('a fault makes one getStats reject or answer rubbish', async () => {
  const [producer] = start('3.27').peer.sending.producers;
  producer?.faults.push({ reject: new Error('boom') }, { resolve: [null, { byteCount: 'many' }] });
  await expect(producer?.getStats()).rejects.toThrow('boom');
  await expect(producer?.getStats()).resolves.toEqual([null, { byteCount: 'many' }]);
  await expect(producer?.getStats()).resolves.toHaveLength(3);
});

test('a listener that throws does not disturb the SFU', () => {
  const sfu = new SimulatedSfu({ clock: new ManualClock(), rooms: 1, peersPerRoom: 1 });
  sfu.mediasoup.observer.on('newworker', () => {
    throw new Error('careless');
  });
  expect(sfu.start().rooms.size).toBe(1);
});

test('data can be paused from 3.13 on', async () => {
  const data = start('3.27').peer.produceData();
  await data.pause();
  data.receive(10);
  expect([data.paused, data.messagesReceived]).toEqual([true, 0]);
  await data.resume();
  data.receive(10);
  expect(data.messagesReceived).toBe(1);
  const before = start('3.8').peer.produceData();
  expect(before.paused).toBeUndefined();
  await expect(before.pause()).rejects.toThrow(TypeError);
});
