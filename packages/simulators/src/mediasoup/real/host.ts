/**
 * The part of the host's mediasoup module that a small SFU needs, by shape: this package never depends on mediasoup, and
 * a second copy of it would have observers that never fire.
 */
export interface MediasoupModule {
  readonly version?: string;
  readonly observer: Emitter;
  createWorker(settings: { readonly logLevel?: string }): Promise<Worker>;
}

export interface Emitter {
  // biome-ignore lint/suspicious/noExplicitAny: the listeners of each event have their own arguments.
  on(event: string, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  off(event: string, listener: (...args: any[]) => void): unknown;
}

export interface Worker {
  readonly pid: number;
  readonly closed: boolean;
  createRouter(options: { readonly mediaCodecs: readonly object[]; readonly appData: object }): Promise<Router>;
  close(): void;
}

export interface Router {
  readonly rtpCapabilities: object;
  createPlainTransport(options: object): Promise<PlainTransport>;
  createDirectTransport(options: object): Promise<DirectTransport>;
}

export interface PlainTransport {
  readonly tuple: { readonly localPort: number };
  connect(remote: { readonly ip: string; readonly port: number }): Promise<void>;
  produce(options: object): Promise<Producer>;
  consume(options: object): Promise<Consumer>;
}

export interface DirectTransport {
  produceData(options: object): Promise<DataProducer>;
  consumeData(options: object): Promise<object>;
}

export interface Producer {
  readonly id: string;
}

export interface Consumer {
  readonly rtpParameters: {
    readonly codecs: readonly { readonly clockRate: number }[];
    readonly encodings: readonly { readonly ssrc?: number }[];
  };
}

export interface DataProducer {
  readonly id: string;
  send(message: string): void;
}

/** How to ask for a transport on loopback: `listenInfo` from 3.13 on, `listenIp` before. */
export function listenOnLoopback(version: string | undefined): object {
  const [major = 0, minor = 0] = (version ?? '3.8').split('.').map(Number);
  const recent = major > 3 || (major === 3 && minor >= 13);
  return recent ? { listenInfo: { protocol: 'udp', ip: '127.0.0.1' } } : { listenIp: '127.0.0.1' };
}
