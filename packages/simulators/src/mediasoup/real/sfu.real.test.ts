import type { EventEmitter } from 'node:events';
import { systemClock } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../../../test/support/tools.ts';
import { until } from '../../../../../test/support/until.ts';
import { SimulatedSfu } from '../sfu.ts';
import type { MediasoupModule } from './host.ts';
import { type RealSfu, startRealSfu } from './sfu.ts';

type Stat = Record<string, number | string>;
interface Watched {
  readonly kind: string;
  readonly appData: { readonly peerId: string };
  readonly observer: EventEmitter;
  getStats(): Promise<Stat[]>;
}

describeWith('mediasoup-worker', 'a real SFU', ({ 'mediasoup-worker': worker }) => {
  const seen: Record<string, Watched[]> = { newtransport: [], newproducer: [], newconsumer: [] };
  let usage: object;
  let sfu: RealSfu;
  let pid: number;

  beforeAll(async () => {
    process.env.MEDIASOUP_WORKER_BIN = worker.path;
    const mediasoup = (await import('mediasoup')) as unknown as MediasoupModule;
    const follow = (object: { observer: EventEmitter }): void => {
      object.observer.on('newrouter', follow);
      for (const [event, objects] of Object.entries(seen)) {
        object.observer.on(event, (made: Watched) => {
          objects.push(made);
          follow(made);
        });
      }
    };
    const onWorker = (made: { observer: EventEmitter; getResourceUsage(): Promise<object> }): void => {
      follow(made);
      void made.getResourceUsage().then((answer) => {
        usage = answer;
      });
    };
    mediasoup.observer.on('newworker', onWorker);
    const profile = { displayName: 'A participant', userAgent: 'a test' };
    const room = [
      { ...profile, id: 'first', simulcast: true },
      { ...profile, id: 'second', loss: 0.2 },
    ];
    sfu = await startRealSfu({ mediasoup, clock: systemClock, rooms: { room } });
    mediasoup.observer.off('newworker', onWorker);
    pid = sfu.workers[0]?.pid ?? 0;
  });
  afterAll(() => sfu?.close());

  const statOf = async (event: string, kind: string, peerId: string): Promise<Stat | undefined> => {
    const object = seen[event]?.find((made) => made.kind === kind && made.appData.peerId === peerId);
    return (await object?.getStats())?.[0];
  };

  test('carries the media of its peers and loses what their networks lose', async () => {
    expect(seen.newconsumer).toHaveLength(4);
    await until(
      async () => {
        const own = await statOf('newconsumer', 'video', 'second');
        const alive = ['byteCount', 'packetsLost', 'nackCount', 'pliCount', 'roundTripTime'];
        return alive.every((name) => Number(own?.[name]) > 0) || undefined;
      },
      { what: 'bytes, loss, NACK, PLI and round trip of a consumer on a bad network' },
    );
  });

  test('gives statistics with the very fields that the simulated 3.8 gives', async () => {
    const simulated = new SimulatedSfu({ clock: new ManualClock(), shape: '3.8' }).start();
    simulated.addWorker();
    const room = simulated.addRoom('room');
    const link = { loss: 0, roundTripTime: 20, jitter: 1 };
    const peers = ['first', 'second'].map((id) => room.join(id, ['audio', 'simulcast'], { link, transport: 'plain' }));
    simulated.advance(1000);
    const consumers = peers[1]?.receiving.consumers ?? [];
    const fields = (stat: unknown): string[] => Object.keys(stat as object).sort();
    const ours = async (object: { getStats(): Promise<unknown[]> } | undefined): Promise<string[]> =>
      fields((await object?.getStats())?.[0]);

    expect(fields(await statOf('newconsumer', 'video', 'second'))).toEqual(await ours(consumers[1]));
    expect(fields(await statOf('newconsumer', 'audio', 'second'))).toEqual(await ours(consumers[0]));
    // No RTCP extended reports here, so the round trip to the senders is not known.
    const inbound = await ours(peers[0]?.sending.producers[0]);
    expect(fields(await statOf('newproducer', 'audio', 'first'))).toEqual(
      inbound.filter((field) => field !== 'roundTripTime'),
    );
    expect(fields((await seen.newtransport?.[0]?.getStats())?.[0])).toEqual(await ours(peers[0]?.sending));
    expect(fields(usage)).toEqual(fields(await simulated.workers[0]?.getResourceUsage()));
  });

  test('leaves no process behind', async () => {
    await sfu.close();
    await until(() => (isRunning(pid) ? undefined : true), { what: 'the end of the worker' });
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
