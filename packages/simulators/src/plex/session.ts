import type { Clock } from '@media-exporter/metrics';
import type { BandwidthLedger, Recipient } from './bandwidth.ts';
import type { Item, Library } from './library.ts';
import { mediaTypeOf } from './library.ts';
import type { Account, Player } from './people.ts';
import { Transcode, type TranscodeOptions } from './transcode.ts';
import type { Location, Truth, TruthRecord } from './truth.ts';

export type PlayState = 'playing' | 'paused' | 'buffering';

/** A playing player reports this often. */
export const REPORT_INTERVAL_MS = 10_000;

/** How long the server keeps a session whose player died. */
export const SILENCE_LIMIT_MS = 180_000;

/** What the server knows of a player: what that told last. */
export interface Report {
  readonly state: PlayState;
  /** Milliseconds. */
  readonly viewOffset: number;
  /** On the monotonic clock. */
  readonly at: number;
}

export interface SessionOptions {
  readonly user: Account;
  readonly player: Player;
  readonly item: Item;
  readonly location: Location;
  readonly transcode?: TranscodeOptions;
  /** Of a direct play; defaults to the file's. */
  readonly bitrateKbps?: number;
  readonly offsetMs?: number;
  readonly paused?: boolean;
  /** After how long the session stands in /status/sessions. */
  readonly appearsAfterMs?: number;
  /** After how long it has Media there. */
  readonly mediaAfterMs?: number;
  /** The TranscodeSession stands in Media instead of beside it. */
  readonly nestedTranscode?: boolean;
  /** Whether it is a play at all: a DLNA client that browses makes sessions that are none. */
  readonly ghost?: boolean;
}

/** @internal What a session needs of its server. */
export interface SessionHost {
  readonly clock: Clock;
  readonly truth: Truth;
  readonly bandwidth: BandwidthLedger;
  library(id: string | undefined): Library | undefined;
  deviceId(player: Player): number;
  nextKey(): string;
  nextPlay(): number;
  newId(): string;
  /** Lost while the server is down. */
  notify(type: string, name: string, entry: Record<string, unknown>): void;
  /** Takes the session out of what the server knows. */
  forget(session: SimulatedSession): void;
}

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
  readonly #recipient: Recipient;
  readonly #ghost: boolean;
  #item: Item;
  #key: string;
  #sessionId: string;
  #queueItem: number;
  #state: PlayState;
  #offset: number;
  #settledAt: number;
  #bitrateKbps: number | undefined;
  #transcode: Transcode | undefined;
  #play: number;
  #record: TruthRecord;
  #report: Report;
  #alive = true;
  #ended = false;
  /** A player that lost its server waits until that is back. */
  #stalled = false;

  /** @internal */
  constructor(host: SessionHost, options: SessionOptions) {
    const now = host.clock.now();
    this.#host = host;
    this.user = options.user;
    this.player = options.player;
    this.location = options.location;
    this.nestedTranscode = options.nestedTranscode ?? false;
    this.#ghost = options.ghost ?? false;
    this.appearsAt = now + (options.appearsAfterMs ?? 0);
    this.mediaAt = now + (options.mediaAfterMs ?? 0);
    const deviceID = host.deviceId(options.player);
    this.#recipient = { accountID: options.user.id, deviceID, location: options.location, owed: 0 };
    this.#item = options.item;
    this.#key = host.nextKey();
    this.#sessionId = host.newId();
    this.#play = host.nextPlay();
    this.#queueItem = 411_000 + this.#play;
    this.#offset = options.offsetMs ?? 0;
    this.#settledAt = now;
    this.#bitrateKbps = options.bitrateKbps;
    this.#state = options.paused === true ? 'paused' : 'playing';
    if (options.transcode !== undefined) this.#transcode = this.#newTranscode(options.transcode);
    this.#record = this.#newRecord(true);
    this.#report = { state: this.#state, viewOffset: this.#offset, at: now };
    if (this.#state === 'playing') this.#tell('buffering', { withTranscode: false });
    this.#begin();
  }

  get item(): Item {
    return this.#item;
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
    return this.#state;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What the server knows. */
  get report(): Report {
    return this.#report;
  }

  get transcode(): Transcode | undefined {
    return this.#transcode;
  }

  /** The number of the play in the ground truth. */
  get play(): number {
    return this.#play;
  }

  /** Of the stream, kbit/s; 0 for a photo, which has none. */
  get bitrateKbps(): number {
    return this.#transcode?.options.bitrateKbps ?? this.#bitrateKbps ?? this.#item.media?.bitrateKbps ?? 0;
  }

  /** Milliseconds of the media that were played. */
  get viewOffset(): number {
    this.settle();
    return this.#offset;
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
    this.#checkRuns();
    this.settle();
    this.#stopTranscode();
    this.#tell('error');
    this.#end();
  }

  /**
   * Goes to a place of the media, milliseconds. Players differ in what they report before they play on.
   */
  seek(toMs: number, reports: 'buffering' | 'paused' = 'buffering'): void {
    this.#checkRuns();
    this.settle();
    this.#offset = toMs;
    this.#tell(reports);
    if (this.#transcode !== undefined) this.#replaceTranscode(this.#transcode.options);
    this.#tell(this.#state);
  }

  /** Another bitrate and the like: of the running transcode, or of a direct play. */
  setQuality(quality: Pick<TranscodeOptions, 'bitrateKbps' | 'videoResolution'>): void {
    this.#checkRuns();
    this.settle();
    if (this.#transcode !== undefined) this.#replaceTranscode({ ...this.#transcode.options, ...quality });
    else this.#bitrateKbps = quality.bitrateKbps;
    this.#tell(this.#state);
  }

  /** From direct play to a transcode, or to another one. */
  startTranscode(options: TranscodeOptions = {}): void {
    this.#checkRuns();
    this.settle();
    this.#replaceTranscode(options);
    this.#record = this.#newRecord(false);
    this.#tell(this.#state);
  }

  /** Back to direct play. */
  endTranscode(): void {
    this.#checkRuns();
    this.settle();
    this.#stopTranscode();
    this.#record = this.#newRecord(false);
    this.#tell(this.#state);
  }

  /** Autoplay: a new play of another item, under a new session key or under the same. A transcode is begun anew. */
  next(item: Item, { sameKey = false }: { readonly sameKey?: boolean } = {}): void {
    this.#checkRuns();
    this.settle();
    const transcode = this.#transcode?.options;
    this.#stopTranscode();
    if (!sameKey) {
      this.#tell('stopped');
      this.#key = this.#host.nextKey();
      this.#sessionId = this.#host.newId();
    }
    this.#item = item;
    this.#bitrateKbps = undefined;
    this.#offset = 0;
    this.#state = 'playing';
    this.#play = this.#host.nextPlay();
    this.#queueItem += 1;
    if (transcode !== undefined) this.#transcode = this.#newTranscode(transcode);
    this.#record = this.#newRecord(true);
    this.#begin();
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
    this.#stopTranscode();
    if (underNewKey) this.#key = this.#host.nextKey();
    if (!lost && this.#alive) this.#tell('stopped');
    this.#end();
  }

  /** The player dies without a word: it plays no longer, and the server goes on telling of it for about three minutes. */
  kill(): void {
    if (this.#ended) return;
    this.settle();
    this.#alive = false;
  }

  /** @internal Books what was played since the last time. */
  settle(): void {
    const { clock, bandwidth } = this.#host;
    const now = clock.now();
    const from = clock.date() - (now - this.#settledAt);
    const played = this.#plays ? Math.max(0, Math.min(now - this.#settledAt, this.#left)) : 0;
    this.#settledAt = now;
    if (played === 0) return;
    this.#offset += played;
    this.#record.add(played, this.bitrateKbps);
    bandwidth.stream(this.#recipient, from, played, this.bitrateKbps);
  }

  /** @internal Once a simulated second: reports that are due, and ends that have come. */
  tick(): void {
    if (this.#ended || this.#stalled) return;
    this.settle();
    const now = this.#host.clock.now();
    if (!this.#alive) {
      if (now - this.#report.at >= SILENCE_LIMIT_MS) this.#end();
    } else if (this.#left <= 0) {
      this.stop();
    } else if (this.#state === 'playing' && now - this.#report.at >= REPORT_INTERVAL_MS) {
      this.#tell('playing');
    }
    if (!this.#ended) this.#tellTranscode('update');
  }

  /** @internal The server went away. Who was dead already does not come back. */
  disconnect(): void {
    this.settle();
    this.#stalled = true;
    if (!this.#alive) this.#ended = true;
  }

  /** @internal The server is back, and knows nothing of the session. */
  reconnect(): void {
    this.settle();
    this.#stalled = false;
    this.#key = this.#host.nextKey();
    this.#sessionId = this.#host.newId();
    if (this.#transcode !== undefined) this.#transcode = this.#newTranscode(this.#transcode.options);
    this.#begin();
  }

  /** Milliseconds until the item is over. Live television has no end, and a photo is looked at as long as one likes. */
  get #left(): number {
    if (this.#item.kind === 'live' || this.#item.type === 'photo') return Number.POSITIVE_INFINITY;
    return this.#item.durationMs - this.#offset;
  }

  get #plays(): boolean {
    return this.#state === 'playing' && this.#alive && !this.#ended && !this.#stalled;
  }

  #become(state: PlayState): void {
    this.#checkRuns();
    this.settle();
    this.#state = state;
    this.#tell(state);
  }

  #checkRuns(): void {
    if (this.#ended || !this.#alive) throw new Error('the session has ended');
  }

  #newRecord(begins: boolean): TruthRecord {
    const { library, ratingKey, title, kind } = this.#item;
    const section = this.#host.library(library);
    const record = this.#host.truth.record({
      play: this.#play,
      user: this.user.name,
      player: this.player.title,
      library: section?.title ?? '',
      ratingKey,
      title,
      mediaType: mediaTypeOf(this.#item, section),
      delivery: this.#transcode?.delivery ?? 'direct_play',
      location: this.location,
    });
    if (begins && !this.#ghost && kind !== 'preroll' && kind !== 'theme') record.plays = 1;
    return record;
  }

  /** The first report of an item comes before the transcode, and does not name it. */
  #begin(): void {
    this.#tell(this.#state, { withTranscode: false });
    this.#tellTranscode('start');
  }

  #newTranscode(options: TranscodeOptions): Transcode {
    return new Transcode(this.#host.newId(), this.#item, options, this.#host.clock.now(), this.#offset);
  }

  #replaceTranscode(options: TranscodeOptions): void {
    this.#stopTranscode();
    this.#transcode = this.#newTranscode(options);
    this.#tellTranscode('start');
  }

  #stopTranscode(): void {
    this.#tellTranscode('end');
    this.#transcode = undefined;
  }

  #tellTranscode(event: 'start' | 'update' | 'end'): void {
    const { clock } = this.#host;
    if (this.#transcode === undefined) return;
    const key = `/transcode/sessions/${this.#transcode.id}`;
    const entry = this.#transcode.describe(key, clock.now(), this.#offset, clock.date());
    this.#host.notify(`transcodeSession.${event}`, 'TranscodeSession', entry);
  }

  /** The player reports, and the server tells its listeners. */
  #tell(state: PlayState | 'stopped' | 'error', { withTranscode = true } = {}): void {
    const at = this.#host.clock.now();
    if (state !== 'stopped' && state !== 'error') this.#report = { state, viewOffset: Math.round(this.#offset), at };
    const { ratingKey, kind } = this.#item;
    this.#host.notify('playing', 'PlaySessionStateNotification', {
      sessionKey: this.#key,
      clientIdentifier: this.player.machineIdentifier ?? this.player.title,
      guid: '',
      ratingKey,
      url: '',
      key: kind === 'live' ? `/livetv/sessions/${ratingKey}` : `/library/metadata/${ratingKey}`,
      viewOffset: Math.round(this.#offset),
      playQueueItemID: this.#queueItem,
      playQueueID: 21_000 + this.#play,
      state,
      ...(withTranscode && this.#transcode !== undefined ? { transcodeSession: this.#transcode.id } : {}),
    });
  }

  #end(): void {
    this.#stopTranscode();
    this.#ended = true;
    this.#host.forget(this);
  }
}
