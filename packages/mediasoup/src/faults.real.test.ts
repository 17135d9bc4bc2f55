import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../../test/support/tools.ts';
import { until } from '../../../test/support/until.ts';
import { loadMediasoup, type Module, OPUS, plainTransport, produceOpus } from '../testing/real.ts';
import { RtpPeer } from '../testing/rtp.ts';
import { observe, type SfuObserver } from './index.ts';

describeWith('mediasoup-worker', 'a real worker in trouble', (tools) => {
  let mediasoup: Module;
  let observer: SfuObserver;
  let worker: types.Worker;

  beforeEach(async () => {
    mediasoup = await loadMediasoup(tools['mediasoup-worker']);
    observer = observe(mediasoup, { period: 0, deadline: 0.3, detail: { rooms: true, streams: true } });
    worker = await mediasoup.createWorker();
    worker.on('died', () => {});
  });

  afterEach(async () => {
    await observer.close();
    if (worker.closed) return;
    process.kill(worker.pid, 'SIGCONT');
    worker.close();
  });

  const sendSome = async (): Promise<{ packets: number; bytes: number }> => {
    const router = await worker.createRouter({ mediaCodecs: [OPUS], appData: { roomId: 'attic' } });
    const transport = await plainTransport(router, { peerId: 'ann' });
    await produceOpus(transport, 55_555_555);
    const peer = await RtpPeer.open();
    await peer.send(transport.tuple.localPort, 55_555_555, 101, 40);
    await until(
      async () => {
        await observer.poll();
        return observer.state().rtp[0]?.packets === 40 ? true : undefined;
      },
      { what: 'the last packet' },
    );
    peer.close();
    return peer.sent;
  };

  test('one that is killed is counted as dead, its objects are gone and its totals stay', async () => {
    const sent = await sendSome();
    process.kill(worker.pid, 'SIGKILL');
    await until(() => (observer.state().deaths === 1 ? true : undefined), { what: 'the death' });
    await observer.poll();
    const state = observer.state();
    expect(state).toMatchObject({ deaths: 1, rooms: 0, peers: 0, detail: { rooms: [], streams: [] } });
    expect(state.workers).toEqual([expect.objectContaining({ worker: 0, alive: false, stuck: false })]);
    expect(state.rtp[0]).toMatchObject(sent);
    for (const { created, closed } of state.objects) expect(closed).toBe(created);

    const cpu = state.workers[0]?.cpuUser ?? 0;
    worker = await mediasoup.createWorker();
    await observer.poll();
    const [slot] = observer.state().workers;
    expect(slot).toMatchObject({ worker: 0, alive: true, pid: worker.pid });
    expect(slot?.cpuUser).toBeGreaterThanOrEqual(cpu);
  });

  test('one that is killed in the middle of a poll spoils nothing', async () => {
    await sendSome();
    const poll = observer.poll();
    process.kill(worker.pid, 'SIGKILL');
    await poll;
    await until(() => (observer.state().deaths === 1 ? true : undefined), { what: 'the death' });
    expect(observer.state().poll.requests.timeout).toBe(0);
  });

  test('one that is stopped is marked as stuck, left alone, and comes back', async () => {
    const sent = await sendSome();
    process.kill(worker.pid, 'SIGSTOP');
    await observer.poll();
    const stopped = observer.state();
    expect(stopped.workers[0]).toMatchObject({ alive: true, stuck: true });
    expect(stopped.workers[0]).not.toHaveProperty('roundTrip');
    expect(stopped.poll.requests.timeout).toBe(1);
    expect(stopped.rtp[0]).toMatchObject(sent);

    await observer.poll();
    await observer.poll();
    expect(observer.state().poll.requests).toMatchObject({ timeout: 1, skipped: expect.any(Number) });

    process.kill(worker.pid, 'SIGCONT');
    await until(
      async () => {
        await observer.poll();
        return observer.state().workers[0]?.stuck === false ? true : undefined;
      },
      { what: 'an answer' },
    );
    await observer.poll();
    expect(observer.state().workers[0]?.roundTrip).toBeGreaterThan(0);
  });
});
