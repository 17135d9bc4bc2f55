import type { Item } from '../library/item.ts';
import type { Account, Device } from '../people.ts';
import { idOf } from '../text.ts';
import type { JobKind, TranscodeOptions } from '../transcoding/transcode.ts';
import type { Delivery, PlayEnd, TruthRecord } from '../truth.ts';
import type { PlayHost, PlaySettings } from './play-host.ts';
import type { PlayMethod } from './session.ts';

/** A playing client reports this often. */
export const REPORT_INTERVAL_MS = 10_000;

/** From the order to the first picture, where ffmpeg has to start first. */
const TRANSCODE_START_MS = 2000;

/** Somebody who plays something. Each method is what the person or the player does now. */
export class SimulatedPlay {
  readonly user: Account;
  readonly device: Device;
  readonly #host: PlayHost;
  readonly #settings: PlaySettings;
  #item: Item;
  #transcode: TranscodeOptions | undefined;
  #claim: PlayMethod | undefined;
  #playSessionId: string;
  #plays = 0;
  #position: number;
  #paused: boolean;
  #settledAt: number;
  #record: TruthRecord | undefined;
  #cancel: () => void = () => {};
  #phase: 'requested' | 'playing' | 'ended' = 'requested';

  constructor(host: PlayHost, settings: PlaySettings) {
    this.#host = host;
    this.#settings = settings;
    this.user = settings.user;
    this.device = settings.device;
    this.#item = settings.item;
    this.#transcode = settings.transcode;
    this.#claim = settings.claim;
    this.#position = settings.from ?? 0;
    this.#paused = settings.paused ?? false;
    this.#settledAt = host.clock.now();
    this.#playSessionId = this.#newId();
    host.signIn(settings.device, settings.user);
    this.#request();
  }

  get item(): Item {
    return this.#item;
  }

  get playSessionId(): string {
    return this.#playSessionId;
  }

  /** Seconds into the item, where the player really is. */
  get position(): number {
    this.settle();
    return this.#position;
  }

  /** Whether a start was reported, and no end since. */
  get playing(): boolean {
    return this.#phase === 'playing';
  }

  get ended(): boolean {
    return this.#phase === 'ended';
  }

  /** @param options.silent it is told once, and no more before something else happens. */
  pause({ silent = false }: { silent?: boolean } = {}): void {
    this.settle();
    this.#paused = true;
    this.#report();
    if (silent) this.#cancel();
  }

  resume(): void {
    this.settle();
    this.#paused = false;
    this.#report();
  }

  /** @param seconds into the item. Where ffmpeg works, it starts anew from there. */
  seek(seconds: number): void {
    if (this.#phase === 'ended') return;
    this.settle();
    this.#position = seconds;
    if (this.#transcode !== undefined) this.#encode(this.#transcode);
    this.#report();
  }

  /** Another quality: ffmpeg is stopped and starts anew under another play session, or is no more needed. */
  setQuality(transcode: TranscodeOptions | undefined): void {
    if (this.#phase === 'ended') return;
    this.settle();
    if (this.#transcode !== undefined) this.#host.endTranscode(this.#playSessionId);
    this.#playSessionId = this.#newId();
    this.#transcode = transcode;
    if (transcode !== undefined) this.#encode(transcode);
    this.#report();
  }

  /** ffmpeg starts to work for it. */
  startTranscode(transcode: TranscodeOptions = {}): void {
    this.setQuality(transcode);
  }

  endTranscode(): void {
    this.setQuality(undefined);
  }

  /** Tells the server this from now on, whether true or not. */
  setClaim(claim: PlayMethod | undefined): void {
    this.#claim = claim;
    this.#report();
  }

  /** The next item, with a report that this one has stopped unless told otherwise: then the server sees it swapped in place. */
  next(item: Item, { stopped = true, transcode }: { stopped?: boolean; transcode?: TranscodeOptions } = {}): void {
    this.settle();
    if (stopped && this.#phase === 'playing') this.#say('stop');
    this.#finish(stopped ? 'stopped' : 'replaced');
    if (this.#transcode !== undefined) this.#host.endTranscode(this.#playSessionId);
    this.#item = item;
    this.#transcode = transcode;
    this.#position = 0;
    this.#paused = false;
    this.#playSessionId = this.#newId();
    this.#phase = 'requested';
    this.#request();
  }

  /**
   * Somebody else watches too, and the server is told.
   *
   * @throws RangeError when there is no such user.
   */
  join(name: string): void {
    this.settle();
    this.#host.join(this.device, name);
  }

  leave(name: string): void {
    this.settle();
    this.#host.leave(this.device, name);
  }

  /** @param options.lost the report of the end never arrives. */
  stop({ lost = false }: { lost?: boolean } = {}): void {
    this.#end(lost ? 'lost' : 'stopped');
  }

  /** The player dies: no report any more, and the server knows nothing of it. */
  kill(): void {
    this.#end('killed');
  }

  /** A report of progress that comes after the end, and brings the session back. */
  lateReport(): void {
    this.#say('progress');
  }

  /** The client goes for good, and the server forgets its session. */
  signOut(): void {
    if (this.#phase !== 'ended') this.stop();
    this.#host.signOut(this.device);
  }

  /** @internal Brings the truth up to the present. */
  settle(): void {
    const now = this.#host.clock.now();
    const passed = now - this.#settledAt;
    this.#settledAt = now;
    if (this.#phase !== 'playing' || this.#paused) return;
    const left = this.#item.runtime === undefined ? passed : (this.#item.runtime - this.#position) * 1000;
    const played = Math.max(0, Math.min(passed, left));
    this.#position += played / 1000;
    const record = this.#record;
    if (record === undefined) return;
    const watched = record.identity.failed ? 0 : played;
    record.milliseconds += watched;
    for (const { name } of this.#host.together(this.device)) {
      record.together.set(name, (record.together.get(name) ?? 0) + watched);
    }
  }

  get #failed(): boolean {
    const failure = this.#transcode?.failure;
    return failure !== undefined && (failure.afterMs ?? 0) <= this.#startDelay;
  }

  get #startDelay(): number {
    return this.#settings.startAfterMs ?? (this.#transcode === undefined ? 0 : TRANSCODE_START_MS);
  }

  #request(): void {
    if (this.#transcode !== undefined) this.#encode(this.#transcode);
    const delay = this.#startDelay;
    if (delay === 0) this.#start();
    else this.#cancel = this.#host.clock.after(delay, () => this.#start());
  }

  #start(): void {
    const failed = this.#failed;
    if (failed && this.#settings.startsThoughFailed !== true) {
      this.#phase = 'ended';
      return;
    }
    this.#settledAt = this.#host.clock.now();
    this.#phase = 'playing';
    const { user, device } = this;
    this.#record = this.#host.truth.play(
      {
        user: user.name,
        client: device.client,
        deviceId: device.id,
        itemId: this.#item.id,
        type: this.#item.type,
        claimed: this.#claimed,
        actual: deliveryOf(this.#transcode),
        failed,
      },
      this.#settledAt,
    );
    this.#say('start');
    this.#wait();
  }

  #wait(): void {
    const every = this.#settings.reportEveryMs ?? REPORT_INTERVAL_MS;
    const left = ((this.#item.runtime ?? Number.POSITIVE_INFINITY) - this.#position) * 1000;
    const ends = !this.#paused && left <= every;
    this.#cancel();
    this.#cancel = this.#host.clock.after(ends ? Math.max(0, left) : every, () => {
      if (ends) this.#end('finished');
      else this.#report();
    });
  }

  #report(): void {
    if (this.#phase !== 'playing') return;
    this.settle();
    this.#say('progress');
    this.#wait();
  }

  #end(end: PlayEnd): void {
    if (this.#phase === 'ended') return;
    this.settle();
    this.#cancel();
    const told = end === 'stopped' || end === 'finished';
    if (told && this.#transcode !== undefined) this.#host.endTranscode(this.#playSessionId);
    if (told && this.#phase === 'playing') this.#say('stop');
    this.#finish(end);
  }

  #finish(end: PlayEnd): void {
    this.#cancel();
    this.#phase = 'ended';
    if (this.#record === undefined || this.#record.end !== undefined) return;
    this.#record.end = end;
    this.#record.endedAt = this.#host.clock.now();
  }

  #encode(options: TranscodeOptions): void {
    this.#host.transcode(this.device, this.#item, this.#playSessionId, this.#position, options);
  }

  get #claimed(): PlayMethod {
    return this.#claim ?? (this.#transcode === undefined ? 'DirectPlay' : 'Transcode');
  }

  #say(kind: 'start' | 'progress' | 'stop'): void {
    const { queue = [], subtitleIndex } = this.#settings;
    this.#host.report(kind, this.device, this.user, {
      item: this.#item,
      position: this.#position,
      paused: this.#paused,
      method: this.#claimed,
      playSessionId: this.#playSessionId,
      queue,
      subtitleIndex,
    });
  }

  #newId(): string {
    this.#plays += 1;
    return idOf('play', this.device.client, this.device.id, this.#host.clock.now(), this.#plays);
  }
}

function deliveryOf(transcode: TranscodeOptions | undefined): Delivery {
  if (transcode === undefined) return 'directplay';
  const kind: JobKind = transcode.kind ?? 'video';
  return kind === 'remux' ? 'directstream' : 'transcode';
}
