import type { types } from 'mediasoup';
import type { FoundTool } from '../../../test/support/tools.ts';

export type Module = typeof import('mediasoup');

/**
 * mediasoup with the worker that was found. The path of the worker is read when the module is loaded. `MEDIASOUP_MODULE`
 * may name the module of another version, whose worker `MEDIASOUP_WORKER_BIN` names then.
 */
export async function loadMediasoup(tool: FoundTool): Promise<Module> {
  Object.assign(process.env, tool.env);
  const { MEDIASOUP_MODULE: other } = process.env;
  return other === undefined ? import('mediasoup') : ((await import(other)) as Module);
}

export const OPUS: types.RtpCodecCapability = { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 };
export const VP8: types.RtpCodecCapability = { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 };

/** A plain transport on loopback that learns where its peer sends from. */
export function plainTransport(router: types.Router, appData: object = {}): Promise<types.PlainTransport> {
  return router.createPlainTransport({
    listenIp: '127.0.0.1',
    rtcpMux: true,
    comedia: true,
    appData: appData as Record<string, unknown>,
  });
}

export function produceOpus(transport: types.Transport, ssrc: number, appData: object = {}): Promise<types.Producer> {
  return transport.produce({
    kind: 'audio',
    rtpParameters: {
      codecs: [{ mimeType: 'audio/opus', payloadType: 101, clockRate: 48_000, channels: 2 }],
      encodings: [{ ssrc }],
    },
    appData: appData as Record<string, unknown>,
  });
}

export function produceVp8(transport: types.Transport, ssrc: number, appData: object = {}): Promise<types.Producer> {
  return transport.produce({
    kind: 'video',
    rtpParameters: {
      codecs: [{ mimeType: 'video/VP8', payloadType: 102, clockRate: 90_000 }],
      encodings: [{ ssrc }],
    },
    appData: appData as Record<string, unknown>,
  });
}
