import type { PlayState, Report, SessionHost, SessionOptions } from './host.ts';
import type { Item } from './library.ts';
import type { Account, Player } from './people.ts';
import { Playback } from './playback.ts';
import { Stream } from './stream.ts';
import type { Transcode, TranscodeOptions } from './transcode.ts';
import type { Location } from './truth.ts';

/** A playing player reports this often. */
export const REPORT_INTERVAL_MS = 10_000;

/** How long the server keeps a session whose player died. */
export const SILENCE_LIMIT_MS = 180_000;

/** Somebody who plays something. Each method is what the person or the player does now. */
export class SimulatedSession {
  readonly user: Account;
  readonly player: Player;
  readonly location: Location;
  readonly nestedTranscode: boolean;
  /** Monotonic times from which on the server tells of it, and of its Media. */
  readonly appearsAt: number;
  readonly mediaAt: number;
  readonly #host: SessionHost;
  readonly #forget: () => void;
  readonly #playback: Playback;
  #key: string;
  #sessionId: string;
  #stream: Stream;
  #report: Report;
  #dead = false;
  #ended = false;

  /**
   * @internal
   * @param forget takes the session out of what the server knows
   */
  constructor(host: SessionHost, options: SessionOptions, forget: () => void) {
    const { user, player, location, ghost = false, paused = false, offsetMs = 0 } = options;
    const now = host.clock.now();
    this.#host = host;
    this.#forget = forget;
    this.user = user;
    this.player = player;
    this.location = location;
    this.nestedTranscode = options.nestedTranscode ?? false;
    this.appearsAt = now + (options.appearsAfterMs ?? 0);
    this.mediaAt = now + (options.mediaAfterMs ?? 0);
    this.#key = host.nextKey();
    this.#sessionId = host.newId();
    const viewer = { user, player, location, ghost };
    this.#playback = new Playback(host, viewer, options.item, paused ? 'paused' : 'playing', offsetMs);
    this.#report = { state: this.state, viewOffset: offsetMs, at: now };
    this.#stream = new Stream(host, this.#playback, options);
    this.#begin(paused ? ['paused'] : ['buffering', 'playing']);
  }

  get item(): Item {
    return this.#playback.item;
  }

  /** The session key, which changes when the server restarts. */
  get key(): string {
    return this.#key;
  }

  /** Session.id of the API. */
  get sessionId(): string {
    return this.#sessionId;
  }

  /** What the player does; the server knows {@link report}. */
  get state(): PlayState {
    return this.#playback.state;
  }

  /** Whether the server has forgotten it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What the server knows. */
  get report(): Report {
    return this.#report;
  }

  get transcode(): Transcode | undefined {
    return this.#stream.transcode;
  }

  /** The number of the play in the ground truth. */
  get play(): number {
    return this.#playback.play;
  }

  /** Of the stream, kbit/s; 0 for a photo, which has none. */
  get bitrateKbps(): number {
    return this.#stream.bitrateKbps;
  }

  /** Where the player is, milliseconds of the media. */
  get viewOffset(): number {
    this.settle();
    return this.#playback.offset;
  }

  pause(): void {
    this.#become('paused');
  }

  resume(): void {
    this.#become('playing');
  }

  /** The player waits for data. {@link resume} ends it. */
  buffer(): void {
    this.#become('buffering');
  }

  /** The player tells of an error and stops. */
  fail(): void {
    this.#act();
    this.#tell('error');
    this.#stream.stop();
    this.#end();
  }

  /** Goes to a place of the media, milliseconds. Players differ in what they report before they play on. */
  seek(toMs: number, reports: 'buffering' | 'paused' = 'buffering'): void {
    this.#act();
    this.#playback.offset = toMs;
    this.#tell(reports);
    if (this.transcode !== undefined) this.#stream.encode(this.transcode.options);
    this.#tell(this.state);
  }

  /** Another bitrate and the like: of the running transcode, or of a direct play. */
  setQuality(quality: Pick<TranscodeOptions, 'bitrateKbps' | 'videoResolution'>): void {
    this.#act();
    this.#stream.setQuality(quality);
    this.#playback.kbps = this.bitrateKbps;
    this.#tell(this.state);
  }

  /** From direct play to a transcode, or to another one. */
  startTranscode(options: TranscodeOptions = {}): void {
    this.#act();
    this.#stream.encode(options);
    this.#deliver();
  }

  /** Back to direct play. */
  endTranscode(): void {
    this.#act();
    this.#stream.stop();
    this.#deliver();
  }

  /**
   * Autoplay: a new play of another item, under a new session key or under the same. A transcode is begun anew.
   *
   * @throws RangeError when there is no such item.
   */
  next(next: string | Item, { sameKey = false }: { readonly sameKey?: boolean } = {}): void {
    const item = this.#host.item(next);
    this.#act();
    const transcode = this.transcode?.options;
    if (!sameKey) this.#tell('stopped');
    this.#stream.stop();
    if (!sameKey) this.#renew();
    this.#playback.item = item;
    this.#playback.offset = 0;
    this.#playback.state = 'playing';
    this.#stream = new Stream(this.#host, this.#playback, transcode === undefined ? {} : { transcode });
    this.#begin(['playing']);
  }

  /**
   * Ends the session.
   *
   * @param lost the server knows, and yet no event tells of it.
   * @param underNewKey the event comes under a session key that was never seen.
   */
  stop({ lost = false, underNewKey = false }: { readonly lost?: boolean; readonly underNewKey?: boolean } = {}): void {
    if (this.#ended) return;
    this.settle();
    if (underNewKey) this.#key = this.#host.nextKey();
    if (!lost && !this.#dead) this.#tell('stopped');
    this.#stream.stop();
    this.#end();
  }

  /** The player dies without a word: it plays no longer, and the server goes on telling of it for three minutes. */
  kill(): void {
    this.#act();
    this.#dead = true;
    this.#playback.halted = true;
  }

  /** @internal Books what was played since the last time. */
  settle(): void {
    this.#playback.settle();
  }

  /** @internal Once a simulated second: reports that are due, and ends that have come. */
  tick(): void {
    this.settle();
    const silent = this.#host.clock.now() - this.#report.at;
    if (this.#dead && silent >= SILENCE_LIMIT_MS) {
      this.#stream.stop();
      this.#end();
    } else if (!this.#dead && this.#playback.left <= 0) {
      this.stop();
    } else {
      if (!this.#dead && this.state === 'playing' && silent >= REPORT_INTERVAL_MS) this.#tell('playing');
      this.#stream.tell('update');
    }
  }

  /** @internal The server went away: the player waits. Who was dead already does not come back. */
  disconnect(): void {
    this.settle();
    this.#playback.halted = true;
    if (this.#dead) this.#ended = true;
  }

  /** @internal The server is back, and knows nothing of the session. */
  reconnect(): void {
    this.settle();
    this.#playback.halted = false;
    this.#renew();
    this.#stream.renew();
    this.#tell(this.state, { withTranscode: false });
    this.#stream.tell('start');
  }

  #act(): void {
    if (this.#ended || this.#dead) throw new Error('the session has ended');
    this.settle();
  }

  /** Another session, as far as the server can see. */
  #renew(): void {
    this.#key = this.#host.nextKey();
    this.#sessionId = this.#host.newId();
  }

  #become(state: PlayState): void {
    this.#act();
    this.#playback.state = state;
    this.#tell(state);
  }

  /** A new play. Its first reports come before the transcode, and do not name it. */
  #begin(reports: readonly PlayState[]): void {
    this.#playback.kbps = this.bitrateKbps;
    this.#playback.begin(this.#stream.delivery);
    for (const state of reports) this.#tell(state, { withTranscode: false });
    this.#stream.tell('start');
  }

  #deliver(): void {
    this.#playback.kbps = this.bitrateKbps;
    this.#playback.deliver(this.#stream.delivery);
    this.#tell(this.state);
  }

  /** The player reports, and the server tells its listeners. */
  #tell(state: PlayState | 'stopped' | 'error', { withTranscode = true } = {}): void {
    const viewOffset = Math.round(this.#playback.offset);
    if (state !== 'stopped' && state !== 'error') this.#report = { state, viewOffset, at: this.#host.clock.now() };
    const { ratingKey, kind } = this.item;
    this.#host.notify('playing', 'PlaySessionStateNotification', {
      sessionKey: this.#key,
      clientIdentifier: this.player.machineIdentifier ?? this.player.title,
      guid: '',
      ratingKey,
      url: '',
      key: kind === 'live' ? `/livetv/sessions/${ratingKey}` : `/library/metadata/${ratingKey}`,
      viewOffset,
      playQueueItemID: 411_000 + this.play,
      playQueueID: 21_000 + this.play,
      state,
      ...(withTranscode && this.transcode !== undefined ? { transcodeSession: this.transcode.id } : {}),
    });
  }

  #end(): void {
    this.#ended = true;
    this.#playback.halted = true;
    this.#forget();
  }
}
