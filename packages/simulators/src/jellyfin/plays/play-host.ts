import type { Clock } from '@media-exporter/metrics';
import type { Item } from '../library/item.ts';
import type { Account, Device } from '../people.ts';
import type { TranscodeOptions } from '../transcoding/transcode.ts';
import type { Truth } from '../truth.ts';
import type { PlayMethod, Report } from './session.ts';

export interface PlaySettings {
  readonly user: Account;
  readonly device: Device;
  readonly item: Item;
  /** What the client tells the server. By default the truth: `Transcode` where ffmpeg works for it, `DirectPlay` else. */
  readonly claim?: PlayMethod;
  /** ffmpeg works for it. */
  readonly transcode?: TranscodeOptions;
  /** Seconds into the item. */
  readonly from?: number;
  readonly paused?: boolean;
  readonly queue?: readonly Item[];
  /** From the order to the start; the server knows nothing of the play before. */
  readonly startAfterMs?: number;
  readonly reportEveryMs?: number;
  /** The client reports a start though ffmpeg failed and it shows nothing. */
  readonly startsThoughFailed?: boolean;
  readonly subtitleIndex?: number;
}

/** @internal What a play needs of its server. The reports are lost while the server is down. */
export interface PlayHost {
  readonly clock: Clock;
  readonly truth: Truth;
  signIn(device: Device, user: Account): void;
  report(kind: 'start' | 'progress' | 'stop', device: Device, user: Account, report: Report): void;
  transcode(device: Device, item: Item, playSessionId: string, from: number, options: TranscodeOptions): void;
  endTranscode(playSessionId: string): void;
  /** The others in the session of this device. */
  together(device: Device): readonly Account[];
  /** @throws RangeError when there is no such user. */
  join(device: Device, name: string): void;
  leave(device: Device, name: string): void;
  signOut(device: Device): void;
}
