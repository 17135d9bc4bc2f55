import type { Clock } from '@media-exporter/metrics';
import type { BandwidthLedger } from './bandwidth.ts';
import type { Item, Library } from './library.ts';
import type { Account, Player } from './people.ts';
import type { TranscodeOptions } from './transcode.ts';
import type { Location, Truth } from './truth.ts';

/** What a session needs of its server. */
export interface SessionHost {
  readonly clock: Clock;
  readonly truth: Truth;
  readonly bandwidth: BandwidthLedger;
  item(item: string | Item): Item;
  library(id: string | undefined): Library | undefined;
  deviceId(player: Player): number;
  nextKey(): string;
  nextPlay(): number;
  newId(): string;
  /** Lost while the server is down. */
  notify(type: string, name: string, entry: Record<string, unknown>): void;
}

export type PlayState = 'playing' | 'paused' | 'buffering';

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
  /** Absent: a direct play. */
  readonly transcode?: TranscodeOptions;
  /** Of a direct play; defaults to the file's. */
  readonly bitrateKbps?: number;
  /** Where in the media it begins. */
  readonly offsetMs?: number;
  readonly paused?: boolean;
  /** After how long the session stands in /status/sessions. */
  readonly appearsAfterMs?: number;
  /** After how long it has Media there. */
  readonly mediaAfterMs?: number;
  /** The TranscodeSession stands in Media instead of beside it. */
  readonly nestedTranscode?: boolean;
  /** A session without anybody who watches. */
  readonly ghost?: boolean;
}
