import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { RoomState, SfuState } from '../state.ts';

const ROOM = { room_id: 'public' } as const;

const PEERS = defineMetric({ name: 'mediasoup_room_peers', type: 'gauge', help: 'Peers in the room.', labels: ROOM });
const PRODUCERS = defineMetric({
  name: 'mediasoup_room_producers',
  type: 'gauge',
  help: 'Producers in the room, pipes left out.',
  labels: ROOM,
});
const CONSUMERS = defineMetric({
  name: 'mediasoup_room_consumers',
  type: 'gauge',
  help: 'Consumers in the room, pipes left out.',
  labels: ROOM,
});
const RECEIVED = defineMetric({
  name: 'mediasoup_room_received_bytes_total',
  type: 'counter',
  help: 'RTP bytes that the peers of the room sent while it lived, pipes left out.',
  unit: 'bytes',
  labels: ROOM,
});
const SENT = defineMetric({
  name: 'mediasoup_room_sent_bytes_total',
  type: 'counter',
  help: 'RTP bytes that went to the peers of the room while it lived, pipes left out.',
  unit: 'bytes',
  labels: ROOM,
});

/** What is told of single rooms, where the host allows it. A room that ends takes its series along. */
export const ROOM_CATALOGUE: readonly Metric[] = [PEERS, PRODUCERS, CONSUMERS, RECEIVED, SENT];

export function roomFamilies({ detail: { rooms } }: SfuState): Family[] {
  if (rooms === undefined) return [];
  const rows = (metric: Metric<'room_id'>, value: (room: RoomState) => number): Family =>
    family(
      metric,
      rooms.map((room) => [{ room_id: room.id }, value(room)]),
    );
  return [
    rows(PEERS, (room) => room.peers),
    rows(PRODUCERS, (room) => room.producers),
    rows(CONSUMERS, (room) => room.consumers),
    rows(RECEIVED, (room) => room.receivedBytes),
    rows(SENT, (room) => room.sentBytes),
  ];
}
