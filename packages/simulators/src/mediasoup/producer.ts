import { type AppData, type Context, Entity } from './entity.ts';
import { type Burst, burst, type EncodingProfile, type Link, type MediaKind, RtpStream } from './stream.ts';
import type { TruthRecord } from './truth.ts';

export type ProducerType = 'simple' | 'simulcast' | 'svc';

export interface Codec {
  readonly mimeType: string;
  readonly payloadType: number;
  readonly clockRate: number;
  readonly channels?: number;
}

export interface ProducerOptions {
  readonly id: string;
  readonly kind: MediaKind;
  readonly type: ProducerType;
  readonly codec: Codec;
  readonly encodings: readonly EncodingProfile[];
  readonly appData: AppData;
  readonly truth: TruthRecord;
}

/** One encoding that a producer receives: what the sender sends, and what the worker counts. */
export interface Encoding {
  readonly profile: EncodingProfile;
  readonly stream: RtpStream;
  last: Burst;
  /** The worker knows a stream from its first packet on. */
  heard: boolean;
}

/** Media that the SFU receives. */
export class SimulatedProducer extends Entity {
  readonly kind: MediaKind;
  readonly type: ProducerType;
  /** @internal */
  readonly codec: Codec;
  readonly truth: TruthRecord;
  readonly #rtpParameters: object;
  readonly #encodings: readonly Encoding[];
  #scores: { encodingIdx: number; ssrc: number; rid?: string; score: number }[] = [];
  #paused = false;

  constructor(context: Context, options: ProducerOptions) {
    super(context, options.id, options.appData);
    const { kind, type, codec } = options;
    this.kind = kind;
    this.type = type;
    this.codec = codec;
    this.truth = options.truth;
    this.#encodings = options.encodings.map((profile) => ({
      profile,
      stream: new RtpStream({
        ssrc: ssrc(context),
        rtxSsrc: kind === 'video' ? ssrc(context) : undefined,
        rid: profile.rid,
        kind,
        mimeType: codec.mimeType,
        clockRate: codec.clockRate,
        layers: type === 'simple' ? 1 : 3,
      }),
      last: { packets: 0, bytes: 0 },
      heard: false,
    }));
    this.#rtpParameters = {
      mid: undefined,
      codecs: [{ ...codec, parameters: {}, rtcpFeedback: [] }],
      headerExtensions: [],
      encodings: this.#encodings.map(({ stream }) =>
        stream.rid === undefined ? { ssrc: stream.ssrc } : { rid: stream.rid, ssrc: stream.ssrc },
      ),
      rtcp: { cname: 'simulated', reducedSize: true },
    };
  }

  get rtpParameters(): object {
    return this.expose(this.#rtpParameters);
  }

  get paused(): boolean {
    return this.#paused;
  }

  get score(): readonly object[] {
    return this.expose(this.#scores);
  }

  /** @internal The encodings, in their order, for those who forward them. */
  get encodings(): readonly Encoding[] {
    return this.#encodings;
  }

  getStats(): Promise<unknown[]> {
    return this.requestStats(() =>
      this.#encodings
        .filter(({ heard }) => heard)
        .map(({ stream }) => stream.entry('inbound-rtp', this.context.now(), this.context.behaviour)),
    );
  }

  async pause(): Promise<void> {
    this.#paused = true;
    this.observer.safeEmit('pause');
  }

  async resume(): Promise<void> {
    this.#paused = false;
    this.observer.safeEmit('resume');
  }

  /** The sender starts an encoding anew with another SSRC, as after a restart of its encoder. */
  changeSsrc(index = 0): void {
    this.#encodings[index]?.stream.restart(ssrc(this.context));
  }

  /** Late packets arrive: `packetsLost` of the encoding goes down. */
  recoverPackets(packets: number, index = 0): void {
    this.#encodings[index]?.stream.recover(packets);
  }

  /** @internal `milliseconds` of media arrive over `link`, or the media of another worker's producer through a pipe. */
  receive(milliseconds: number, link: Link, silent: boolean, piped?: readonly Burst[]): void {
    if (this.closed) return;
    for (const [index, encoding] of this.#encodings.entries()) {
      const { stream, profile } = encoding;
      const packets = silent || piped !== undefined ? 0 : stream.due(profile.packetsPerSecond, milliseconds);
      const sent = piped?.[index] ?? burst(packets, profile.payload, this.context.random);
      encoding.last = stream.receive(sent, link, milliseconds, this.context.random);
      encoding.heard ||= encoding.last.packets > 0;
      this.truth.add(encoding.last);
    }
    this.#tellScores();
  }

  #tellScores(): void {
    const scores = this.#encodings
      .map(({ stream, heard }, encodingIdx) => ({ encodingIdx, stream, heard }))
      .filter(({ heard }) => heard)
      .map(({ encodingIdx, stream: { ssrc, rid, score } }) =>
        rid === undefined ? { encodingIdx, ssrc, score } : { encodingIdx, ssrc, rid, score },
      );
    if (JSON.stringify(scores) === JSON.stringify(this.#scores)) return;
    this.#scores = scores;
    this.context.channel.notify(() => {
      if (this.closed) return;
      this.safeEmit('score', this.score);
      this.observer.safeEmit('score', this.score);
    });
  }
}

/** A random SSRC (RFC 3550 §8). */
export function ssrc(context: Context): number {
  return 1 + Math.floor(context.random() * 0xfffffffe);
}
