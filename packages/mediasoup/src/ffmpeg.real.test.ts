import type { types } from 'mediasoup';
import { afterEach, expect, test } from 'vitest';
import { type RunningProcess, startProcess } from '../../../test/support/process.ts';
import { describeWith } from '../../../test/support/tools.ts';
import { until } from '../../../test/support/until.ts';
import { loadMediasoup, OPUS, plainTransport, produceOpus, produceVp8, VP8 } from '../testing/real.ts';
import { observe } from './index.ts';

describeWith(['mediasoup-worker', 'ffmpeg'], 'media of ffmpeg through a real worker', (tools) => {
  let worker: types.Worker | undefined;
  const running: RunningProcess[] = [];

  afterEach(async () => {
    for (const ffmpeg of running.splice(0)) await ffmpeg.stop();
    worker?.close();
  });

  const start = (input: string, codec: readonly string[], ssrc: number, payloadType: number, port: number): void => {
    const { env, path } = tools.ffmpeg;
    const common = ['-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', input, ...codec];
    const target = [
      '-ssrc',
      String(ssrc),
      '-payload_type',
      String(payloadType),
      '-f',
      'rtp',
      `rtp://127.0.0.1:${port}`,
    ];
    running.push(startProcess(path, [...common, ...target], { env: { ...process.env, ...env } }));
  };

  test('Opus and VP8 are told apart by kind and codec, with scores and jitter', async () => {
    const mediasoup = await loadMediasoup(tools['mediasoup-worker']);
    const observer = observe(mediasoup, { period: 0 });
    worker = await mediasoup.createWorker();
    const router = await worker.createRouter({ mediaCodecs: [OPUS, VP8] });
    const [audio, video] = [await plainTransport(router), await plainTransport(router)];
    await produceOpus(audio, 77_777_777);
    await produceVp8(video, 88_888_888);
    const opus = ['-ac', '2', '-c:a', 'libopus', '-b:a', '64k'];
    start('sine=frequency=440:sample_rate=48000', opus, 77_777_777, 101, audio.tuple.localPort);
    const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '200k', '-pix_fmt', 'yuv420p'];
    start('testsrc=size=160x120:rate=10', vp8, 88_888_888, 102, video.tuple.localPort);

    const rows = await until(
      async () => {
        await observer.poll();
        const { rtp } = observer.state();
        return rtp.length === 2 && rtp.every(({ packets }) => packets > 20) ? rtp : undefined;
      },
      { what: 'media of both kinds' },
    );
    expect(rows.map(({ kind, codec, transport }) => [kind, codec, transport]).sort()).toEqual([
      ['audio', 'opus', 'plain'],
      ['video', 'vp8', 'plain'],
    ]);
    for (const { bytes, packets } of rows) expect(bytes).toBeGreaterThan(12 * packets);
    const quality = observer.state().quality.filter(({ direction }) => direction === 'receive');
    for (const { jitter, score } of quality) {
      expect(score.count).toBeGreaterThan(0);
      expect(jitter.count).toBeGreaterThan(0);
      // A sender on the same machine is not a second late.
      expect(jitter.sum / jitter.count).toBeLessThan(1);
    }
    await observer.close();
  });
});
