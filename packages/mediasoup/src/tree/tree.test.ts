import { EventEmitter } from 'node:events';
import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedSfu } from '@media-exporter/simulators/mediasoup';
import { expect, test } from 'vitest';
import { observe, type SfuState } from '../index.ts';

/** An object of mediasoup's that has an observer and nothing else. */
class Fake extends EventEmitter {
  readonly observer = new EventEmitter();
  readonly id = 'fake';
  readonly closed = false;
  readonly appData = {};
  readonly pid = 7;

  getResourceUsage(): Promise<object> {
    return Promise.resolve({});
  }
}

const objects = (state: SfuState, object: string): object | undefined =>
  state.objects.find((totals) => totals.object === object);

test('WebRTC servers, which came with 3.10, are counted', () => {
  const observer = new EventEmitter();
  const sfu = observe({ observer }, { clock: new ManualClock() });
  const [worker, server] = [new Fake(), new Fake()];
  observer.emit('newworker', worker);
  worker.observer.emit('newwebrtcserver', server);
  expect(sfu.state().workers[0]?.webRtcServers).toBe(1);
  server.observer.emit('close');
  expect(sfu.state().workers[0]?.webRtcServers).toBe(0);
  expect(objects(sfu.state(), 'webrtc_server')).toMatchObject({ created: 1, closed: 1 });
});

test('an object that is not as it should be throws nothing at the host, whose listeners go on', () => {
  const observer = new EventEmitter();
  const sfu = observe({ observer }, { clock: new ManualClock() });
  const worker = new Fake();
  observer.emit('newworker', worker);
  const heard: unknown[] = [];
  worker.observer.on('newrouter', (router) => heard.push(router));
  for (const router of [null, 7, {}, { observer: new EventEmitter() }]) worker.observer.emit('newrouter', router);
  observer.emit('newworker', {});
  expect(heard).toHaveLength(4);
  expect(sfu.state().workers).toHaveLength(1);
});

test('a parent that closes without a word of its children takes them along', () => {
  const observer = new EventEmitter();
  const sfu = observe({ observer }, { clock: new ManualClock() });
  const [worker, router, transport, producer] = [new Fake(), new Fake(), new Fake(), new Fake()];
  observer.emit('newworker', worker);
  worker.observer.emit('newrouter', router);
  router.observer.emit('newtransport', transport);
  transport.observer.emit('newproducer', producer);
  router.observer.emit('close');
  for (const object of ['router', 'transport', 'producer']) {
    expect(objects(sfu.state(), object)).toMatchObject({ created: 1, closed: 1 });
  }
  for (const each of [router, transport, producer]) expect(each.observer.eventNames()).toEqual([]);
});

test('what goes wrong with ICE and DTLS is counted once each time', () => {
  const clock = new ManualClock();
  const simulated = new SimulatedSfu({ clock });
  const sfu = observe(simulated.mediasoup, { clock });
  simulated.addWorker();
  const { sending, receiving } = simulated.addRoom('yard').join('one', ['audio']);
  sending.setIceState('disconnected');
  sending.setIceState('connected');
  sending.setIceState('disconnected');
  receiving.setDtlsState('failed');
  expect(sfu.state().transportTroubles).toEqual({ iceDisconnected: 2, dtlsFailed: 1 });
  expect(sfu.state().transports.filter(({ count }) => count > 0)).toEqual([
    expect.objectContaining({ iceState: 'disconnected', dtlsState: 'connected', count: 1 }),
    expect.objectContaining({ iceState: 'completed', dtlsState: 'failed', count: 1 }),
  ]);
});

test('a pause moves a stream, and a consumer is paused with its producer', async () => {
  const clock = new ManualClock();
  const simulated = new SimulatedSfu({ clock });
  const sfu = observe(simulated.mediasoup, { clock });
  simulated.addWorker();
  const room = simulated.addRoom('yard');
  const speaker = room.join('one', ['audio']);
  room.join('two', []);
  await speaker.sending.producers[0]?.pause();
  await clock.tick(0);
  const paused = (rows: SfuState['producers']) => rows.filter(({ count }) => count > 0).map((row) => row.paused);
  expect(paused(sfu.state().producers)).toEqual([true]);
  expect(paused(sfu.state().consumers)).toEqual([true]);
  await speaker.sending.producers[0]?.resume();
  await clock.tick(0);
  expect(paused(sfu.state().consumers)).toEqual([false]);
});
