import { setTimeout as sleep } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, expectTypeOf, test } from 'vitest';
import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket, useOPUS } from 'werift';
import { describeWith } from '../../../test/support/tools.ts';
import { until } from '../../../test/support/until.ts';
import { loadMediasoup, type Module, OPUS } from '../testing/real.ts';
import { RtpPeer } from '../testing/rtp.ts';
import { bindingRequest } from '../testing/stun.ts';
import { type ObserveOptions, observe, type SfuObserver } from './index.ts';

const PAYLOAD_TYPE = 111;

describeWith('mediasoup-worker', 'WebRTC through a real worker', (tools) => {
  let mediasoup: Module;
  let worker: types.Worker | undefined;
  const observers: SfuObserver[] = [];

  beforeEach(async () => {
    mediasoup = await loadMediasoup(tools['mediasoup-worker']);
  });

  afterEach(async () => {
    worker?.close();
    for (const observer of observers.splice(0)) await observer.close();
  });

  const watch = (options: ObserveOptions = {}): SfuObserver => {
    const observer = observe(mediasoup, { period: 0, detail: { rooms: true, streams: true }, ...options });
    observers.push(observer);
    return observer;
  };

  const newTransport = async (): Promise<types.WebRtcTransport> => {
    worker = await mediasoup.createWorker();
    const router = await worker.createRouter({ mediaCodecs: [OPUS], appData: { roomId: 'hall' } });
    const appData = { peerId: 'carol', displayName: 'Carol', userAgent: 'Browser/1' };
    return router.createWebRtcTransport({ listenIps: ['127.0.0.1'], enableUdp: true, appData });
  };

  const produce = (transport: types.Transport, ssrc: number): Promise<types.Producer> =>
    transport.produce({
      kind: 'audio',
      rtpParameters: {
        mid: '0',
        codecs: [{ mimeType: 'audio/opus', payloadType: PAYLOAD_TYPE, clockRate: 48_000, channels: 2 }],
        encodings: [{ ssrc }],
      },
    });

  test("mediasoup's own types fit", () => {
    expectTypeOf<Module>().toExtend<Parameters<typeof observe>[0]>();
    expectTypeOf<Module['observer']>().toExtend<Parameters<typeof observe>[0]>();
  });

  test('ICE moves a transport from state to state, and once it is completed the addresses are known', async () => {
    const observer = watch();
    const transport = await newTransport();
    const count = (iceState: string): number =>
      observer.state().transports.find((row) => row.iceState === iceState && row.count > 0)?.count ?? 0;
    expect(count('new')).toBe(1);
    const peer = await RtpPeer.open();
    const port = transport.iceCandidates[0]?.port ?? 0;
    await until(
      () => {
        peer.sendRaw(port, bindingRequest(transport.iceParameters));
        return count('completed') === 1 ? true : undefined;
      },
      { what: 'ICE' },
    );
    expect(count('new')).toBe(0);
    expect(observer.state().transports.filter((row) => row.count > 0)).toEqual([
      expect.objectContaining({ type: 'webrtc', iceState: 'completed', dtlsState: 'connecting' }),
    ]);
    peer.close();
  });

  test('a full session of a browser-like peer has its labels, and pseudonyms where they are asked for', async () => {
    const clear = watch();
    const veiled = watch({ deidentify: true, pseudonymKey: 'a key of sixteen' });
    const quiet = watch({ quiet: true });
    const transport = await newTransport();
    const connection = new RTCPeerConnection({
      iceAdditionalHostAddresses: ['127.0.0.1'],
      iceServers: [],
      codecs: { audio: [useOPUS({ payloadType: PAYLOAD_TYPE })] },
    });
    const track = new MediaStreamTrack({ kind: 'audio' });
    const sender = connection.addTransceiver(track, { direction: 'sendonly' }).sender;
    await connection.setLocalDescription(await connection.createOffer());
    const fingerprint = /a=fingerprint:sha-256 (\S+)/i.exec(connection.localDescription?.sdp ?? '')?.[1] ?? '';
    await transport.connect({
      dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] },
    });
    await connection.setRemoteDescription({ type: 'answer', sdp: answer(transport) });
    await until(() => (transport.dtlsState === 'connected' ? true : undefined), { what: 'DTLS' });
    await produce(transport, sender.ssrc);

    let sequence = 1;
    const stream = await until(
      async () => {
        for (let i = 0; i < 10; i++) {
          const header = new RtpHeader({
            payloadType: PAYLOAD_TYPE,
            sequenceNumber: sequence,
            timestamp: sequence * 960,
          });
          sequence += 1;
          track.writeRtp(new RtpPacket(header, Buffer.alloc(60, sequence)));
          await sleep(2);
        }
        await clear.poll();
        const [found] = clear.state().detail.streams ?? [];
        return found !== undefined && found.packets >= 50 ? found : undefined;
      },
      { what: 'media' },
    );
    const tuple = transport.iceSelectedTuple;
    expect(stream).toMatchObject({
      ...{ room: 'hall', peer: 'carol', displayName: 'Carol', userAgent: 'Browser/1' },
      ...{ transport: transport.id, transportType: 'webrtc', protocol: 'udp', kind: 'audio', codec: 'opus', score: 10 },
      localAddress: `127.0.0.1:${tuple?.localPort}`,
      remoteAddress: `127.0.0.1:${tuple?.remotePort}`,
    });
    expect(clear.state().transports.filter((row) => row.count > 0)).toEqual([
      expect.objectContaining({ iceState: 'completed', dtlsState: 'connected' }),
    ]);
    expect(clear.state().transportBytes.find(({ type }) => type === 'webrtc')?.received).toBeGreaterThan(0);

    await veiled.poll();
    const [hidden] = veiled.state().detail.streams ?? [];
    const told = JSON.stringify(veiled.state());
    for (const secret of ['carol', 'Carol', 'Browser', '127.0.0.1']) expect(told).not.toContain(secret);
    expect(hidden?.remoteAddress).toMatch(new RegExp(`^[0-9a-f]{16}:${tuple?.remotePort}$`));
    // One host, one pseudonym: what belongs together can still be joined.
    expect(hidden?.localAddress.split(':')[0]).toBe(hidden?.remoteAddress.split(':')[0]);

    await quiet.poll();
    expect(quiet.state().detail.streams).toEqual([expect.objectContaining({ id: '', transport: '', peer: 'carol' })]);
    await connection.close();
  });
});

/** What a mediasoup client would make of the transport: an ICE-lite server that waits for DTLS. */
function answer({ iceParameters, iceCandidates, dtlsParameters }: types.WebRtcTransport): string {
  const { algorithm, value } = dtlsParameters.fingerprints.find((one) => one.algorithm === 'sha-256') ?? {};
  return [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=ice-lite', 'a=group:BUNDLE 0'],
    ...[`m=audio 7 UDP/TLS/RTP/SAVPF ${PAYLOAD_TYPE}`, 'c=IN IP4 127.0.0.1', 'a=mid:0', 'a=recvonly', 'a=rtcp-mux'],
    `a=rtpmap:${PAYLOAD_TYPE} opus/48000/2`,
    ...[`a=ice-ufrag:${iceParameters.usernameFragment}`, `a=ice-pwd:${iceParameters.password}`],
    ...iceCandidates.map(
      ({ foundation, priority, ip, port }) => `a=candidate:${foundation} 1 udp ${priority} ${ip} ${port} typ host`,
    ),
    ...['a=end-of-candidates', `a=fingerprint:${algorithm} ${value}`, 'a=setup:passive', ''],
  ].join('\r\n');
}
