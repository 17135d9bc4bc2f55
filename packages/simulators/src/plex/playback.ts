import type { Recipient } from './bandwidth.ts';
import type { PlayState, SessionHost } from './host.ts';
import { type Item, mediaTypeOf } from './library.ts';
import type { Account, Player } from './people.ts';
import type { Delivery, Location, TruthKind, TruthRecord } from './truth.ts';

export interface Viewer {
  readonly user: Account;
  readonly player: Player;
  readonly location: Location;
  /** A session without anybody who watches. */
  readonly ghost: boolean;
}

/** What a player really does, and what it took: this is booked in the truth, whatever the server is told. */
export class Playback {
  item: Item;
  state: PlayState;
  /** Milliseconds of the media. */
  offset: number;
  /** Of the stream. */
  kbps = 0;
  /** Nothing moves: the player is dead, or waits for its server. */
  halted = false;
  /** The number of the play in the truth. */
  play = 0;
  readonly #host: SessionHost;
  readonly #viewer: Viewer;
  readonly #recipient: Recipient;
  #record: TruthRecord | undefined;
  #settledAt: number;

  constructor(host: SessionHost, viewer: Viewer, item: Item, state: PlayState, offset: number) {
    this.#host = host;
    this.#viewer = viewer;
    this.item = item;
    this.state = state;
    this.offset = offset;
    this.#settledAt = host.clock.now();
    const { user, player, location } = viewer;
    this.#recipient = { accountID: user.id, deviceID: host.deviceId(player), location, owed: 0 };
  }

  /** A new play of the item. */
  begin(delivery: Delivery): void {
    this.play = this.#host.nextPlay();
    const record = this.#newRecord(delivery);
    if (record.identity.kind === 'play') record.plays = 1;
    this.#record = record;
  }

  /** The same play under another delivery. */
  deliver(delivery: Delivery): void {
    this.#record = this.#newRecord(delivery);
  }

  /** Books what was played since the last time. */
  settle(): void {
    const { clock, bandwidth } = this.#host;
    const now = clock.now();
    const from = clock.date() - (now - this.#settledAt);
    const moves = this.state === 'playing' && !this.halted && !this.#viewer.ghost;
    const played = moves ? Math.max(0, Math.min(now - this.#settledAt, this.left)) : 0;
    this.#settledAt = now;
    if (played === 0) return;
    this.offset += played;
    this.#record?.add(played, this.kbps);
    bandwidth.stream(this.#recipient, from, played, this.kbps);
  }

  /** Milliseconds until the item is over. Live television has no end, and a photo is looked at as long as one likes. */
  get left(): number {
    const { kind, type, durationMs } = this.item;
    return kind === 'live' || type === 'photo' ? Number.POSITIVE_INFINITY : durationMs - this.offset;
  }

  #newRecord(delivery: Delivery): TruthRecord {
    const { user, player, location } = this.#viewer;
    const { library, ratingKey, title } = this.item;
    const section = this.#host.library(library);
    return this.#host.truth.record({
      play: this.play,
      kind: this.#kind,
      user: user.name,
      player: player.title,
      library: section?.title ?? '',
      ratingKey,
      title,
      mediaType: mediaTypeOf(this.item, section),
      delivery,
      location,
    });
  }

  get #kind(): TruthKind {
    if (this.#viewer.ghost) return 'ghost';
    const { kind } = this.item;
    return kind === 'preroll' || kind === 'theme' ? kind : 'play';
  }
}
