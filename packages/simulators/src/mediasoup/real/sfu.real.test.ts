import { systemClock } from '@media-exporter/metrics';
import { expect, test } from 'vitest';
import { describeWith } from '../../../../../test/support/tools.ts';
import { until } from '../../../../../test/support/until.ts';
import type { MediasoupModule } from './host.ts';
import { startRealSfu } from './sfu.ts';

type Stats = { getStats(): Promise<Record<string, number | string>[]> };

describeWith('mediasoup-worker', 'a real SFU', ({ 'mediasoup-worker': worker }) => {
  test('carries the media of its peers, loses what their networks lose, and leaves no process behind', async () => {
    process.env.MEDIASOUP_WORKER_BIN = worker.path;
    const mediasoup = (await import('mediasoup')) as unknown as MediasoupModule & { observer: NodeJS.EventEmitter };
    const consumers: (Stats & { kind: string; score: object; appData: { peerId: string } })[] = [];
    const tree = (object: { observer: NodeJS.EventEmitter }): void => {
      for (const event of ['newrouter', 'newtransport']) object.observer.on(event, tree);
      object.observer.on('newconsumer', (consumer) => consumers.push(consumer));
    };
    mediasoup.observer.once('newworker', tree);
    const profile = (id: string): { id: string; displayName: string; userAgent: string } => ({
      id,
      displayName: id,
      userAgent: 'test',
    });
    const sfu = await startRealSfu({
      mediasoup,
      clock: systemClock,
      rooms: {
        one: [
          { ...profile('first'), simulcast: true },
          { ...profile('second'), loss: 0.2 },
        ],
      },
    });
    try {
      expect(consumers).toHaveLength(4);
      const video = consumers.find(({ kind, appData }) => kind === 'video' && appData.peerId === 'second');
      await until(
        async () => {
          const own = (await video?.getStats())?.[0];
          const alive = ['byteCount', 'packetsLost', 'nackCount', 'pliCount', 'roundTripTime'];
          return alive.every((name) => Number(own?.[name]) > 0) || undefined;
        },
        { what: 'bytes, loss, NACK, PLI and round trip of a consumer on a bad network' },
      );
    } finally {
      await sfu.close();
    }
    const [process_] = sfu.workers;
    await until(() => (isRunning(process_?.pid ?? 0) ? undefined : true), { what: 'the end of the worker' });
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
