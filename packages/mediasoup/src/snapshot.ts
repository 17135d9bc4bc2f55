import type { Clock } from '@media-exporter/metrics';
import { aggregate } from './aggregate.ts';
import { omitUnknown } from './json.ts';
import type { Poller } from './poll.ts';
import type { ProcessReader } from './process.ts';
import {
  type Detail,
  type PollState,
  SFU_STATE_VERSION,
  type SfuState,
  type StreamState,
  type WorkerState,
} from './state.ts';
import type { TreeContext } from './tree/context.ts';
import type { StreamNode } from './tree/stream.ts';
import type { Tree } from './tree/tree.ts';
import type { Slot } from './tree/worker.ts';

export interface SnapshotSources {
  readonly clock: Clock;
  /** When observing began, seconds since the epoch. */
  readonly since: number;
  readonly mediasoup: string | undefined;
  readonly tree: Tree;
  readonly context: TreeContext;
  readonly poller: Pick<Poller, 'state'>;
  readonly process: Pick<ProcessReader, 'read'>;
  readonly detail: { readonly rooms: boolean; readonly streams: boolean };
}

/**
 * The state now: what lives, by events, with what polls told of it last. Closed objects are in no list any more.
 *
 * @param whole false leaves out what only the aggregated set shows.
 */
export function takeSnapshot(sources: SnapshotSources, whole = true): SfuState {
  const { clock, context, poller, tree } = sources;
  const { census, directory } = context;
  const poll: PollState = poller.state();
  return omitUnknown<SfuState>({
    version: SFU_STATE_VERSION,
    time: clock.date() / 1000,
    since: sources.since,
    mediasoup: sources.mediasoup,
    poll,
    workers: tree.slots.map(describeSlot),
    deaths: census.deaths,
    objects: census.objects(),
    transports: census.transports.rows(),
    transportBytes: Object.values(context.transportBytes).map((totals) => ({ ...totals })),
    transportTroubles: { ...census.troubles },
    producers: census.producers.rows(),
    consumers: census.consumers.rows(),
    layers: census.layers.rows(),
    dataChannels: census.dataChannels.rows(),
    dataTotals: Object.values(context.dataTotals).map((totals) => ({ ...totals })),
    rtp: context.rtp.totals(),
    quality: context.quality.state(),
    rooms: directory.rooms,
    peers: directory.peers,
    // Before a worker has answered, how many streams there are is not known.
    aggregated: whole && poll.completed !== undefined ? aggregate(streamsOf(tree)) : undefined,
    process: sources.process.read(),
    detail: describeDetail(sources),
  });
}

function* streamsOf({ workers }: Tree): Generator<StreamNode> {
  for (const { streams } of workers) yield* streams;
}

function describeSlot(slot: Slot): WorkerState {
  const { worker } = slot;
  return omitUnknown<WorkerState>({
    worker: slot.index,
    alive: worker !== undefined,
    pid: worker?.pid,
    stuck: worker?.queue.stuck ?? false,
    routers: worker?.routers ?? 0,
    webRtcServers: worker?.webRtcServers ?? 0,
    cpuUser: slot.cpuUser,
    cpuSystem: slot.cpuSystem,
    voluntarySwitches: slot.voluntarySwitches,
    involuntarySwitches: slot.involuntarySwitches,
    cores: worker?.queue.stuck ? undefined : worker?.cores,
    residentMemory: worker?.residentMemory,
    maxResidentMemory: worker?.maxResidentMemory,
    roundTrip: worker?.queue.stuck ? undefined : worker?.roundTrip,
  });
}

function describeDetail({ context, detail, tree }: SnapshotSources): Detail {
  const streams: StreamState[] = [];
  if (detail.streams) {
    for (const { state } of streamsOf(tree)) if (state !== undefined) streams.push(state);
  }
  return {
    ...(detail.rooms ? { rooms: context.directory.roomStates() } : {}),
    // A peer's name is in the labels of its streams: who may see one may see the other.
    ...(detail.streams ? { peers: context.directory.peerStates(), streams } : {}),
  };
}
