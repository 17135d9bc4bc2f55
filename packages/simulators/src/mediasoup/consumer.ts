import { type AppData, type Context, Entity } from './entity.ts';
import { type Codec, type Encoding, type SimulatedProducer, ssrc } from './producer.ts';
import { type Burst, type Link, type MediaKind, RtpStream } from './stream.ts';
import type { TruthRecord } from './truth.ts';

export type ConsumerType = 'simple' | 'simulcast' | 'svc' | 'pipe';

interface Layers {
  readonly spatialLayer: number;
  readonly temporalLayer: number;
}

export interface ConsumerOptions {
  readonly id: string;
  readonly producer: SimulatedProducer;
  readonly codec: Codec;
  readonly pipe: boolean;
  readonly appData: AppData;
  readonly truth: TruthRecord;
}

/** The header extensions that the SFU adds to each packet it forwards, bytes. */
const ADDED_HEADER = 8;

/** Media that the SFU sends. */
export class SimulatedConsumer extends Entity {
  readonly producerId: string;
  readonly kind: MediaKind;
  readonly type: ConsumerType;
  readonly truth: TruthRecord;
  readonly #producer: SimulatedProducer;
  readonly #rtpParameters: object;
  readonly #streams: readonly RtpStream[];
  #preferred: Layers | undefined;
  #current: Layers | undefined;
  #score = { score: 10, producerScore: 10, producerScores: [] as number[] };
  #sent: readonly Burst[] = [];
  #paused = false;

  constructor(context: Context, options: ConsumerOptions) {
    super(context, options.id, options.appData);
    const { producer, codec } = options;
    this.#producer = producer;
    this.producerId = producer.id;
    this.kind = producer.kind;
    this.type = options.pipe ? 'pipe' : producer.type;
    this.truth = options.truth;
    const streams = options.pipe ? producer.encodings.length : 1;
    this.#streams = Array.from(
      { length: streams },
      () =>
        new RtpStream({
          ssrc: ssrc(context),
          rtxSsrc: producer.kind === 'video' && !options.pipe ? ssrc(context) : undefined,
          kind: producer.kind,
          mimeType: codec.mimeType,
          clockRate: codec.clockRate,
        }),
    );
    if (this.#layered) this.#preferred = { spatialLayer: producer.encodings.length - 1, temporalLayer: 2 };
    this.#rtpParameters = {
      codecs: [{ ...codec, parameters: {}, rtcpFeedback: [] }],
      headerExtensions: [],
      encodings: this.#streams.map((stream) => ({ ssrc: stream.ssrc })),
      rtcp: { cname: 'simulated', reducedSize: true, mux: true },
    };
    producer.once('@close', () => context.channel.notify(() => this.closeBy('producerclose')));
    producer.once('transportclose', () => context.channel.notify(() => this.closeBy('producerclose')));
    producer.observer.on('pause', () => this.#follow('producerpause'));
    producer.observer.on('resume', () => this.#follow('producerresume'));
  }

  get rtpParameters(): object {
    return this.expose(this.#rtpParameters);
  }

  get paused(): boolean {
    return this.#paused;
  }

  get producerPaused(): boolean {
    return this.#producer.paused;
  }

  get score(): { score: number; producerScore: number; producerScores: number[] } {
    return this.expose(this.#score);
  }

  get preferredLayers(): Layers | undefined {
    return this.expose(this.#preferred);
  }

  get currentLayers(): Layers | undefined {
    return this.expose(this.#current);
  }

  getStats(): Promise<unknown[]> {
    return this.requestStats(() => {
      const { behaviour } = this.context;
      const now = this.context.now();
      const entries = this.#streams.map((stream) => stream.entry('outbound-rtp', now, behaviour));
      const source = this.type === 'pipe' ? undefined : this.#source();
      if (source?.heard === true) entries.push(source.stream.entry('inbound-rtp', now, behaviour));
      return entries;
    });
  }

  async pause(): Promise<void> {
    this.#paused = true;
    this.observer.safeEmit('pause');
  }

  async resume(): Promise<void> {
    this.#paused = false;
    this.observer.safeEmit('resume');
  }

  async setPreferredLayers(layers: { spatialLayer: number; temporalLayer?: number }): Promise<void> {
    this.#preferred = { spatialLayer: layers.spatialLayer, temporalLayer: layers.temporalLayer ?? 2 };
  }

  /** Late packets arrive: `packetsLost` goes down. */
  recoverPackets(packets: number): void {
    this.#streams[0]?.recover(packets);
  }

  /** @internal What the last step sent, encoding by encoding, for the other end of a pipe. */
  get sent(): readonly Burst[] {
    return this.#sent;
  }

  /** @internal Forwards what the producer received in this step. */
  forward(milliseconds: number, link: Link): void {
    if (this.closed) return;
    this.#switchLayers(link);
    const open = !this.#paused && !this.#producer.paused;
    const sources = this.type === 'pipe' ? this.#producer.encodings : [this.#source()];
    this.#sent = this.#streams.map((stream, index) => {
      const received = open ? sources[index]?.last : undefined;
      const packets = received?.packets ?? 0;
      const sent = { packets, bytes: (received?.bytes ?? 0) + packets * ADDED_HEADER };
      stream.send(sent, link, milliseconds, this.context.random);
      this.truth.add(sent);
      return sent;
    });
    this.#tellScore();
  }

  get #layered(): boolean {
    return this.type === 'simulcast' || this.type === 'svc';
  }

  #source(): Encoding | undefined {
    const { encodings } = this.#producer;
    return encodings[this.type === 'simulcast' ? (this.#current?.spatialLayer ?? 0) : 0];
  }

  /** A lossy link gets the lowest layer; a silent producer has none. */
  #switchLayers(link: Link): void {
    if (!this.#layered || this.#preferred === undefined) return;
    const flows = this.#producer.encodings.some(({ last }) => last.packets > 0);
    const wanted = link.loss > 0.1 ? { spatialLayer: 0, temporalLayer: 0 } : this.#preferred;
    const next = flows ? wanted : undefined;
    if (next?.spatialLayer === this.#current?.spatialLayer && next?.temporalLayer === this.#current?.temporalLayer)
      return;
    this.#current = next;
    this.#tell('layerschange', () => this.currentLayers);
  }

  #tellScore(): void {
    const producerScores = this.#producer.encodings.map(({ stream }) => stream.score);
    const next = {
      score: Math.max(0, ...this.#streams.map(({ score }) => score)),
      producerScore: this.#source()?.stream.score ?? 0,
      producerScores,
    };
    if (JSON.stringify(next) === JSON.stringify(this.#score)) return;
    this.#score = next;
    this.#tell('score', () => this.score);
  }

  #follow(event: 'producerpause' | 'producerresume'): void {
    this.context.channel.notify(() => {
      if (this.closed) return;
      this.safeEmit(event);
      if (!this.#paused) this.observer.safeEmit(event === 'producerpause' ? 'pause' : 'resume');
    });
  }

  #tell(event: string, value: () => unknown): void {
    this.context.channel.notify(() => {
      if (this.closed) return;
      this.safeEmit(event, value());
      this.observer.safeEmit(event, value());
    });
  }
}
