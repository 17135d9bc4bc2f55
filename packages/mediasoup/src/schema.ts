import { SFU_STATE_VERSION } from './state.ts';

/** The part of JSON Schema (2020-12) that the state needs. */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'number' | 'integer' | 'string' | 'boolean';
  readonly const?: number;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
/** Any number. */
const number: Schema = { type: 'number' };
/** A number that cannot be negative: bytes, seconds, times. */
const amount: Schema = { type: 'number', minimum: 0 };
const whole: Schema = { type: 'integer', minimum: 0 };
const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
const list = (items: Schema): Schema => ({ type: 'array', items });

/** An object; names that end in `?` may be absent. Others than these are ignored, so that a later version may add some. */
function record(fields: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ''), fields[name] as Schema])),
    required: names.filter((name) => !name.endsWith('?')),
  };
}

const direction = oneOf('receive', 'send');
const kind = oneOf('audio', 'video');
const transportType = oneOf('webrtc', 'plain', 'pipe', 'direct');
const histogram = record({ bounds: list(number), counts: list(whole), count: whole, sum: number });
const statistics = record({ sum: number, mean: number, min: number, max: number, p25: number });
const streamCount = record({ worker: whole, kind, codec: text, type: text, paused: flag, count: whole });

const poll = record({
  polls: whole,
  'completed?': amount,
  'duration?': amount,
  period: amount,
  requests: record({ success: whole, failure: whole, closed: whole, timeout: whole, skipped: whole }),
});

const worker = record({
  ...{ worker: whole, alive: flag, 'pid?': whole, stuck: flag, routers: whole, webRtcServers: whole },
  ...{ cpuUser: amount, cpuSystem: amount, voluntarySwitches: whole, involuntarySwitches: whole },
  ...{ 'cores?': amount, 'residentMemory?': amount, 'maxResidentMemory?': amount, 'roundTrip?': amount },
});

const objects = record({
  object: oneOf(
    ...['worker', 'webrtc_server', 'router', 'transport'],
    ...['producer', 'consumer', 'data_producer', 'data_consumer'],
  ),
  created: whole,
  closed: whole,
});

const rtp = record({
  ...{ direction, kind, codec: text, transport: transportType, packets: whole, bytes: whole, lost: whole },
  ...{ discarded: whole, retransmitted: whole, repaired: whole },
  ...{ nacks: whole, nackedPackets: whole, plis: whole, firs: whole },
});

const aggregated = record({
  ...{ audioIn: whole, videoIn: whole, audioOut: whole, videoOut: whole },
  ...{ 'audioBitratesIn?': statistics, 'videoBitratesIn?': statistics },
  ...{ 'audioBitratesOut?': statistics, 'videoBitratesOut?': statistics },
  ...{ 'audioScoresIn?': statistics, 'videoScoresIn?': statistics },
  ...{ 'packetCountsIn?': statistics, 'packetLostsIn?': statistics, 'packetsRetransmittedIn?': statistics },
  ...{ 'spatialLayersOut?': statistics, 'temporalLayersOut?': statistics, 'roundTripTimesOut?': statistics },
});

const process = record({
  ...{ cpuUser: amount, cpuSystem: amount, residentMemory: amount, heapUsed: amount, heapTotal: amount },
  ...{ externalMemory: amount, started: amount, 'eventLoopLagMax?': amount, 'eventLoopLagMean?': amount, node: text },
});

const room = record({
  ...{ id: text, peers: whole, producers: whole, consumers: whole, receivedBytes: whole, sentBytes: whole },
});

const peer = record({
  ...{ id: text, room: text, displayName: text, userAgent: text },
  ...{ transports: whole, producers: whole, consumers: whole },
});

const stream = record({
  ...{ direction, id: text, worker: whole, pid: text, room: text, peer: text, displayName: text, userAgent: text },
  ...{ transport: text, transportType, protocol: text, localAddress: text, remoteAddress: text },
  ...{ kind, codec: text, paused: flag, bytes: whole, packets: whole },
  ...{ 'score?': number, 'lost?': number, 'bitrate?': number, 'roundTrip?': amount, 'jitter?': amount },
  ...{ 'spatialLayer?': number, 'temporalLayer?': number },
});

/** The JSON Schema of `/stats`; `docs/mediasoup-state.schema.json` is made from it, and `parseState` judges by it. */
export const STATE_SCHEMA: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'The state of a mediasoup SFU',
  description:
    'What /stats of @media-exporter/mediasoup serves. Seconds, bytes and ratios throughout; what is not known is absent; counters begin at "since" and never go back.',
  ...record({
    version: { type: 'integer', const: SFU_STATE_VERSION },
    time: amount,
    since: amount,
    'mediasoup?': text,
    poll,
    workers: list(worker),
    deaths: whole,
    objects: list(objects),
    transports: list(record({ worker: whole, type: transportType, iceState: text, dtlsState: text, count: whole })),
    transportBytes: list(record({ type: transportType, received: whole, sent: whole })),
    transportTroubles: record({ iceDisconnected: whole, dtlsFailed: whole }),
    producers: list(streamCount),
    consumers: list(streamCount),
    layers: list(record({ 'spatial?': number, 'temporal?': number, count: whole })),
    dataChannels: list(record({ worker: whole, direction, type: text, count: whole })),
    dataTotals: list(record({ direction, messages: whole, bytes: whole })),
    rtp: list(rtp),
    quality: list(
      record({ direction, kind, score: histogram, roundTrip: histogram, jitter: histogram, loss: histogram }),
    ),
    rooms: whole,
    peers: whole,
    'aggregated?': aggregated,
    process,
    detail: record({ 'rooms?': list(room), 'peers?': list(peer), 'streams?': list(stream) }),
  }),
};
