import type { EventEmitter } from 'node:events';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { SimulatedSfu, type SimulatedSfuOptions } from './sfu.ts';

const newSfu = (options: Partial<SimulatedSfuOptions> = {}): SimulatedSfu =>
  new SimulatedSfu({ clock: new ManualClock(), ...options });

/** All objects a monitor would learn of, by the event that tells of them, with what they said since. */
function watch(sfu: SimulatedSfu): { born: [event: string, object: Watched][]; said: string[] } {
  const born: [string, Watched][] = [];
  const said: string[] = [];
  const children = ['newrouter', 'newtransport', 'newproducer', 'newconsumer', 'newdataproducer', 'newdataconsumer'];
  const follow = (event: string, object: Watched): void => {
    born.push([event, object]);
    object.observer.on('close', () => said.push(`${event.slice(3)} close`));
    object.on('died', () => said.push('worker died'));
    for (const child of children) object.observer.on(child, (made: Watched) => follow(child, made));
  };
  sfu.mediasoup.observer.on('newworker', (worker: Watched) => follow('newworker', worker));
  return { born, said };
}

type Watched = EventEmitter & { observer: EventEmitter; appData: Record<string, unknown> };
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const entries = async (stats: Promise<unknown[]>): Promise<Record<string, number>[]> =>
  (await stats) as Record<string, number>[];

test('a room of three peers has all transports, producers and consumers, told by events with their appData', () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 3, media: ['audio', 'simulcast'] });
  const { born } = watch(sfu);
  sfu.start();
  const count = (event: string): number => born.filter(([name]) => name === event).length;
  expect(['newworker', 'newrouter', 'newtransport', 'newproducer', 'newconsumer'].map(count)).toEqual([1, 1, 6, 6, 12]);
  expect(born.find(([name]) => name === 'newrouter')?.[1].appData).toEqual({ roomId: 'room-1' });
});

test('the same seed gives the same ids and the same media', async () => {
  const run = async (): Promise<unknown> => {
    const sfu = newSfu({ rooms: 2, peersPerRoom: 2 }).start();
    sfu.advance(1234);
    return sfu.truth.records;
  };
  expect(await run()).toEqual(await run());
});

test('statistics count what flowed, and the truth outlives the close', async () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 2, media: ['audio'] }).start();
  const producer = sfu.rooms.get('room-1')?.peers.get('room-1-peer-1')?.sending.producers[0];
  expect(await producer?.getStats()).toEqual([]);
  sfu.advance(2000);
  const [stat] = await entries(producer?.getStats() ?? Promise.reject());
  expect(stat).toMatchObject({ type: 'inbound-rtp', packetCount: 100, byteCount: producer?.truth.bytes, score: 10 });
  const before = sfu.truth.total({ object: 'producer' });
  sfu.removeRoom('room-1');
  sfu.advance(2000);
  expect(sfu.truth.total({ object: 'producer' })).toEqual(before);
  expect(before.packets).toBe(200);
});

test('a consumer lists its own stream first and the producer stream it forwards second, and sends more bytes', async () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 2, media: ['simulcast'] }).start();
  sfu.advance(1000);
  const consumer = sfu.rooms.get('room-1')?.peers.get('room-1-peer-2')?.receiving.consumers[0];
  const [own, source] = await entries(consumer?.getStats() ?? Promise.reject());
  expect([own?.type, source?.type, source?.rid]).toEqual(['outbound-rtp', 'inbound-rtp', 'r2']);
  expect(own?.packetCount).toBe(source?.packetCount);
  expect(own?.byteCount).toBeGreaterThan(source?.byteCount ?? Infinity);
  expect(consumer?.currentLayers).toEqual({ spatialLayer: 2, temporalLayer: 2 });
});

test('a lossy link costs packets, score and layers, and is told by events', async () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 2, media: ['simulcast'] }).start();
  sfu.advance(1000);
  await settle();
  const peer = sfu.rooms.get('room-1')?.peers.get('room-1-peer-2');
  const consumer = peer?.receiving.consumers[0];
  const events: string[] = [];
  for (const event of ['score', 'layerschange']) consumer?.observer.on(event, () => events.push(event));
  Object.assign(peer?.link ?? {}, { loss: 0.25, roundTripTime: 80, jitter: 10 });
  sfu.advance(1000);
  await settle();
  const [own] = await entries(consumer?.getStats() ?? Promise.reject());
  expect(own).toMatchObject({ packetsLost: 5, fractionLost: 64, roundTripTime: 80 });
  expect(own?.nackCount).toBeGreaterThan(0);
  expect(consumer?.score.score).toBeLessThan(5);
  expect(consumer?.currentLayers?.spatialLayer).toBe(0);
  expect(events).toEqual(['layerschange', 'score']);
});

test('a silent peer has score 0 and its consumers have no layers', () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 2, media: ['simulcast'] }).start();
  sfu.advance(1000);
  const [first, second] = [...(sfu.rooms.get('room-1')?.peers.values() ?? [])];
  if (first === undefined || second === undefined) throw new Error('no peers');
  first.silent = true;
  sfu.advance(1000);
  expect(first.sending.producers[0]?.score).toMatchObject([{ score: 0 }, { score: 0 }, { score: 0 }]);
  expect(second.receiving.consumers[0]?.currentLayers).toBeUndefined();
});

test('children close before their parents, and consumers of other peers when the worker has told so', async () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 2, media: ['audio'] });
  const { said } = watch(sfu);
  sfu.start().rooms.get('room-1')?.removePeer('room-1-peer-1');
  expect(said).toEqual(['producer close', 'transport close', 'consumer close', 'transport close']);
  await settle();
  expect(said.slice(4)).toEqual(['consumer close']);
});

test('a piped producer has the id of its original and carries all encodings', async () => {
  const sfu = newSfu({ workers: 2, rooms: 1, peersPerRoom: 1, media: ['simulcast'] }).start();
  const room = sfu.rooms.get('room-1');
  const producer = room?.peers.get('room-1-peer-1')?.sending.producers[0];
  const other = sfu.workers.find((worker) => worker !== room?.worker);
  if (room === undefined || producer === undefined || other === undefined) throw new Error('no room');
  const piped = sfu.pipe(room, producer, other);
  sfu.advance(1000);
  expect(piped.id).toBe(producer.id);
  expect(await piped.getStats()).toHaveLength(3);
  const sent = await entries(room.router.transports.at(-1)?.consumers[0]?.getStats() ?? Promise.reject());
  expect(sent.map(({ type }) => type)).toEqual(['outbound-rtp', 'outbound-rtp', 'outbound-rtp']);
  expect(sfu.truth.total({ object: 'producer', transport: 'pipe' }).packets).toBe(producer.truth.packets);
  producer.close();
  await settle();
  expect(piped.closed).toBe(true);
});

test('data channels count messages on both sides and close with their producer', async () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 2, media: [] }).start();
  const [first, second] = [...(sfu.rooms.get('room-1')?.peers.values() ?? [])];
  const sender = first?.produceData();
  if (sender === undefined || second === undefined) throw new Error('no peers');
  const receiver = second.consumeData(sender);
  sender.receive(100);
  expect(await sender.getStats()).toMatchObject([{ messagesReceived: 1, bytesReceived: 100 }]);
  expect(await receiver.getStats()).toMatchObject([{ messagesSent: 1, bytesSent: 100, bufferedAmount: 0 }]);
  first?.close();
  await settle();
  expect(receiver.closed).toBe(true);
});

test('messages flow over data channels as media does, but not from who is silent', async () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 2, media: [] }).start();
  const [first, second] = [...(sfu.rooms.get('room-1')?.peers.values() ?? [])];
  const sender = first?.produceData();
  if (first === undefined || sender === undefined || second === undefined) throw new Error('no peers');
  const receiver = second.consumeData(sender);
  for (let i = 0; i < 5; i += 1) sfu.advance(700);
  expect(await sender.getStats()).toMatchObject([{ messagesReceived: 3, bytesReceived: 240 }]);
  expect(await receiver.getStats()).toMatchObject([{ messagesSent: 3, bytesSent: 240 }]);
  first.silent = true;
  sfu.advance(5_000);
  expect(sender.messagesReceived).toBe(3);
});

test('a room may be as big as it likes without a warning of too many listeners', () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 25, media: ['audio'] });
  const { born } = watch(sfu);
  sfu.start();
  const emitters = born.flatMap(([, object]) => [object, object.observer]);
  expect(emitters.some((emitter) => emitter.eventNames().some((name) => emitter.listenerCount(name) > 11))).toBe(true);
  expect(new Set(emitters.map((emitter) => emitter.getMaxListeners()))).toEqual(new Set([0]));
});

test('a WebRTC server is told of and closes with its worker', () => {
  const sfu = newSfu({ workers: 1 }).start();
  const told: unknown[] = [];
  const [worker] = sfu.workers;
  worker?.observer.on('newwebrtcserver', (server) => told.push(server));
  const server = worker?.addWebRtcServer();
  expect(told).toEqual([server]);
  worker?.close();
  expect(server?.closed).toBe(true);
});

test('a new SSRC starts its counters anew while the truth goes on', async () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 1, media: ['audio'] }).start();
  const producer = sfu.rooms.get('room-1')?.peers.get('room-1-peer-1')?.sending.producers[0];
  sfu.advance(1000);
  const [before] = await entries(producer?.getStats() ?? Promise.reject());
  producer?.changeSsrc();
  sfu.advance(1000);
  const [after] = await entries(producer?.getStats() ?? Promise.reject());
  expect(after?.ssrc).not.toBe(before?.ssrc);
  expect([before?.packetCount, after?.packetCount, producer?.truth.packets]).toEqual([50, 50, 100]);
});

test('late packets make packetsLost smaller', async () => {
  const sfu = newSfu({ rooms: 1, peersPerRoom: 1, media: ['audio'] }).start();
  const peer = sfu.rooms.get('room-1')?.peers.get('room-1-peer-1');
  if (peer !== undefined) peer.link.loss = 0.2;
  sfu.advance(1000);
  peer?.sending.producers[0]?.recoverPackets(12);
  expect(await peer?.sending.producers[0]?.getStats()).toMatchObject([{ packetsLost: -2 }]);
});

test('by the clock, media flows until the SFU closes', () => {
  const clock = new ManualClock();
  const sfu = newSfu({ clock, rooms: 1, peersPerRoom: 1, media: ['audio'] })
    .start()
    .run(500);
  clock.advance(2000);
  expect(sfu.truth.total({}).packets).toBe(100);
  sfu.close();
  clock.advance(2000);
  expect(sfu.truth.total({}).packets).toBe(100);
  expect(clock.pending).toBe(0);
});
