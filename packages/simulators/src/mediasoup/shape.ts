/** The mediasoup versions that differ in what a monitor sees. */
export type Shape = '3.8' | '3.13' | '3.27';

/** What a version does where the others do something else. */
export interface Behaviour {
  readonly version: string;
  /** Getters that return an object return a new clone each time (3.20.1). */
  readonly clonesGetters: boolean;
  /** `tuple.localAddress` beside the deprecated `localIp` (3.13.18). */
  readonly localAddress: boolean;
  /** `transport.type` is there, and class names end in `Impl` (3.15.0). */
  readonly typedTransports: boolean;
  /** `worker.died` is a getter, and 'died' comes before the observers' 'close' (3.9.1, 3.9.2). */
  readonly diesBeforeClosing: boolean;
  /** The worker emits 'subprocessclose' once its process is gone (3.13.16). */
  readonly tellsSubprocessClose: boolean;
  /** Requests time out after 15 s and 0.1 s for each one pending; without it they may hang for ever (removed in 3.9.0). */
  readonly timesOutRequests: boolean;
  /** An unknown `roundTripTime` is 0; before, it is absent (3.13.0). */
  readonly unknownRoundTripTimeIsZero: boolean;
  /** `jitter` in outbound stats (3.19.10). */
  readonly outboundJitter: boolean;
  /** `bitrateByLayer` in the stats of streams with more than one layer. */
  readonly bitrateByLayer: boolean;
  /** `rtxPacketsDiscarded` is absent while 0 (3.13.0). */
  readonly hidesZeroRtxDiscarded: boolean;
  /** Data producers and consumers can be paused (3.13.0). */
  readonly pausesData: boolean;
  /** How a request to an object that is closed is rejected. */
  closedError(handlerId: string): Error;
  /** How a request to a worker that is gone is rejected. */
  workerClosedError(): Error;
}

const old: Behaviour = {
  version: '3.8.4',
  clonesGetters: false,
  localAddress: false,
  typedTransports: false,
  diesBeforeClosing: false,
  tellsSubprocessClose: false,
  timesOutRequests: true,
  unknownRoundTripTimeIsZero: false,
  outboundJitter: false,
  bitrateByLayer: false,
  hidesZeroRtxDiscarded: false,
  pausesData: false,
  closedError: () => new Error(''),
  workerClosedError: () => named('InvalidStateError', 'Channel closed'),
};

const flatbuffers: Behaviour = {
  ...old,
  version: '3.13.24',
  localAddress: true,
  diesBeforeClosing: true,
  tellsSubprocessClose: true,
  timesOutRequests: false,
  unknownRoundTripTimeIsZero: true,
  bitrateByLayer: true,
  hidesZeroRtxDiscarded: true,
  pausesData: true,
  closedError: (handlerId) => new Error(`Channel request handler with ID ${handlerId} not found`),
};

const recent: Behaviour = {
  ...flatbuffers,
  version: '3.27.1',
  clonesGetters: true,
  typedTransports: true,
  outboundJitter: true,
  closedError: (handlerId) => named('NotFoundError', `Channel request handler with ID ${handlerId} not found`),
  workerClosedError: () => named('WorkerClosedError', 'Channel closed'),
};

export const BEHAVIOURS: Readonly<Record<Shape, Behaviour>> = { '3.8': old, '3.13': flatbuffers, '3.27': recent };

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
