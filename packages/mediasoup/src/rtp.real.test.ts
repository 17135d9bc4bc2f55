import { labelValues, renderText } from '@media-exporter/metrics';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../../test/support/tools.ts';
import { until } from '../../../test/support/until.ts';
import { loadMediasoup, type Module, OPUS, plainTransport, produceOpus } from '../testing/real.ts';
import { RtpPeer } from '../testing/rtp.ts';
import { observe, type SfuObserver, seedCatalogue, seedFamilies } from './index.ts';

describeWith('mediasoup-worker', 'RTP through a real worker', (tools) => {
  let mediasoup: Module;
  let observer: SfuObserver;
  let worker: types.Worker;
  let router: types.Router;
  const peers: RtpPeer[] = [];

  beforeEach(async () => {
    mediasoup = await loadMediasoup(tools['mediasoup-worker']);
    observer = observe(mediasoup, { period: 0, sets: ['default', 'seed'] });
    worker = await mediasoup.createWorker();
    router = await worker.createRouter({ mediaCodecs: [OPUS], appData: { roomId: 'kitchen' } });
  });

  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.close();
    worker.close();
    await observer.close();
  });

  const open = async (): Promise<RtpPeer> => {
    const peer = await RtpPeer.open();
    peers.push(peer);
    return peer;
  };

  /** Polls until what was looked for is there. */
  const polled = <T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> =>
    until(
      async () => {
        await observer.poll();
        return look();
      },
      { what },
    );

  const total = (direction: 'receive' | 'send'): { packets: number; bytes: number } => {
    const row = observer.state().rtp.find((candidate) => candidate.direction === direction);
    return { packets: row?.packets ?? 0, bytes: row?.bytes ?? 0 };
  };

  test("a producer's byte total is what was sent, RTP headers included, and stays when it closes", async () => {
    const alice = await open();
    const transport = await plainTransport(router, { peerId: 'alice' });
    const producer = await produceOpus(transport, 11_111_111);
    await observer.poll();
    expect(observer.state().rtp).toEqual([expect.objectContaining({ packets: 0, bytes: 0 })]);
    await alice.send(transport.tuple.localPort, 11_111_111, 101, 250);
    await polled('the last packet', () => (total('receive').packets === 250 ? true : undefined));
    expect(total('receive')).toEqual(alice.sent);

    const [stream] = observer.state().detail.streams ?? [];
    expect(stream).toMatchObject({ direction: 'receive', room: 'kitchen', peer: 'alice', bytes: alice.sent.bytes });
    producer.close();
    expect(observer.state().detail.streams).toEqual([]);
    expect(total('receive')).toEqual(alice.sent);

    // The same SSRC in a new producer counts on.
    await produceOpus(transport, 11_111_111);
    await alice.send(transport.tuple.localPort, 11_111_111, 101, 50);
    await polled('the packets of the second producer', () => (total('receive').packets === 300 ? true : undefined));
    expect(total('receive')).toEqual(alice.sent);
  });

  test("a consumer's byte total is what its peer received, and the producer's bytes are not in it", async () => {
    const [alice, bob] = [await open(), await open()];
    const from = await plainTransport(router, { peerId: 'alice' });
    const to = await router.createPlainTransport({ listenIp: '127.0.0.1', rtcpMux: true, appData: { peerId: 'bob' } });
    await to.connect({ ip: '127.0.0.1', port: bob.port });
    const producer = await produceOpus(from, 22_222_222);
    await to.consume({
      producerId: producer.id,
      rtpCapabilities: { codecs: [{ ...OPUS, preferredPayloadType: 100 }] },
    });
    await alice.send(from.tuple.localPort, 22_222_222, 101, 200);
    await polled('all packets forwarded', () => (total('send').packets === 200 ? true : undefined));
    await until(() => (bob.received.packets === 200 ? true : undefined), { what: 'the last packet at the peer' });
    expect(total('send')).toEqual(bob.received);
    expect(total('receive')).toEqual(alice.sent);
  });

  test('receiver reports move loss, round trip and score', async () => {
    const [alice, bob] = [await open(), await open()];
    const from = await plainTransport(router, { peerId: 'alice' });
    const to = await router.createPlainTransport({ listenIp: '127.0.0.1', rtcpMux: true, appData: { peerId: 'bob' } });
    await to.connect({ ip: '127.0.0.1', port: bob.port });
    const producer = await produceOpus(from, 33_333_333);
    const consumer = await to.consume({
      producerId: producer.id,
      rtpCapabilities: { codecs: [{ ...OPUS, preferredPayloadType: 100 }] },
    });
    const ssrc = consumer.rtpParameters.encodings?.[0]?.ssrc ?? 0;
    const stream = () => observer.state().detail.streams?.find(({ direction }) => direction === 'send');
    await alice.send(from.tuple.localPort, 33_333_333, 101, 30);
    const before = await polled('a score', () => stream()?.score);
    expect(before).toBe(10);

    let lost = 0;
    const after = await polled('a bad score', async () => {
      await alice.send(from.tuple.localPort, 33_333_333, 101, 20);
      lost += 20;
      if (bob.received.packets > 0) bob.report(to.tuple.localPort, { ssrc, fraction: 128, lost, jitter: 480 });
      const now = stream();
      return now?.score !== undefined && now.score < 10 && now.roundTrip !== undefined ? now : undefined;
    });
    expect(after.lost).toBeGreaterThan(0);
    expect(after.roundTrip).toBeGreaterThan(0);
    expect(after.roundTrip).toBeLessThan(5);
    const state = observer.state();
    const row = state.rtp.find(({ direction }) => direction === 'send');
    expect(row?.lost).toBe(after.lost);
    const quality = state.quality.find(({ direction, kind }) => direction === 'send' && kind === 'audio');
    expect(quality?.roundTrip.count).toBeGreaterThan(0);
    expect(quality?.loss.sum).toBeGreaterThan(0);
    expect(quality?.score.sum).toBeLessThan(10 * (quality?.score.count ?? 0));
  });

  test('the six metrics of the seed carry the labels of the plain transport', async () => {
    const alice = await open();
    const transport = await plainTransport(router, { peerId: 'alice', displayName: 'Alice "A"', userAgent: 'gst/1' });
    const producer = await produceOpus(transport, 44_444_444);
    await alice.send(transport.tuple.localPort, 44_444_444, 101, 20);
    await polled('a stream', () => observer.state().detail.streams?.[0]);
    await polled('its address', () => observer.state().detail.streams?.[0]?.remoteAddress || undefined);
    const families = seedFamilies(observer.state());
    expect(families.map(({ metric }) => metric.name)).toEqual(seedCatalogue().map(({ name }) => name));
    const bytes = families.find(({ metric }) => metric.name === 'mediasoup_producer_byte_count_bytes');
    const [sample] = bytes?.samples ?? [];
    expect(sample).toEqual({
      value: alice.sent.bytes,
      labels: labelValues(bytes?.metric as NonNullable<typeof bytes>['metric'], {
        pid: String(worker.pid),
        room_id: 'kitchen',
        peer_id: 'alice',
        display_name: 'Alice "A"',
        user_agent: 'gst/1',
        transport_id: transport.id,
        proto: 'udp',
        local_addr: `127.0.0.1:${transport.tuple.localPort}`,
        remote_addr: `127.0.0.1:${alice.port}`,
        id: producer.id,
        kind: 'audio',
        codec: 'opus',
        type: 'inbound-rtp',
      }),
    });
    const text = renderText(families);
    expect(text).toContain('\nEjtimaa_rooms 1\n');
    expect(text).toContain('\nEjtimaa_peers{room_id="kitchen"} 1\n');
  });

  test('what a worker has already is taken over when it is added late', async () => {
    const alice = await open();
    const transport = await plainTransport(router, { peerId: 'alice' });
    const producer = await produceOpus(transport, 55_555_555);
    const late = observe(mediasoup, { period: 0, sets: ['seed'] });
    expect(late.state().workers).toEqual([]);
    late.addWorker(worker);
    await alice.send(transport.tuple.localPort, 55_555_555, 101, 30);
    const stream = await until(
      async () => {
        await late.poll();
        return late.state().detail.streams?.find(({ packets }) => packets === 30);
      },
      { what: 'the stream' },
    );
    expect(stream).toMatchObject({ id: producer.id, peer: 'alice', room: 'kitchen', bytes: alice.sent.bytes });
    await late.close();
  });

  test('a worker tells its CPU time, its memory and how fast it answers', async () => {
    await observer.poll();
    await observer.poll();
    const [slot] = observer.state().workers;
    expect(slot).toMatchObject({ worker: 0, alive: true, pid: worker.pid, stuck: false, routers: 1 });
    expect(slot?.maxResidentMemory).toBeGreaterThan(1e6);
    if (process.platform === 'linux') expect(slot?.residentMemory).toBeGreaterThan(1e6);
    expect(slot?.roundTrip).toBeGreaterThan(0);
    expect(slot?.cores).toBeGreaterThanOrEqual(0);
  });
});
