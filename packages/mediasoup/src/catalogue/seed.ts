import { defineMetric, type Family, family, type Metric, type Sample } from '@media-exporter/metrics';
import type { Direction, SfuState, StreamState } from '../state.ts';

/** The names, types, HELP texts and labels of edumeet's exporter are kept to the letter: people's dashboards use them. */
const LABELS = {
  pid: 'public',
  room_id: 'public',
  peer_id: 'personal',
  display_name: 'personal',
  user_agent: 'personal',
  transport_id: 'public',
  proto: 'public',
  local_addr: 'personal',
  remote_addr: 'personal',
  id: 'public',
  kind: 'public',
  codec: 'public',
  type: 'public',
} as const;

const STREAM_COST = 'getStats() of each producer and consumer, at most once a period';

const STREAM_METRICS: Readonly<Record<Direction, { readonly bytes: Metric; readonly score: Metric }>> = {
  receive: {
    bytes: defineMetric({
      name: 'mediasoup_producer_byte_count_bytes',
      type: 'counter',
      help: 'producer.byteCount',
      labels: LABELS,
      cost: STREAM_COST,
    }),
    score: defineMetric({
      name: 'mediasoup_producer_score',
      type: 'gauge',
      help: 'producer.score',
      labels: LABELS,
      cost: STREAM_COST,
      overflow: 'min',
    }),
  },
  send: {
    bytes: defineMetric({
      name: 'mediasoup_consumer_byte_count_bytes',
      type: 'counter',
      help: 'consumer.byteCount',
      labels: LABELS,
      cost: STREAM_COST,
    }),
    score: defineMetric({
      name: 'mediasoup_consumer_score',
      type: 'gauge',
      help: 'consumer.score',
      labels: LABELS,
      cost: STREAM_COST,
      overflow: 'min',
    }),
  },
};

/** One series for each stream. */
export const STREAM_CATALOGUE: readonly Metric[] = [
  STREAM_METRICS.send.bytes,
  STREAM_METRICS.send.score,
  STREAM_METRICS.receive.bytes,
  STREAM_METRICS.receive.score,
];

export interface SeedOptions {
  /** Defaults to `Ejtimaa_`. */
  readonly prefix?: string;
  /** Leaves out the ids of transports and streams, and merges what is alike without them. */
  readonly quiet?: boolean;
}

const DEFAULT_PREFIX = 'Ejtimaa_';

function roomMetrics(prefix: string): { rooms: Metric; peers: Metric<'room_id'> } {
  return {
    rooms: defineMetric({ name: `${prefix}rooms`, type: 'gauge', help: '#rooms' }),
    peers: defineMetric({ name: `${prefix}peers`, type: 'gauge', help: '#peers', labels: { room_id: 'public' } }),
  };
}

/**
 * The six metrics of the original exporter.
 *
 * @throws MetricsError `MX_METRIC_NAME` for a prefix that no name can begin with.
 */
export function seedCatalogue(prefix: string = DEFAULT_PREFIX): readonly Metric[] {
  const { rooms, peers } = roomMetrics(prefix);
  return [rooms, peers, ...STREAM_CATALOGUE];
}

/** The six, as far as the host's detail allows: without its rooms no peers, without its streams nothing of them. */
export function seedFamilies(state: SfuState, { prefix = DEFAULT_PREFIX, quiet = false }: SeedOptions = {}): Family[] {
  const { rooms, peers } = roomMetrics(prefix);
  const crowded = (state.detail.rooms ?? []).filter((room) => room.peers > 0);
  return [
    family(rooms, state.rooms),
    family(
      peers,
      crowded.map((room) => [{ room_id: room.id }, room.peers]),
    ),
    ...streamFamilies(state, { quiet }),
  ];
}

/** The four about streams. Their samples are made while they are iterated, so that a registry can pause in between. */
export function streamFamilies(state: SfuState, { quiet = false }: Pick<SeedOptions, 'quiet'> = {}): Family[] {
  const streams = state.detail.streams ?? [];
  return (['send', 'receive'] as const).flatMap((direction) => {
    const { bytes, score } = STREAM_METRICS[direction];
    const series = seriesOf(
      streams.filter((stream) => stream.direction === direction),
      quiet,
    );
    return [
      { metric: bytes, samples: samplesOf(series, 'bytes') },
      { metric: score, samples: samplesOf(series, 'score') },
    ];
  });
}

interface StreamSeries {
  readonly labels: readonly string[];
  bytes: number;
  score: number | undefined;
}

function samplesOf(series: Iterable<StreamSeries>, field: 'bytes' | 'score'): Iterable<Sample> {
  return {
    *[Symbol.iterator]() {
      for (const { labels, [field]: value } of series) if (value !== undefined) yield { labels, value };
    },
  };
}

function seriesOf(streams: readonly StreamState[], quiet: boolean): Iterable<StreamSeries> {
  if (quiet || streams.some(({ id }) => id === '')) return mergedSeriesOf(streams, quiet);
  return {
    *[Symbol.iterator]() {
      for (const stream of streams) {
        yield { labels: labelsOf(stream, quiet), bytes: stream.bytes, score: stream.score };
      }
    },
  };
}

/** Streams that differ in nothing but their ids become one series where those are left out: bytes are summed, the worst score stays. */
function mergedSeriesOf(streams: readonly StreamState[], quiet: boolean): Iterable<StreamSeries> {
  const merged = new Map<string, StreamSeries>();
  for (const stream of streams) {
    const one: StreamSeries = { labels: labelsOf(stream, quiet), bytes: stream.bytes, score: stream.score };
    const key = JSON.stringify(one.labels);
    const same = merged.get(key);
    if (same === undefined) {
      merged.set(key, one);
      continue;
    }
    same.bytes += one.bytes;
    if (one.score !== undefined) same.score = Math.min(same.score ?? one.score, one.score);
  }
  return [...merged.values()];
}

/** In the order of {@link LABELS}. */
function labelsOf(stream: StreamState, quiet: boolean): string[] {
  return [
    stream.pid,
    stream.room,
    stream.peer,
    stream.displayName,
    stream.userAgent,
    quiet ? '' : stream.transport,
    stream.protocol,
    stream.localAddress,
    stream.remoteAddress,
    quiet ? '' : stream.id,
    stream.kind,
    stream.codec,
    stream.direction === 'receive' ? 'inbound-rtp' : 'outbound-rtp',
  ];
}
