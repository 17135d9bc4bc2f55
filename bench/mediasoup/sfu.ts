import type { types } from 'mediasoup';

/** The SFU under test: one worker, many idle consumers, and one stream whose latency is measured. */
export interface BenchSfu {
  readonly consumers: readonly types.Consumer[];
  /** Where the measured stream goes in. */
  readonly port: number;
  close(): void;
}

const AUDIO = { mimeType: 'audio/opus', clockRate: 48_000, channels: 2 } as const;
const CONSUMERS_PER_TRANSPORT = 100;

export const PAYLOAD_TYPE = 100;
export const SSRC = 11_111_111;

/** @param sink the port on loopback that the measured stream is forwarded to. */
export async function startBenchSfu(
  mediasoup: Pick<typeof import('mediasoup'), 'createWorker'>,
  consumers: number,
  sink: number,
): Promise<BenchSfu> {
  const worker = await mediasoup.createWorker({ logLevel: 'error' });
  const router = await worker.createRouter({
    mediaCodecs: [{ ...AUDIO, kind: 'audio' }],
    appData: { roomId: 'bench' },
  });
  const open = (comedia: boolean): Promise<types.PlainTransport> =>
    router.createPlainTransport({ listenIp: '127.0.0.1', rtcpMux: true, comedia, appData: { peerId: 'bench' } });
  const produce = (transport: types.PlainTransport, ssrc: number): Promise<types.Producer> =>
    transport.produce({
      kind: 'audio',
      rtpParameters: { codecs: [{ ...AUDIO, payloadType: PAYLOAD_TYPE }], encodings: [{ ssrc }] },
    });
  const source = await open(true);
  const measured = await produce(source, SSRC);
  const idle = await produce(source, SSRC + 1);

  const target = await open(false);
  await target.connect({ ip: '127.0.0.1', port: sink });
  const { rtpCapabilities } = router;
  const all = [await target.consume({ producerId: measured.id, rtpCapabilities })];
  while (all.length < consumers + 1) {
    const transport = await open(true);
    for (let more = 0; more < CONSUMERS_PER_TRANSPORT && all.length < consumers + 1; more += 1) {
      all.push(await transport.consume({ producerId: idle.id, rtpCapabilities }));
    }
  }
  return { consumers: all, port: source.tuple.localPort, close: () => worker.close() };
}
