import type { MediaKind, TransportType } from './state.ts';

/**
 * What this package needs of mediasoup's objects, from 3.8 to 3.27. They come from the host, whose version is not
 * known, so nothing but the methods is relied on: every value is looked at before it is used.
 */
export interface Emitter {
  // biome-ignore lint/suspicious/noExplicitAny: the listeners of each event have their own arguments.
  on(event: string, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  off(event: string, listener: (...args: any[]) => void): unknown;
}

/** What routers, transports, producers and the rest have in common. */
export interface MediasoupObject {
  readonly id: string;
  readonly closed: boolean;
  readonly appData: unknown;
  readonly observer: Emitter;
}

export interface MediasoupWorker extends Emitter {
  readonly pid: number;
  readonly closed: boolean;
  readonly observer: Emitter;
  getResourceUsage(): Promise<unknown>;
}

export interface MediasoupRouter extends MediasoupObject {}

export interface MediasoupTransport extends MediasoupObject {
  /** Since 3.15.0. */
  readonly type?: unknown;
  readonly iceState?: unknown;
  readonly dtlsState?: unknown;
  readonly iceSelectedTuple?: unknown;
  readonly tuple?: unknown;
  getStats(): Promise<unknown>;
}

export interface MediasoupProducer extends MediasoupObject {
  readonly kind: unknown;
  readonly type: unknown;
  readonly paused: boolean;
  readonly rtpParameters: unknown;
  getStats(): Promise<unknown>;
}

export interface MediasoupConsumer extends MediasoupProducer {
  readonly producerPaused: boolean;
  readonly currentLayers: unknown;
}

export interface MediasoupData extends MediasoupObject {
  readonly type: unknown;
  getStats(): Promise<unknown>;
}

/** The host's module, or its observer. */
export type Mediasoup = { readonly observer: Emitter; readonly version?: string } | Emitter;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function isEmitter(value: unknown): value is Emitter {
  return isRecord(value) && typeof value.on === 'function' && typeof value.off === 'function';
}

export function isWorker(value: unknown): value is MediasoupWorker {
  return isEmitter(value) && isEmitter((value as unknown as { observer?: unknown }).observer) && 'pid' in value;
}

/** A finite number, or undefined. */
export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A number of things: finite and not negative. Anything else is taken as none. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY ? value : 0;
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function kindOf(value: unknown): MediaKind {
  return value === 'video' ? 'video' : 'audio';
}

/** `transport.type` is missing before 3.15.0, and the class is called `PlainTransport` before and `PlainTransportImpl` after. */
export function transportTypeOf(transport: MediasoupTransport): TransportType {
  const name = typeof transport.type === 'string' ? transport.type : transport.constructor.name;
  const match = /^(webrtc|plain|pipe|direct)/i.exec(name);
  if (match !== null) return match[0].toLowerCase() as TransportType;
  // A subclass or a minified host: only WebRTC transports have an ICE state, only direct ones no tuple.
  if (transport.iceState !== undefined) return 'webrtc';
  return transport.tuple === undefined ? 'direct' : 'plain';
}

export interface Codec {
  /** The MIME subtype as the host spells it. */
  readonly name: string;
  /** Hz. */
  readonly clockRate: number | undefined;
}

/** The first codec of the RTP parameters. From 3.20.1 on the getter clones them each time, so it is read once. */
export function codecOf(rtpParameters: unknown): Codec {
  const codecs = isRecord(rtpParameters) ? rtpParameters.codecs : undefined;
  const codec: unknown = Array.isArray(codecs) ? codecs[0] : undefined;
  if (!isRecord(codec)) return { name: '', clockRate: undefined };
  const clockRate = finite(codec.clockRate);
  return {
    name: text(codec.mimeType).replace(/^[^/]*\//, ''),
    clockRate: clockRate !== undefined && clockRate > 0 ? clockRate : undefined,
  };
}

export interface Tuple {
  readonly protocol: string;
  readonly localIp: string;
  readonly localPort: number | undefined;
  readonly remoteIp: string;
  readonly remotePort: number | undefined;
}

/** The addresses of a transport. `localAddress` stands beside the deprecated `localIp` since 3.13.18. */
export function tupleOf(transport: MediasoupTransport): Tuple | undefined {
  const tuple = transport.iceSelectedTuple ?? transport.tuple;
  if (!isRecord(tuple)) return undefined;
  return {
    protocol: text(tuple.protocol),
    localIp: text(tuple.localAddress ?? tuple.localIp),
    localPort: finite(tuple.localPort),
    remoteIp: text(tuple.remoteIp),
    remotePort: finite(tuple.remotePort),
  };
}
