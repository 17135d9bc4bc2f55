/**
 * The state of an SFU at one moment: plain, immutable and safe for JSON. `/stats` serves exactly this, and every
 * metric is made from it, in the SFU's process and in the daemon alike. A field that is not known is absent, never 0.
 * Seconds, bytes and ratios throughout; counters begin at `since` and never go back.
 */
export interface SfuState {
  readonly version: typeof SFU_STATE_VERSION;
  /** When the state was put together, seconds since the epoch. */
  readonly time: number;
  /** When observing began, seconds since the epoch; each counter counts from there. */
  readonly since: number;
  /** The version that the host's mediasoup says it has. */
  readonly mediasoup?: string;
  readonly poll: PollState;
  /** One for each slot that ever held a worker, in the order of their index. */
  readonly workers: readonly WorkerState[];
  /** Workers that died, as opposed to those that were closed. */
  readonly deaths: number;
  readonly objects: readonly ObjectTotals[];
  readonly transports: readonly TransportCount[];
  readonly transportBytes: readonly TransportBytes[];
  readonly transportTroubles: TransportTroubles;
  readonly producers: readonly StreamCount[];
  readonly consumers: readonly StreamCount[];
  readonly layers: readonly LayerCount[];
  readonly dataChannels: readonly DataChannelCount[];
  readonly dataTotals: readonly DataTotals[];
  readonly rtp: readonly RtpTotals[];
  readonly quality: readonly Quality[];
  readonly rooms: number;
  readonly peers: number;
  /** Absent until a worker has answered a poll, or there was none to ask. */
  readonly aggregated?: Aggregated;
  readonly process: ProcessState;
  readonly detail: Detail;
}

export const SFU_STATE_VERSION = 1;

/** `receive`: from peers to the SFU (producers). `send`: from the SFU to peers (consumers). */
export type Direction = 'receive' | 'send';

export type MediaKind = 'audio' | 'video';

/** `pipe` carries the same media between routers once more: leave it out of sums over peers. */
export type TransportType = 'webrtc' | 'plain' | 'pipe' | 'direct';

/** What asking the workers costs, and how old the answers are. */
export interface PollState {
  /** Polls that ended. */
  readonly polls: number;
  /**
   * When the last poll ended in which a worker answered or there was none to ask, seconds since the epoch. Absent before
   * the first such poll.
   */
  readonly completed?: number;
  /** How long the last poll took, seconds. */
  readonly duration?: number;
  /** How long after a poll began the next may begin at the soonest, seconds. */
  readonly period: number;
  readonly requests: Readonly<Record<RequestOutcome, number>>;
}

/**
 * `success`; `failure`: the worker refused or was gone; `closed`: the object closed meanwhile, which is normal;
 * `timeout`: no answer within the deadline; `skipped`: not sent, because the worker was stuck.
 */
export type RequestOutcome = 'success' | 'failure' | 'closed' | 'timeout' | 'skipped';

/** A slot for a worker. A new worker takes the lowest free slot and goes on with its counters. */
export interface WorkerState {
  readonly worker: number;
  readonly alive: boolean;
  /** The process id, while alive. */
  readonly pid?: number;
  /** It let a deadline pass and has not answered since. What is known of its objects is old. */
  readonly stuck: boolean;
  readonly routers: number;
  readonly webRtcServers: number;
  /** CPU time of all workers that held the slot, seconds. */
  readonly cpuUser: number;
  readonly cpuSystem: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
  /** CPU use between the last two polls, cores. Absent while it does not answer. */
  readonly cores?: number;
  /** Bytes. */
  readonly residentMemory?: number;
  /** The most so far, bytes. */
  readonly maxResidentMemory?: number;
  /** From asking the worker to its answer, at the last poll, seconds. Absent while it is stuck. */
  readonly roundTrip?: number;
}

export type ObjectKind =
  | 'worker'
  | 'webrtc_server'
  | 'router'
  | 'transport'
  | 'producer'
  | 'consumer'
  | 'data_producer'
  | 'data_consumer';

export interface ObjectTotals {
  readonly object: ObjectKind;
  readonly created: number;
  readonly closed: number;
}

/** The states are empty where the type of transport has none. */
export interface TransportCount {
  readonly worker: number;
  readonly type: TransportType;
  readonly iceState: string;
  readonly dtlsState: string;
  readonly count: number;
}

/** All that went over transports of a type: RTP, RTCP, RTX, SCTP, probation. */
export interface TransportBytes {
  readonly type: TransportType;
  readonly received: number;
  readonly sent: number;
}

export interface TransportTroubles {
  readonly iceDisconnected: number;
  readonly dtlsFailed: number;
}

export interface StreamCount {
  readonly worker: number;
  readonly kind: MediaKind;
  /** The MIME subtype in lower case: `opus`, `vp8`. */
  readonly codec: string;
  /** mediasoup's type: `simple`, `simulcast`, `svc`, `pipe`. */
  readonly type: string;
  /** For a consumer also when its producer is paused. */
  readonly paused: boolean;
  readonly count: number;
}

/** Consumers with layers, by the layer that is forwarded now; absent layers: nothing is. */
export interface LayerCount {
  readonly spatial?: number;
  readonly temporal?: number;
  readonly count: number;
}

export interface DataChannelCount {
  readonly worker: number;
  readonly direction: Direction;
  /** `sctp` or `direct`. */
  readonly type: string;
  readonly count: number;
}

export interface DataTotals {
  readonly direction: Direction;
  readonly messages: number;
  readonly bytes: number;
}

/** RTP of all streams there are and were, as far as polls saw them. Bytes count RTP headers; RTX is not in them. */
export interface RtpTotals {
  readonly direction: Direction;
  readonly kind: MediaKind;
  readonly codec: string;
  readonly transport: TransportType;
  readonly packets: number;
  readonly bytes: number;
  /** The most that each stream ever missed: packets that come late are not taken off again. */
  readonly lost: number;
  readonly discarded: number;
  readonly retransmitted: number;
  readonly repaired: number;
  readonly nacks: number;
  readonly nackedPackets: number;
  readonly plis: number;
  readonly firs: number;
}

/** One observation for each live stream that is not paused, at each poll. */
export interface Quality {
  readonly direction: Direction;
  readonly kind: MediaKind;
  /** mediasoup's score, 0 to 10. */
  readonly score: HistogramState;
  /** Seconds. */
  readonly roundTrip: HistogramState;
  /** Seconds. */
  readonly jitter: HistogramState;
  /** The share of packets lost in the last RTCP interval, 0 to 1. */
  readonly loss: HistogramState;
}

export interface HistogramState {
  /** Upper bounds, ascending, without +Inf. */
  readonly bounds: readonly number[];
  /** Observations up to each bound, all smaller ones included. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/**
 * What `/metrics` of the original exporter told: of the streams that live now, each as it was when its worker last
 * answered.
 */
export interface Aggregated {
  readonly audioIn: number;
  readonly videoIn: number;
  readonly audioOut: number;
  readonly videoOut: number;
  /** Bits per second. */
  readonly audioBitratesIn?: Statistics;
  readonly videoBitratesIn?: Statistics;
  readonly audioBitratesOut?: Statistics;
  readonly videoBitratesOut?: Statistics;
  readonly audioScoresIn?: Statistics;
  readonly videoScoresIn?: Statistics;
  readonly packetCountsIn?: Statistics;
  readonly packetLostsIn?: Statistics;
  readonly packetsRetransmittedIn?: Statistics;
  readonly spatialLayersOut?: Statistics;
  readonly temporalLayersOut?: Statistics;
  /** Milliseconds, as the original had it. */
  readonly roundTripTimesOut?: Statistics;
}

/** Of a set that is not empty. */
export interface Statistics {
  readonly sum: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** The 25th percentile. */
  readonly p25: number;
}

/** The process that the SFU's Node.js code runs in. */
export interface ProcessState {
  /** Seconds. */
  readonly cpuUser: number;
  readonly cpuSystem: number;
  readonly residentMemory: number;
  readonly heapUsed: number;
  readonly heapTotal: number;
  readonly externalMemory: number;
  /** Seconds since the epoch. */
  readonly started: number;
  /** How late the event loop was at the longest and on average between the last two polls, seconds; where it is watched. */
  readonly eventLoopLagMax?: number;
  readonly eventLoopLagMean?: number;
  readonly node: string;
}

/** Given only as far as the host's options allow. */
export interface Detail {
  readonly rooms?: readonly RoomState[];
  readonly peers?: readonly PeerState[];
  readonly streams?: readonly StreamState[];
}

export interface RoomState {
  readonly id: string;
  readonly peers: number;
  readonly producers: number;
  readonly consumers: number;
  /** RTP of the streams that the room has and had while it lives. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface PeerState {
  readonly id: string;
  readonly room: string;
  readonly displayName: string;
  readonly userAgent: string;
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
}

/** A producer or a consumer that RTP was seen of. Texts that are not known are empty. */
export interface StreamState {
  readonly direction: Direction;
  /** Empty when the host asked to be `quiet`. */
  readonly id: string;
  readonly worker: number;
  readonly pid: string;
  readonly room: string;
  readonly peer: string;
  readonly displayName: string;
  readonly userAgent: string;
  /** The id of its transport; empty when the host asked to be `quiet`. */
  readonly transport: string;
  readonly transportType: TransportType;
  /** `udp` or `tcp`. */
  readonly protocol: string;
  /** `address:port`, `[address]:port` or a name or pseudonym in the place of the address. */
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly kind: MediaKind;
  /** The MIME subtype as the host spells it: `opus`, `VP8`. */
  readonly codec: string;
  readonly paused: boolean;
  /** All its encodings together; goes on when an encoding starts afresh. */
  readonly bytes: number;
  readonly packets: number;
  /** mediasoup's score, 0 to 10: that of its best encoding. */
  readonly score?: number;
  /** Net loss now, all its encodings together; may go down. */
  readonly lost?: number;
  /** Bits per second, over the worker's window of 2.5 s. */
  readonly bitrate?: number;
  /** Seconds; that of its worst encoding. */
  readonly roundTrip?: number;
  /** Seconds; that of its worst encoding. */
  readonly jitter?: number;
  readonly spatialLayer?: number;
  readonly temporalLayer?: number;
}
