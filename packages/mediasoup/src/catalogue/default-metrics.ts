import { defineMetric, type Metric } from '@media-exporter/metrics';
import type { RtpTotals } from '../state.ts';

const POLLED = 'getStats() of each producer and consumer, at most once a period';
const USAGE = 'getResourceUsage() of each worker, at most once a period';

export const UP: Metric<never> = defineMetric({
  name: 'mediasoup_up',
  type: 'gauge',
  help: '1 if a worker is there and answered the last poll, 0 if none did. Absent before the first poll.',
});
export const INFO: Metric<'version'> = defineMetric({
  name: 'mediasoup_info',
  type: 'info',
  help: 'The version of mediasoup that the host runs.',
  labels: { version: 'public' },
});
export const OBSERVED: Metric<never> = defineMetric({
  name: 'mediasoup_observed_since_timestamp_seconds',
  type: 'gauge',
  help: 'When observing began. Every counter counts from there.',
  unit: 'seconds',
});
export const WORKERS: Metric<never> = defineMetric({
  name: 'mediasoup_workers',
  type: 'gauge',
  help: 'Workers alive.',
});
export const WORKER_INFO: Metric<'worker' | 'pid'> = defineMetric({
  name: 'mediasoup_worker_info',
  type: 'info',
  help: 'The process id of the worker that holds an index now.',
  labels: { worker: 'public', pid: 'public' },
});
export const WORKER_DEATHS: Metric<never> = defineMetric({
  name: 'mediasoup_worker_deaths_total',
  type: 'counter',
  help: 'Workers that died rather than being closed.',
});
export const WORKER_STUCK: Metric<'worker'> = defineMetric({
  name: 'mediasoup_worker_stuck',
  type: 'gauge',
  help: '1 while a worker lets a request go beyond its deadline. What is known of its objects is old then.',
  labels: { worker: 'public' },
});
export const WORKER_CPU: Metric<'worker' | 'mode'> = defineMetric({
  name: 'mediasoup_worker_cpu_seconds_total',
  type: 'counter',
  help: 'CPU time of the workers that held the index, one after the other.',
  unit: 'seconds',
  labels: { worker: 'public', mode: 'public' },
  cost: USAGE,
});
export const WORKER_SWITCHES: Metric<'worker' | 'kind'> = defineMetric({
  name: 'mediasoup_worker_context_switches_total',
  type: 'counter',
  help: 'Context switches of the workers that held the index. Involuntary ones tell of a machine that is too busy.',
  labels: { worker: 'public', kind: 'public' },
  cost: USAGE,
});
export const WORKER_MEMORY: Metric<'worker'> = defineMetric({
  name: 'mediasoup_worker_resident_memory_bytes',
  type: 'gauge',
  help: 'Resident memory of the worker. Linux only.',
  unit: 'bytes',
  labels: { worker: 'public' },
});
export const WORKER_MAX_MEMORY: Metric<'worker'> = defineMetric({
  name: 'mediasoup_worker_max_resident_memory_bytes',
  type: 'gauge',
  help: 'The most resident memory that the worker ever had.',
  unit: 'bytes',
  labels: { worker: 'public' },
  cost: USAGE,
});
export const WORKER_ROUND_TRIP: Metric<'worker'> = defineMetric({
  name: 'mediasoup_worker_channel_round_trip_seconds',
  type: 'gauge',
  help: 'From asking the worker to its answer at the last poll. Absent while it is stuck.',
  unit: 'seconds',
  labels: { worker: 'public' },
  cost: USAGE,
});
export const ROUTERS: Metric<'worker'> = defineMetric({
  name: 'mediasoup_routers',
  type: 'gauge',
  help: 'Routers open.',
  labels: { worker: 'public' },
});
export const SERVERS: Metric<'worker'> = defineMetric({
  name: 'mediasoup_webrtc_servers',
  type: 'gauge',
  help: 'WebRTC servers open.',
  labels: { worker: 'public' },
});
export const TRANSPORTS: Metric<'worker' | 'type' | 'ice_state' | 'dtls_state'> = defineMetric({
  name: 'mediasoup_transports',
  type: 'gauge',
  help: 'Transports open. The states are empty for types that have none.',
  labels: { worker: 'public', type: 'public', ice_state: 'public', dtls_state: 'public' },
});
export const TRANSPORT_RECEIVED: Metric<'type'> = defineMetric({
  name: 'mediasoup_transport_received_bytes_total',
  type: 'counter',
  help: 'All that came over transports: RTP, RTCP, RTX, SCTP. A close loses at most what came since the last poll.',
  unit: 'bytes',
  labels: { type: 'public' },
  cost: 'getStats() of each transport, at most once a period',
});
export const TRANSPORT_SENT: Metric<'type'> = defineMetric({
  name: 'mediasoup_transport_sent_bytes_total',
  type: 'counter',
  help: 'All that went over transports: RTP, RTCP, RTX, SCTP, probation. A close loses at most what went since the last poll.',
  unit: 'bytes',
  labels: { type: 'public' },
  cost: 'getStats() of each transport, at most once a period',
});
export const ICE_DISCONNECTS: Metric<never> = defineMetric({
  name: 'mediasoup_transport_ice_disconnects_total',
  type: 'counter',
  help: 'Transports whose ICE state became disconnected.',
});
export const DTLS_FAILURES: Metric<never> = defineMetric({
  name: 'mediasoup_transport_dtls_failures_total',
  type: 'counter',
  help: 'Transports whose DTLS handshake failed.',
});
export const PRODUCERS: Metric<'worker' | 'kind' | 'codec' | 'type' | 'paused'> = defineMetric({
  name: 'mediasoup_producers',
  type: 'gauge',
  help: 'Producers open.',
  labels: { worker: 'public', kind: 'public', codec: 'public', type: 'public', paused: 'public' },
});
export const CONSUMERS: Metric<'worker' | 'kind' | 'codec' | 'type' | 'paused'> = defineMetric({
  name: 'mediasoup_consumers',
  type: 'gauge',
  help: 'Consumers open. One whose producer is paused counts as paused.',
  labels: { worker: 'public', kind: 'public', codec: 'public', type: 'public', paused: 'public' },
});
export const LAYERS: Metric<'spatial' | 'temporal'> = defineMetric({
  name: 'mediasoup_consumers_by_layer',
  type: 'gauge',
  help: 'Simulcast and SVC consumers by the layers that they get now; "none" while they get nothing.',
  labels: { spatial: 'public', temporal: 'public' },
});
export const DATA_PRODUCERS: Metric<'worker' | 'type'> = defineMetric({
  name: 'mediasoup_data_producers',
  type: 'gauge',
  help: 'Data producers open.',
  labels: { worker: 'public', type: 'public' },
});
export const DATA_CONSUMERS: Metric<'worker' | 'type'> = defineMetric({
  name: 'mediasoup_data_consumers',
  type: 'gauge',
  help: 'Data consumers open.',
  labels: { worker: 'public', type: 'public' },
});
export const DATA_MESSAGES: Metric<'direction'> = defineMetric({
  name: 'mediasoup_data_channel_messages_total',
  type: 'counter',
  help: 'Messages over data channels. A close loses at most those since the last poll.',
  labels: { direction: 'public' },
  cost: 'getStats() of each data producer and data consumer, at most once a period',
});
export const DATA_BYTES: Metric<'direction'> = defineMetric({
  name: 'mediasoup_data_channel_bytes_total',
  type: 'counter',
  help: 'Bytes in messages over data channels. A close loses at most those since the last poll.',
  unit: 'bytes',
  labels: { direction: 'public' },
  cost: 'getStats() of each data producer and data consumer, at most once a period',
});
export const OBJECTS_CREATED: Metric<'object'> = defineMetric({
  name: 'mediasoup_objects_created_total',
  type: 'counter',
  help: 'Objects made since observing began.',
  labels: { object: 'public' },
});
export const OBJECTS_CLOSED: Metric<'object'> = defineMetric({
  name: 'mediasoup_objects_closed_total',
  type: 'counter',
  help: 'Objects closed since observing began, for whatever reason.',
  labels: { object: 'public' },
});
export const ROOMS: Metric<never> = defineMetric({
  name: 'mediasoup_active_rooms',
  type: 'gauge',
  help: 'Rooms that a router, a transport or a stream belongs to.',
});
export const PEERS: Metric<never> = defineMetric({
  name: 'mediasoup_active_peers',
  type: 'gauge',
  help: 'Peers that a transport or a stream belongs to.',
});

export type RtpLabel = 'kind' | 'codec' | 'transport';
const RTP_LABELS = { kind: 'public', codec: 'public', transport: 'public' } as const;
const DIRECTED_LABELS = { direction: 'public', ...RTP_LABELS } as const;
const LOSES = 'A close loses at most what came since the last poll.';

const rtpCounter = (name: string, help: string, unit?: string): Metric<RtpLabel> =>
  defineMetric({ name, type: 'counter', help, ...(unit ? { unit } : {}), labels: RTP_LABELS, cost: POLLED });
const directedCounter = (name: string, help: string): Metric<'direction' | RtpLabel> =>
  defineMetric({ name, type: 'counter', help, labels: DIRECTED_LABELS, cost: POLLED });

export const RTP_RECEIVED_BYTES: Metric<RtpLabel> = rtpCounter(
  'mediasoup_rtp_received_bytes_total',
  `RTP bytes of producers, headers included, RTX left out. ${LOSES}`,
  'bytes',
);
export const RTP_SENT_BYTES: Metric<RtpLabel> = rtpCounter(
  'mediasoup_rtp_sent_bytes_total',
  `RTP bytes of consumers, headers included, RTX left out. ${LOSES}`,
  'bytes',
);
export const RTP_RECEIVED_PACKETS: Metric<RtpLabel> = rtpCounter(
  'mediasoup_rtp_received_packets_total',
  `RTP packets of producers. ${LOSES}`,
);
export const RTP_SENT_PACKETS: Metric<RtpLabel> = rtpCounter(
  'mediasoup_rtp_sent_packets_total',
  `RTP packets of consumers. ${LOSES}`,
);

/** The counters that both directions have, by their field of {@link RtpTotals}. */
export const DIRECTED_COUNTERS: readonly (readonly [keyof RtpTotals, Metric<'direction' | RtpLabel>])[] = [
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
export const SCORE: Metric<'direction' | 'kind'> = qualityHistogram(
  'mediasoup_rtp_score',
  "mediasoup's score of a stream, 0 to 10.",
);
export const ROUND_TRIP: Metric<'direction' | 'kind'> = qualityHistogram(
  'mediasoup_rtp_round_trip_seconds',
  'Round trip between SFU and peer.',
  'seconds',
);
export const JITTER: Metric<'direction' | 'kind'> = qualityHistogram(
  'mediasoup_rtp_jitter_seconds',
  'Interarrival jitter.',
  'seconds',
);
export const LOSS: Metric<'direction' | 'kind'> = qualityHistogram(
  'mediasoup_rtp_loss_ratio',
  'Share of packets lost in the last RTCP interval.',
  'ratio',
);

export const POLLS: Metric<never> = defineMetric({
  name: 'mediasoup_polls_total',
  type: 'counter',
  help: 'Polls of the workers that ended.',
});
export const POLL_REQUESTS: Metric<'outcome'> = defineMetric({
  name: 'mediasoup_poll_requests_total',
  type: 'counter',
  help: 'Requests to workers: success, failure, closed (the object went meanwhile), timeout, skipped (a stuck worker is left alone).',
  labels: { outcome: 'public' },
});
export const POLL_DURATION: Metric<never> = defineMetric({
  name: 'mediasoup_last_poll_duration_seconds',
  type: 'gauge',
  help: 'How long the last poll took.',
  unit: 'seconds',
});
export const POLL_COMPLETED: Metric<never> = defineMetric({
  name: 'mediasoup_last_poll_timestamp_seconds',
  type: 'gauge',
  help: 'When the last poll ended that a worker answered, or that had none to ask. What comes from polls is that old, of a stuck worker older.',
  unit: 'seconds',
});
