import type { SessionHost, SessionOptions } from './host.ts';
import type { Playback } from './playback.ts';
import { Transcode, type TranscodeOptions } from './transcode.ts';
import type { Delivery } from './truth.ts';

/** What the server sends for one play: the file as it is, or what a transcoder makes of it. */
export class Stream {
  readonly #host: SessionHost;
  readonly #playback: Playback;
  #bitrateKbps: number | undefined;
  #transcode: Transcode | undefined;

  /** The listeners of the server are not told of its transcode yet. */
  constructor(host: SessionHost, playback: Playback, options: Pick<SessionOptions, 'transcode' | 'bitrateKbps'>) {
    this.#host = host;
    this.#playback = playback;
    this.#bitrateKbps = options.bitrateKbps;
    this.#transcode = options.transcode && this.#newTranscode(options.transcode);
  }

  get transcode(): Transcode | undefined {
    return this.#transcode;
  }

  get delivery(): Delivery {
    return this.#transcode?.delivery ?? 'direct_play';
  }

  /** kbit/s; 0 for a photo, which has none. */
  get bitrateKbps(): number {
    const { media } = this.#playback.item;
    return this.#transcode?.options.bitrateKbps ?? this.#bitrateKbps ?? media?.bitrateKbps ?? 0;
  }

  /** Another bitrate and the like: of the running transcode, or of a direct play. */
  setQuality(quality: Pick<TranscodeOptions, 'bitrateKbps' | 'videoResolution'>): void {
    if (this.#transcode !== undefined) this.encode({ ...this.#transcode.options, ...quality });
    else this.#bitrateKbps = quality.bitrateKbps;
  }

  /** A transcode in the place of what is sent now. */
  encode(options: TranscodeOptions): void {
    this.stop();
    this.#transcode = this.#newTranscode(options);
    this.tell('start');
  }

  /** The transcode, if there is one, begins anew without a word: the server that made it is gone. */
  renew(): void {
    if (this.#transcode !== undefined) this.#transcode = this.#newTranscode(this.#transcode.options);
  }

  /** Ends the transcode, if there is one. */
  stop(): void {
    this.tell('end');
    this.#transcode = undefined;
  }

  /** Tells the listeners of the server of the transcode, if there is one. */
  tell(event: 'start' | 'update' | 'end'): void {
    const { clock } = this.#host;
    if (this.#transcode === undefined) return;
    const key = `/transcode/sessions/${this.#transcode.id}`;
    const entry = this.#transcode.describe(key, clock.now(), this.#playback.offset, clock.date());
    this.#host.notify(`transcodeSession.${event}`, 'TranscodeSession', entry);
  }

  #newTranscode(options: TranscodeOptions): Transcode {
    const { item, offset } = this.#playback;
    return new Transcode(this.#host.newId(), item, options, this.#host.clock.now(), offset);
  }
}
