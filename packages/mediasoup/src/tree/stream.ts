import type { LastKnown } from '../aggregate.ts';
import type { Peer, Room } from '../directory.ts';
import { omitUnknown } from '../json.ts';
import type { QualityRow } from '../quality.ts';
import type { Pollable } from '../queue.ts';
import { packetsOf, parseRtpStats, RtpFold, type RtpStat } from '../rtp.ts';
import type { MediasoupConsumer, MediasoupProducer, MediasoupRouter, MediasoupTransport } from '../shapes.ts';
import { type Codec, codecOf, finite, isRecord, kindOf, text } from '../shapes.ts';
import type { Direction, MediaKind, StreamState, TransportType } from '../state.ts';
import type { Place } from '../tally.ts';
import { listen, type TreeContext } from './context.ts';

/** What a stream needs of the transport and the worker that it is on. */
export interface StreamTransport {
  readonly object: MediasoupTransport;
  readonly router: MediasoupRouter;
  readonly id: string;
  readonly type: TransportType;
  readonly protocol: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly streams: Set<StreamNode>;
  readonly worker: {
    readonly slot: { readonly index: number };
    readonly pidText: string;
    readonly streams: Set<StreamNode>;
  };
}

/** A producer or a consumer. Labels are read once, at its birth: from 3.20.1 on each getter makes a deep clone. */
export class StreamNode implements Pollable, LastKnown {
  readonly direction: Direction;
  readonly kind: MediaKind;
  /** What is known of it, since the first poll that saw RTP. */
  state: StreamState | undefined;
  /** Of its last answer; they stay while its worker does not answer. */
  stats: readonly RtpStat[] = [];
  layers: LastKnown['layers'] = noLayers;
  closed = false;
  readonly #context: TreeContext;
  readonly #object: MediasoupProducer | MediasoupConsumer;
  readonly #transport: StreamTransport;
  readonly #id: string;
  readonly #type: string;
  readonly #codec: Codec;
  readonly #quality: QualityRow;
  readonly #fold: RtpFold;
  readonly #stop: () => void;
  #place: Place;
  #layerPlace: Place | undefined;
  #paused: boolean;
  #peer: Peer | undefined;
  #room: Room | undefined;

  constructor(
    context: TreeContext,
    direction: Direction,
    object: MediasoupProducer | MediasoupConsumer,
    transport: StreamTransport,
  ) {
    this.#context = context;
    this.direction = direction;
    this.#object = object;
    this.#transport = transport;
    this.#id = text(object.id);
    this.kind = kindOf(object.kind);
    this.#type = text(object.type);
    this.#codec = codecOf(object.rtpParameters);
    this.#paused = this.#isPaused();
    this.#quality = context.quality.row(direction, this.kind);
    this.#fold = new RtpFold(context.rtp.row(direction, this.kind, this.#codecLabel, transport.type));
    this.#place = this.#enter();
    if (this.#hasLayers) this.#setLayers((object as MediasoupConsumer).currentLayers);
    context.census.created(direction === 'receive' ? 'producer' : 'consumer');
    this.#join();
    const pause = (): void => this.#setPaused();
    this.#stop = listen(object.observer, {
      close: () => this.close(),
      pause,
      resume: pause,
      layerschange: (layers: unknown) => this.#setLayers(layers),
    });
  }

  ask(): Promise<unknown> {
    return this.#object.getStats();
  }

  take(answer: unknown): void {
    const stats = parseRtpStats(answer, this.direction);
    for (const stat of stats) this.#takeStat(stat);
    if (this.closed) return;
    this.stats = stats;
    if (stats.length === 0) return;
    if (this.#peer === undefined) this.#join();
    if (this.#context.streams) this.state = this.#describe(stats);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#stop();
    this.#place.leave();
    this.#layerPlace?.leave();
    this.#context.census.closed(this.direction === 'receive' ? 'producer' : 'consumer');
    this.#leave();
    this.#transport.streams.delete(this);
    this.#transport.worker.streams.delete(this);
    if (this.#context.quiet) this.#bequeath();
  }

  /** Stops listening, for an observer that is closed while the stream lives on. */
  stop(): void {
    this.#stop();
  }

  get piped(): boolean {
    return this.#type === 'pipe' || this.#transport.type === 'pipe';
  }

  get #codecLabel(): string {
    return this.#codec.name.toLowerCase();
  }

  get #hasLayers(): boolean {
    return this.direction === 'send' && (this.#type === 'simulcast' || this.#type === 'svc');
  }

  #takeStat(stat: RtpStat): void {
    const before = this.#fold.bytes;
    this.#fold.take(stat);
    const bytes = this.#fold.bytes - before;
    // Media that goes through a pipe was counted, or will be, where a peer sends or receives it.
    if (this.#room !== undefined && this.#transport.type !== 'pipe') {
      if (this.direction === 'receive') this.#room.receivedBytes += bytes;
      else this.#room.sentBytes += bytes;
    }
    if (this.closed) return;
    // Before its first packet a stream has no quality yet.
    if (!this.#paused && (packetsOf(stat) ?? 0) > 0) this.#quality.observe(stat, this.#codec.clockRate);
  }

  #isPaused(): boolean {
    const { paused, producerPaused } = this.#object as Partial<MediasoupConsumer>;
    return paused === true || producerPaused === true;
  }

  #setPaused(): void {
    const paused = this.#isPaused();
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#place.leave();
    this.#place = this.#enter();
  }

  #enter(): Place {
    const { census } = this.#context;
    return (this.direction === 'receive' ? census.producers : census.consumers).enter({
      worker: this.#transport.worker.slot.index,
      kind: this.kind,
      codec: this.#codecLabel,
      type: this.#type,
      paused: this.#paused,
    });
  }

  #setLayers(layers: unknown): void {
    if (!this.#hasLayers) return;
    this.layers = isRecord(layers)
      ? { spatial: finite(layers.spatialLayer), temporal: finite(layers.temporalLayer) }
      : noLayers;
    this.#layerPlace?.leave();
    this.#layerPlace = this.#context.census.layers.enter(omitUnknown({ ...this.layers }));
  }

  /**
   * Without ids the streams of a transport that are alike make one series. When one of them closes another takes its
   * count over, or the series would go back.
   */
  #bequeath(): void {
    const { kind, direction, state } = this;
    if (state === undefined) return;
    for (const heir of this.#transport.streams) {
      if (heir.direction !== direction || heir.kind !== kind || heir.state?.codec !== state.codec) continue;
      heir.#fold.bytes += state.bytes;
      heir.#fold.packets += state.packets;
      heir.state = {
        ...heir.state,
        bytes: heir.state.bytes + state.bytes,
        packets: heir.state.packets + state.packets,
      };
      return;
    }
  }

  /** Finds its room and its peer, which the host may know only some time after its birth. */
  #join(): void {
    const { directory, mapping } = this.#context;
    const { router, object, type } = this.#transport;
    const roomId = mapping.room(this.#object, router);
    if (this.#room === undefined || this.#room.id !== roomId) {
      this.#leave();
      this.#room = directory.holdRoom(roomId);
      if (type !== 'pipe') this.#countIn(this.#room, 1);
    }
    // What comes through a pipe belongs to a peer that sits elsewhere.
    const peerId = type === 'pipe' ? '' : mapping.peer(this.#object, object);
    if (peerId === '') return;
    this.#peer = directory.holdPeer(this.#room, peerId, object);
    this.#countIn(this.#peer, 1);
  }

  #leave(): void {
    if (this.#peer !== undefined) {
      this.#countIn(this.#peer, -1);
      this.#context.directory.leavePeer(this.#peer);
      this.#peer = undefined;
    }
    if (this.#room !== undefined) {
      if (this.#transport.type !== 'pipe') this.#countIn(this.#room, -1);
      this.#context.directory.leaveRoom(this.#room);
      this.#room = undefined;
    }
  }

  #countIn(place: { producers: number; consumers: number }, by: number): void {
    if (this.direction === 'receive') place.producers += by;
    else place.consumers += by;
  }

  /** Field by field: this runs for each of thousands of streams at each poll. */
  #describe(stats: readonly RtpStat[]): StreamState {
    const { quiet } = this.#context;
    const transport = this.#transport;
    const state: Mutable<StreamState> = {
      direction: this.direction,
      id: quiet ? '' : this.#id,
      worker: transport.worker.slot.index,
      pid: transport.worker.pidText,
      room: this.#room?.id ?? '',
      peer: this.#peer?.shownId ?? '',
      displayName: this.#peer?.displayName ?? '',
      userAgent: this.#peer?.userAgent ?? '',
      transport: quiet ? '' : transport.id,
      transportType: transport.type,
      protocol: transport.protocol,
      localAddress: transport.localAddress,
      remoteAddress: transport.remoteAddress,
      kind: this.kind,
      codec: this.#codec.name,
      paused: this.#paused,
      bytes: this.#fold.bytes,
      packets: this.#fold.packets,
    };
    const { clockRate } = this.#codec;
    for (const { bitrate, jitter, lost, roundTrip, score } of stats) {
      if (score !== undefined) state.score = Math.max(state.score ?? score, score);
      if (lost !== undefined) state.lost = (state.lost ?? 0) + lost;
      if (bitrate !== undefined) state.bitrate = (state.bitrate ?? 0) + bitrate;
      if (roundTrip !== undefined) state.roundTrip = Math.max(state.roundTrip ?? 0, roundTrip / 1000);
      if (jitter !== undefined && clockRate !== undefined) {
        state.jitter = Math.max(state.jitter ?? 0, jitter / clockRate);
      }
    }
    const { spatial, temporal } = this.layers;
    if (spatial !== undefined) state.spatialLayer = spatial;
    if (temporal !== undefined) state.temporalLayer = temporal;
    return state;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const noLayers = { spatial: undefined, temporal: undefined };
