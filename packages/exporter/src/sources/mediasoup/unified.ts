import type { Direction, MediaKind, SfuState } from '@media-exporter/mediasoup';
import type { ServerState, TrackState } from '@media-exporter/model';

const DIRECTIONS = ['receive', 'send'] as const;
const KINDS = ['audio', 'video'] as const;

/** An SFU in the terms that all media servers share; without its state it is known to be up or down at most. */
export function serverState(up: boolean, state?: SfuState): ServerState {
  return { platform: 'mediasoup', up, ...(state === undefined ? {} : describe(state)) };
}

function describe(state: SfuState): Partial<ServerState> {
  const { mediasoup, rooms, peers } = state;
  return {
    ...(mediasoup === undefined ? {} : { version: mediasoup }),
    rooms: { rooms, participants: peers },
    tracks: DIRECTIONS.flatMap((direction) => KINDS.map((kind) => trackState(state, direction, kind))),
  };
}

/** What goes over pipes is the same media once more, between routers, and is left out of what can be told apart. */
function trackState(state: SfuState, direction: Direction, kind: MediaKind): TrackState {
  const streams = direction === 'receive' ? state.producers : state.consumers;
  const counts = streams.filter((stream) => stream.kind === kind && stream.type !== 'pipe');
  const rtp = state.rtp.filter((row) => row.direction === direction && row.kind === kind && row.transport !== 'pipe');
  const meanScore = meanScoreOf(state, direction, kind);
  return {
    direction,
    kind,
    tracks: counts.reduce((sum, { count }) => sum + count, 0),
    ...(meanScore === undefined ? {} : { meanScore }),
    // Before a worker has answered nothing is known of bytes.
    ...(state.poll.completed === undefined ? {} : { bytes: rtp.reduce((sum, { bytes }) => sum + bytes, 0) }),
  };
}

/** Of what is sent, the scores are known where the host lets single streams be told of. */
function meanScoreOf({ aggregated, detail }: SfuState, direction: Direction, kind: MediaKind): number | undefined {
  if (direction === 'receive') return (kind === 'audio' ? aggregated?.audioScoresIn : aggregated?.videoScoresIn)?.mean;
  const scores = (detail.streams ?? []).flatMap((stream) =>
    stream.direction === direction && stream.kind === kind && stream.transportType !== 'pipe'
      ? (stream.score ?? [])
      : [],
  );
  return scores.length === 0 ? undefined : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
