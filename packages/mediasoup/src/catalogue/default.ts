import { type Family, family, type HistogramValue, type Metric, type Row } from '@media-exporter/metrics';
import type { Direction, HistogramState, SfuState } from '../state.ts';
import * as m from './default-metrics.ts';
import { ROOM_CATALOGUE, roomFamilies } from './rooms.ts';

/** The bounded set, and {@link ROOM_CATALOGUE}, which the host has to allow. */
export const DEFAULT_CATALOGUE: readonly Metric[] = [
  ...[
    m.UP,
    m.INFO,
    m.OBSERVED,
    m.WORKERS,
    m.WORKER_INFO,
    m.WORKER_DEATHS,
    m.WORKER_STUCK,
    m.WORKER_CPU,
    m.WORKER_SWITCHES,
  ],
  ...[m.WORKER_MEMORY, m.WORKER_MAX_MEMORY, m.WORKER_ROUND_TRIP, m.ROUTERS, m.SERVERS],
  ...[m.TRANSPORTS, m.TRANSPORT_RECEIVED, m.TRANSPORT_SENT, m.ICE_DISCONNECTS, m.DTLS_FAILURES],
  ...[m.PRODUCERS, m.CONSUMERS, m.LAYERS, m.DATA_PRODUCERS, m.DATA_CONSUMERS, m.DATA_MESSAGES, m.DATA_BYTES],
  ...[m.OBJECTS_CREATED, m.OBJECTS_CLOSED, m.ROOMS, m.PEERS],
  ...[m.RTP_RECEIVED_BYTES, m.RTP_SENT_BYTES, m.RTP_RECEIVED_PACKETS, m.RTP_SENT_PACKETS],
  ...m.DIRECTED_COUNTERS.map(([, metric]) => metric),
  ...[m.SCORE, m.ROUND_TRIP, m.JITTER, m.LOSS],
  ...[m.POLLS, m.POLL_REQUESTS, m.POLL_DURATION, m.POLL_COMPLETED],
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
    family(m.UP, state.poll.polls === 0 ? undefined : Number(answering)),
    family(m.INFO, state.mediasoup === undefined ? [] : [[{ version: state.mediasoup }, 1]]),
    family(m.OBSERVED, state.since),
    family(m.ROOMS, state.rooms),
    family(m.PEERS, state.peers),
  ];
}

function workerFamilies(state: SfuState): Family[] {
  const slots = state.workers.map((slot) => ({ slot, labels: { worker: String(slot.worker) } }));
  const alive = slots.filter(({ slot }) => slot.alive);
  return [
    family(m.WORKERS, alive.length),
    family(
      m.WORKER_INFO,
      alive.flatMap(({ slot: { pid }, labels }) => (pid === undefined ? [] : [[{ ...labels, pid: String(pid) }, 1]])),
    ),
    family(m.WORKER_DEATHS, state.deaths),
    family(
      m.WORKER_STUCK,
      alive.map(({ slot, labels }) => [labels, Number(slot.stuck)]),
    ),
    family(
      m.WORKER_CPU,
      slots.flatMap(({ slot, labels }): Row<'worker' | 'mode'>[] => [
        [{ ...labels, mode: 'user' }, slot.cpuUser],
        [{ ...labels, mode: 'system' }, slot.cpuSystem],
      ]),
    ),
    family(
      m.WORKER_SWITCHES,
      slots.flatMap(({ slot, labels }): Row<'worker' | 'kind'>[] => [
        [{ ...labels, kind: 'voluntary' }, slot.voluntarySwitches],
        [{ ...labels, kind: 'involuntary' }, slot.involuntarySwitches],
      ]),
    ),
    family(
      m.WORKER_MEMORY,
      alive.map(({ slot, labels }) => [labels, slot.residentMemory]),
    ),
    family(
      m.WORKER_MAX_MEMORY,
      alive.map(({ slot, labels }) => [labels, slot.maxResidentMemory]),
    ),
    family(
      m.WORKER_ROUND_TRIP,
      alive.map(({ slot, labels }) => [labels, slot.roundTrip]),
    ),
    family(
      m.ROUTERS,
      alive.map(({ slot, labels }) => [labels, slot.routers]),
    ),
    family(
      m.SERVERS,
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
      m.TRANSPORTS,
      state.transports.map(({ worker, type, iceState, dtlsState, count }) => [
        { worker: String(worker), type, ice_state: iceState, dtls_state: dtlsState },
        count,
      ]),
    ),
    family(
      m.TRANSPORT_RECEIVED,
      state.transportBytes.map(({ type, received }) => [{ type }, received]),
    ),
    family(
      m.TRANSPORT_SENT,
      state.transportBytes.map(({ type, sent }) => [{ type }, sent]),
    ),
    family(m.ICE_DISCONNECTS, state.transportTroubles.iceDisconnected),
    family(m.DTLS_FAILURES, state.transportTroubles.dtlsFailed),
    family(
      m.PRODUCERS,
      state.producers.map((row) => [streamLabels(row), row.count]),
    ),
    family(
      m.CONSUMERS,
      state.consumers.map((row) => [streamLabels(row), row.count]),
    ),
    family(
      m.LAYERS,
      state.layers.map(({ spatial, temporal, count }) => [
        { spatial: String(spatial ?? 'none'), temporal: String(temporal ?? 'none') },
        count,
      ]),
    ),
    family(m.DATA_PRODUCERS, channels('receive')),
    family(m.DATA_CONSUMERS, channels('send')),
    family(
      m.DATA_MESSAGES,
      state.dataTotals.map(({ direction, messages }) => [{ direction }, messages]),
    ),
    family(
      m.DATA_BYTES,
      state.dataTotals.map(({ direction, bytes }) => [{ direction }, bytes]),
    ),
    family(
      m.OBJECTS_CREATED,
      state.objects.map(({ object, created }) => [{ object }, created]),
    ),
    family(
      m.OBJECTS_CLOSED,
      state.objects.map(({ object, closed }) => [{ object }, closed]),
    ),
  ];
}

function rtpFamilies({ quality, rtp }: SfuState): Family[] {
  const totals = (direction: Direction, field: 'bytes' | 'packets'): Row<m.RtpLabel>[] =>
    rtp
      .filter((row) => row.direction === direction)
      .map(({ kind, codec, transport, [field]: value }) => [{ kind, codec, transport }, value]);
  const histogram = (field: 'score' | 'roundTrip' | 'jitter' | 'loss'): Row<'direction' | 'kind'>[] =>
    quality.map(({ direction, kind, [field]: state }) => [{ direction, kind }, histogramValue(state)]);
  return [
    family(m.RTP_RECEIVED_BYTES, totals('receive', 'bytes')),
    family(m.RTP_SENT_BYTES, totals('send', 'bytes')),
    family(m.RTP_RECEIVED_PACKETS, totals('receive', 'packets')),
    family(m.RTP_SENT_PACKETS, totals('send', 'packets')),
    ...m.DIRECTED_COUNTERS.map(([field, metric]) =>
      family(
        metric,
        rtp.map(({ direction, kind, codec, transport, [field]: value }) => [
          { direction, kind, codec, transport },
          value as number,
        ]),
      ),
    ),
    family(m.SCORE, histogram('score')),
    family(m.ROUND_TRIP, histogram('roundTrip')),
    family(m.JITTER, histogram('jitter')),
    family(m.LOSS, histogram('loss')),
  ];
}

function pollFamilies({ poll }: SfuState): Family[] {
  return [
    family(m.POLLS, poll.polls),
    family(
      m.POLL_REQUESTS,
      Object.entries(poll.requests).map(([outcome, requests]) => [{ outcome }, requests]),
    ),
    family(m.POLL_DURATION, poll.duration),
    family(m.POLL_COMPLETED, poll.completed),
  ];
}

function histogramValue({ bounds, counts, count, sum }: HistogramState): HistogramValue {
  return { count, sum, buckets: bounds.map((upperBound, i) => ({ upperBound, count: counts[i] ?? 0 })) };
}
