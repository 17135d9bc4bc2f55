import { defineMetric, type Family, family, type HistogramValue, type Metric, type Row } from '@media-exporter/metrics';
import type { Direction, HistogramState, RtpTotals, SfuState } from '../state.ts';
import { ROOM_CATALOGUE, roomFamilies } from './rooms.ts';

const POLLED = 'getStats() of each producer and consumer, at most once a period';
const USAGE = 'getResourceUsage() of each worker, at most once a period';

const UP = defineMetric({
  name: 'mediasoup_up',
  type: 'gauge',
  help: '1 if a worker is there and answered the last poll, 0 if none did. Absent before the first poll.',
});
const INFO = defineMetric({
  name: 'mediasoup_info',
  type: 'info',
  help: 'The version of mediasoup that the host runs.',
  labels: { version: 'public' },
});
const OBSERVED = defineMetric({
  name: 'mediasoup_observed_since_timestamp_seconds',
  type: 'gauge',
  help: 'When observing began. Every counter counts from there.',
  unit: 'seconds',
});
const WORKERS = defineMetric({ name: 'mediasoup_workers', type: 'gauge', help: 'Workers alive.' });
const WORKER_INFO = defineMetric({
  name: 'mediasoup_worker_info',
  type: 'info',
  help: 'The process id of the worker that holds an index now.',
  labels: { worker: 'public', pid: 'public' },
});
const WORKER_DEATHS = defineMetric({
  name: 'mediasoup_worker_deaths_total',
  type: 'counter',
  help: 'Workers that died rather than being closed.',
});
const WORKER_STUCK = defineMetric({
  name: 'mediasoup_worker_stuck',
  type: 'gauge',
  help: '1 while a worker lets a request go beyond its deadline. What is known of its objects is old then.',
  labels: { worker: 'public' },
});
const WORKER_CPU = defineMetric({
  name: 'mediasoup_worker_cpu_seconds_total',
  type: 'counter',
  help: 'CPU time of the workers that held the index, one after the other.',
  unit: 'seconds',
  labels: { worker: 'public', mode: 'public' },
  cost: USAGE,
});
const WORKER_SWITCHES = defineMetric({
  name: 'mediasoup_worker_context_switches_total',
  type: 'counter',
  help: 'Context switches of the workers that held the index. Involuntary ones tell of a machine that is too busy.',
  labels: { worker: 'public', kind: 'public' },
  cost: USAGE,
});
const WORKER_MEMORY = defineMetric({
  name: 'mediasoup_worker_resident_memory_bytes',
  type: 'gauge',
  help: 'Resident memory of the worker. Linux only.',
  unit: 'bytes',
  labels: { worker: 'public' },
});
const WORKER_MAX_MEMORY = defineMetric({
  name: 'mediasoup_worker_max_resident_memory_bytes',
  type: 'gauge',
  help: 'The most resident memory that the worker ever had.',
  unit: 'bytes',
  labels: { worker: 'public' },
  cost: USAGE,
});
const WORKER_ROUND_TRIP = defineMetric({
  name: 'mediasoup_worker_channel_round_trip_seconds',
  type: 'gauge',
  help: 'From asking the worker to its answer at the last poll. Absent while it is stuck.',
  unit: 'seconds',
  labels: { worker: 'public' },
  cost: USAGE,
});
const ROUTERS = defineMetric({
  name: 'mediasoup_routers',
  type: 'gauge',
  help: 'Routers open.',
  labels: { worker: 'public' },
});
const SERVERS = defineMetric({
  name: 'mediasoup_webrtc_servers',
  type: 'gauge',
  help: 'WebRTC servers open.',
  labels: { worker: 'public' },
});
const TRANSPORTS = defineMetric({
  name: 'mediasoup_transports',
  type: 'gauge',
  help: 'Transports open. The states are empty for types that have none.',
  labels: { worker: 'public', type: 'public', ice_state: 'public', dtls_state: 'public' },
});
const TRANSPORT_RECEIVED = defineMetric({
  name: 'mediasoup_transport_received_bytes_total',
  type: 'counter',
  help: 'All that came over transports: RTP, RTCP, RTX, SCTP. A close loses at most what came since the last poll.',
  unit: 'bytes',
  labels: { type: 'public' },
  cost: 'getStats() of each transport, at most once a period',
});
const TRANSPORT_SENT = defineMetric({
  name: 'mediasoup_transport_sent_bytes_total',
  type: 'counter',
  help: 'All that went over transports: RTP, RTCP, RTX, SCTP, probation. A close loses at most what went since the last poll.',
  unit: 'bytes',
  labels: { type: 'public' },
  cost: 'getStats() of each transport, at most once a period',
});
const ICE_DISCONNECTS = defineMetric({
  name: 'mediasoup_transport_ice_disconnects_total',
  type: 'counter',
  help: 'Transports whose ICE state became disconnected.',
});
const DTLS_FAILURES = defineMetric({
  name: 'mediasoup_transport_dtls_failures_total',
  type: 'counter',
  help: 'Transports whose DTLS handshake failed.',
});
const PRODUCERS = defineMetric({
  name: 'mediasoup_producers',
  type: 'gauge',
  help: 'Producers open.',
  labels: { worker: 'public', kind: 'public', codec: 'public', type: 'public', paused: 'public' },
});
const CONSUMERS = defineMetric({
  name: 'mediasoup_consumers',
  type: 'gauge',
  help: 'Consumers open. One whose producer is paused counts as paused.',
  labels: { worker: 'public', kind: 'public', codec: 'public', type: 'public', paused: 'public' },
});
const LAYERS = defineMetric({
  name: 'mediasoup_consumers_by_layer',
  type: 'gauge',
  help: 'Simulcast and SVC consumers by the layers that they get now; "none" while they get nothing.',
  labels: { spatial: 'public', temporal: 'public' },
});
const DATA_PRODUCERS = defineMetric({
  name: 'mediasoup_data_producers',
  type: 'gauge',
  help: 'Data producers open.',
  labels: { worker: 'public', type: 'public' },
});
const DATA_CONSUMERS = defineMetric({
  name: 'mediasoup_data_consumers',
  type: 'gauge',
  help: 'Data consumers open.',
  labels: { worker: 'public', type: 'public' },
});
const DATA_MESSAGES = defineMetric({
  name: 'mediasoup_data_channel_messages_total',
  type: 'counter',
  help: 'Messages over data channels. A close loses at most those since the last poll.',
  labels: { direction: 'public' },
  cost: 'getStats() of each data producer and data consumer, at most once a period',
});
const DATA_BYTES = defineMetric({
  name: 'mediasoup_data_channel_bytes_total',
  type: 'counter',
  help: 'Bytes in messages over data channels. A close loses at most those since the last poll.',
  unit: 'bytes',
  labels: { direction: 'public' },
  cost: 'getStats() of each data producer and data consumer, at most once a period',
});
const OBJECTS_CREATED = defineMetric({
  name: 'mediasoup_objects_created_total',
  type: 'counter',
  help: 'Objects made since observing began.',
  labels: { object: 'public' },
});
const OBJECTS_CLOSED = defineMetric({
  name: 'mediasoup_objects_closed_total',
  type: 'counter',
  help: 'Objects closed since observing began, for whatever reason.',
  labels: { object: 'public' },
});
const ROOMS = defineMetric({
  name: 'mediasoup_active_rooms',
  type: 'gauge',
  help: 'Rooms that a router, a transport or a stream belongs to.',
});
const PEERS = defineMetric({
  name: 'mediasoup_active_peers',
  type: 'gauge',
  help: 'Peers that a transport or a stream belongs to.',
});

const RTP_LABELS = { kind: 'public', codec: 'public', transport: 'public' } as const;
const DIRECTED = { direction: 'public', ...RTP_LABELS } as const;
const LOSES = 'A close loses at most what came since the last poll.';

const rtpCounter = (name: string, help: string, unit?: string): Metric<keyof typeof RTP_LABELS> =>
  defineMetric({ name, type: 'counter', help, ...(unit ? { unit } : {}), labels: RTP_LABELS, cost: POLLED });
const directedCounter = (name: string, help: string): Metric<keyof typeof DIRECTED> =>
  defineMetric({ name, type: 'counter', help, labels: DIRECTED, cost: POLLED });

const RTP_RECEIVED_BYTES = rtpCounter(
  'mediasoup_rtp_received_bytes_total',
  `RTP bytes of producers, headers included, RTX left out. ${LOSES}`,
  'bytes',
);
const RTP_SENT_BYTES = rtpCounter(
  'mediasoup_rtp_sent_bytes_total',
  `RTP bytes of consumers, headers included, RTX left out. ${LOSES}`,
  'bytes',
);
const RTP_RECEIVED_PACKETS = rtpCounter('mediasoup_rtp_received_packets_total', `RTP packets of producers. ${LOSES}`);
const RTP_SENT_PACKETS = rtpCounter('mediasoup_rtp_sent_packets_total', `RTP packets of consumers. ${LOSES}`);

/** The counters that both directions have, by their field of {@link RtpTotals}. */
const DIRECTED_COUNTERS: readonly (readonly [keyof RtpTotals, Metric<keyof typeof DIRECTED>])[] = [
  [
    'lost',
    directedCounter(
      'mediasoup_rtp_lost_packets_total',
      'Packets lost: on the way to the SFU, or on the way from it as receivers report. Those that came late stay counted.',
    ),
  ],
  ['discarded', directedCounter('mediasoup_rtp_discarded_packets_total', 'Packets that came and were thrown away.')],
  ['retransmitted', directedCounter('mediasoup_rtp_retransmitted_packets_total', 'Packets sent once more.')],
  ['repaired', directedCounter('mediasoup_rtp_repaired_packets_total', 'Lost packets that a retransmission replaced.')],
  ['nacks', directedCounter('mediasoup_rtp_nacks_total', 'NACK messages: sent for producers, received for consumers.')],
  ['nackedPackets', directedCounter('mediasoup_rtp_nacked_packets_total', 'Packets that NACK messages asked for.')],
  [
    'plis',
    directedCounter(
      'mediasoup_rtp_plis_total',
      'Picture loss indications: sent for producers, received for consumers.',
    ),
  ],
  [
    'firs',
    directedCounter('mediasoup_rtp_firs_total', 'Full intra requests: sent for producers, received for consumers.'),
  ],
];

const qualityHistogram = (name: string, help: string, unit?: string): Metric<'direction' | 'kind'> =>
  defineMetric({
    name,
    type: 'histogram',
    help: `${help} One observation for each live stream that is not paused, at each poll.`,
    ...(unit ? { unit } : {}),
    labels: { direction: 'public', kind: 'public' },
    cost: POLLED,
  });
const SCORE = qualityHistogram('mediasoup_rtp_score', "mediasoup's score of a stream, 0 to 10.");
const ROUND_TRIP = qualityHistogram('mediasoup_rtp_round_trip_seconds', 'Round trip between SFU and peer.', 'seconds');
const JITTER = qualityHistogram('mediasoup_rtp_jitter_seconds', 'Interarrival jitter.', 'seconds');
const LOSS = qualityHistogram('mediasoup_rtp_loss_ratio', 'Share of packets lost in the last RTCP interval.', 'ratio');

const POLLS = defineMetric({
  name: 'mediasoup_polls_total',
  type: 'counter',
  help: 'Polls of the workers that ended.',
});
const POLL_REQUESTS = defineMetric({
  name: 'mediasoup_poll_requests_total',
  type: 'counter',
  help: 'Requests to workers: success, failure, closed (the object went meanwhile), timeout, skipped (a stuck worker is left alone).',
  labels: { outcome: 'public' },
});
const POLL_DURATION = defineMetric({
  name: 'mediasoup_last_poll_duration_seconds',
  type: 'gauge',
  help: 'How long the last poll took.',
  unit: 'seconds',
});
const POLL_COMPLETED = defineMetric({
  name: 'mediasoup_last_poll_timestamp_seconds',
  type: 'gauge',
  help: 'When the last poll ended. What comes from polls is that old.',
  unit: 'seconds',
});

/** The bounded set, and {@link ROOM_CATALOGUE}, which the host has to allow. */
export const DEFAULT_CATALOGUE: readonly Metric[] = [
  ...[UP, INFO, OBSERVED, WORKERS, WORKER_INFO, WORKER_DEATHS, WORKER_STUCK, WORKER_CPU, WORKER_SWITCHES],
  ...[WORKER_MEMORY, WORKER_MAX_MEMORY, WORKER_ROUND_TRIP, ROUTERS, SERVERS],
  ...[TRANSPORTS, TRANSPORT_RECEIVED, TRANSPORT_SENT, ICE_DISCONNECTS, DTLS_FAILURES],
  ...[PRODUCERS, CONSUMERS, LAYERS, DATA_PRODUCERS, DATA_CONSUMERS, DATA_MESSAGES, DATA_BYTES],
  ...[OBJECTS_CREATED, OBJECTS_CLOSED, ROOMS, PEERS],
  ...[RTP_RECEIVED_BYTES, RTP_SENT_BYTES, RTP_RECEIVED_PACKETS, RTP_SENT_PACKETS],
  ...DIRECTED_COUNTERS.map(([, metric]) => metric),
  ...[SCORE, ROUND_TRIP, JITTER, LOSS],
  ...[POLLS, POLL_REQUESTS, POLL_DURATION, POLL_COMPLETED],
  ...ROOM_CATALOGUE,
];

/** The default set, the same in the SFU's process and in whoever reads its `/stats`. */
export function defaultFamilies(state: SfuState): Family[] {
  return [
    ...serverFamilies(state),
    ...workerFamilies(state),
    ...objectFamilies(state),
    ...rtpFamilies(state),
    ...pollFamilies(state),
    ...roomFamilies(state),
  ];
}

function serverFamilies(state: SfuState): Family[] {
  const answering = state.workers.some(({ alive, stuck }) => alive && !stuck);
  return [
    family(UP, state.poll.completed === undefined ? undefined : Number(answering)),
    family(INFO, state.mediasoup === undefined ? [] : [[{ version: state.mediasoup }, 1]]),
    family(OBSERVED, state.since),
    family(ROOMS, state.rooms),
    family(PEERS, state.peers),
  ];
}

function workerFamilies(state: SfuState): Family[] {
  const slots = state.workers.map((slot) => ({ slot, labels: { worker: String(slot.worker) } }));
  const alive = slots.filter(({ slot }) => slot.alive);
  return [
    family(WORKERS, alive.length),
    family(
      WORKER_INFO,
      alive.flatMap(({ slot: { pid }, labels }) => (pid === undefined ? [] : [[{ ...labels, pid: String(pid) }, 1]])),
    ),
    family(WORKER_DEATHS, state.deaths),
    family(
      WORKER_STUCK,
      alive.map(({ slot, labels }) => [labels, Number(slot.stuck)]),
    ),
    family(
      WORKER_CPU,
      slots.flatMap(({ slot, labels }): Row<'worker' | 'mode'>[] => [
        [{ ...labels, mode: 'user' }, slot.cpuUser],
        [{ ...labels, mode: 'system' }, slot.cpuSystem],
      ]),
    ),
    family(
      WORKER_SWITCHES,
      slots.flatMap(({ slot, labels }): Row<'worker' | 'kind'>[] => [
        [{ ...labels, kind: 'voluntary' }, slot.voluntarySwitches],
        [{ ...labels, kind: 'involuntary' }, slot.involuntarySwitches],
      ]),
    ),
    family(
      WORKER_MEMORY,
      alive.map(({ slot, labels }) => [labels, slot.residentMemory]),
    ),
    family(
      WORKER_MAX_MEMORY,
      alive.map(({ slot, labels }) => [labels, slot.maxResidentMemory]),
    ),
    family(
      WORKER_ROUND_TRIP,
      alive.map(({ slot, labels }) => [labels, slot.roundTrip]),
    ),
    family(
      ROUTERS,
      alive.map(({ slot, labels }) => [labels, slot.routers]),
    ),
    family(
      SERVERS,
      alive.map(({ slot, labels }) => [labels, slot.webRtcServers]),
    ),
  ];
}

function objectFamilies(state: SfuState): Family[] {
  const streamLabels = ({ worker, kind, codec, type, paused }: SfuState['producers'][number]) => ({
    ...{ worker: String(worker), kind, codec, type },
    paused: String(paused),
  });
  const channels = (direction: Direction): Row<'worker' | 'type'>[] =>
    state.dataChannels
      .filter((row) => row.direction === direction)
      .map(({ worker, type, count }) => [{ worker: String(worker), type }, count]);
  return [
    family(
      TRANSPORTS,
      state.transports.map(({ worker, type, iceState, dtlsState, count }) => [
        { worker: String(worker), type, ice_state: iceState, dtls_state: dtlsState },
        count,
      ]),
    ),
    family(
      TRANSPORT_RECEIVED,
      state.transportBytes.map(({ type, received }) => [{ type }, received]),
    ),
    family(
      TRANSPORT_SENT,
      state.transportBytes.map(({ type, sent }) => [{ type }, sent]),
    ),
    family(ICE_DISCONNECTS, state.transportTroubles.iceDisconnected),
    family(DTLS_FAILURES, state.transportTroubles.dtlsFailed),
    family(
      PRODUCERS,
      state.producers.map((row) => [streamLabels(row), row.count]),
    ),
    family(
      CONSUMERS,
      state.consumers.map((row) => [streamLabels(row), row.count]),
    ),
    family(
      LAYERS,
      state.layers.map(({ spatial, temporal, count }) => [
        { spatial: String(spatial ?? 'none'), temporal: String(temporal ?? 'none') },
        count,
      ]),
    ),
    family(DATA_PRODUCERS, channels('receive')),
    family(DATA_CONSUMERS, channels('send')),
    family(
      DATA_MESSAGES,
      state.dataTotals.map(({ direction, messages }) => [{ direction }, messages]),
    ),
    family(
      DATA_BYTES,
      state.dataTotals.map(({ direction, bytes }) => [{ direction }, bytes]),
    ),
    family(
      OBJECTS_CREATED,
      state.objects.map(({ object, created }) => [{ object }, created]),
    ),
    family(
      OBJECTS_CLOSED,
      state.objects.map(({ object, closed }) => [{ object }, closed]),
    ),
  ];
}

function rtpFamilies({ quality, rtp }: SfuState): Family[] {
  const totals = (direction: Direction, field: 'bytes' | 'packets'): Row<keyof typeof RTP_LABELS>[] =>
    rtp
      .filter((row) => row.direction === direction)
      .map(({ kind, codec, transport, [field]: value }) => [{ kind, codec, transport }, value]);
  const histogram = (field: 'score' | 'roundTrip' | 'jitter' | 'loss'): Row<'direction' | 'kind'>[] =>
    quality.map(({ direction, kind, [field]: state }) => [{ direction, kind }, histogramValue(state)]);
  return [
    family(RTP_RECEIVED_BYTES, totals('receive', 'bytes')),
    family(RTP_SENT_BYTES, totals('send', 'bytes')),
    family(RTP_RECEIVED_PACKETS, totals('receive', 'packets')),
    family(RTP_SENT_PACKETS, totals('send', 'packets')),
    ...DIRECTED_COUNTERS.map(([field, metric]) =>
      family(
        metric,
        rtp.map(({ direction, kind, codec, transport, [field]: value }) => [
          { direction, kind, codec, transport },
          value as number,
        ]),
      ),
    ),
    family(SCORE, histogram('score')),
    family(ROUND_TRIP, histogram('roundTrip')),
    family(JITTER, histogram('jitter')),
    family(LOSS, histogram('loss')),
  ];
}

function pollFamilies({ poll }: SfuState): Family[] {
  return [
    family(POLLS, poll.polls),
    family(
      POLL_REQUESTS,
      Object.entries(poll.requests).map(([outcome, requests]) => [{ outcome }, requests]),
    ),
    family(POLL_DURATION, poll.duration),
    family(POLL_COMPLETED, poll.completed),
  ];
}

function histogramValue({ bounds, counts, count, sum }: HistogramState): HistogramValue {
  return { count, sum, buckets: bounds.map((upperBound, i) => ({ upperBound, count: counts[i] ?? 0 })) };
}
