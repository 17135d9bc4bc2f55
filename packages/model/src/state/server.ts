/**
 * The state of one media server at one moment, in terms that all of them share: plain, immutable and safe for JSON. What
 * is not known is absent, never 0 and never an empty list: an empty list says that there is nothing.
 */
export interface ServerState {
  readonly platform: Platform;
  /** Whether the server answered when it was last asked. Absent before the first answer or failure. */
  readonly up?: boolean;
  readonly version?: string;
  readonly sessions?: readonly SessionState[];
  readonly transcodes?: readonly TranscodeState[];
  readonly bandwidth?: readonly BandwidthState[];
  readonly libraries?: readonly LibraryState[];
  readonly users?: UsersState;
  readonly channels?: readonly ChannelsState[];
  readonly providers?: readonly ProviderState[];
  readonly jobs?: readonly JobState[];
  readonly rooms?: RoomsState;
  readonly tracks?: readonly TrackState[];
}

export type Platform = 'plex' | 'jellyfin' | 'dispatcharr' | 'playarr' | 'mediasoup';

export type MediaType = 'movie' | 'episode' | 'track' | 'live' | 'photo' | 'video' | 'other';

/** `direct_stream`: the container is changed, the streams are not. `transcode`: video or audio is encoded anew. */
export type Delivery = 'direct_play' | 'direct_stream' | 'transcode';

export type PlaybackState = 'playing' | 'paused' | 'buffering';

/** Where a stream goes: the server's own network, outside, or outside through a relay of the vendor. */
export type Scope = 'lan' | 'wan' | 'relay';

/** Somebody who plays something. */
export interface SessionState {
  /** Tells it from the other sessions of its server. */
  readonly id: string;
  readonly mediaType: MediaType;
  readonly state: PlaybackState;
  /** Absent while the server does not tell how it delivers. */
  readonly delivery?: Delivery;
  readonly scope?: Scope;
  /** What the stream takes. Absent where only a ceiling is known. */
  readonly bitrateBitsPerSecond?: number;
  readonly positionSeconds?: number;
  /** Absent for what has no end, such as live television. */
  readonly durationSeconds?: number;
  /** The person. */
  readonly user?: string;
  /** The application, such as `Plex for Android`. */
  readonly client?: string;
  /** The device it runs on. */
  readonly device?: string;
  /** What a person calls the item; of an episode or a track with its series or artist. */
  readonly title?: string;
  /** The library it is from. */
  readonly library?: string;
}

/** What a transcode encodes anew. */
export type TranscodeKind = 'video' | 'audio' | 'both';

/** One running job. */
export interface TranscodeState {
  readonly kind: TranscodeKind;
  /** The accelerator of the encoder, such as `vaapi`; `none` for the processor. Absent when it is not known. */
  readonly hardware?: string;
  /** Media time over time: 1 keeps up with a player. Absent while the job is held back or has not told. */
  readonly speedRatio?: number;
}

/** What the server sends now. */
export interface BandwidthState {
  readonly scope: Scope;
  readonly bitsPerSecond: number;
}

/** The items of one type in one library. A library of series has their episodes. */
export interface LibraryState {
  readonly library: string;
  readonly mediaType: MediaType;
  readonly items?: number;
  readonly sizeBytes?: number;
  readonly durationSeconds?: number;
}

export interface UsersState {
  /** People who play something now. */
  readonly active: number;
  /** The others who have an account. Absent when the accounts are not known. */
  readonly inactive?: number;
}

export interface ChannelsState {
  readonly provider: string;
  readonly channels: number;
}

/** Where channels come from. */
export interface ProviderState {
  readonly provider: string;
  readonly up?: boolean;
  readonly connections?: number;
  /** Absent when there is no limit, or none is known. */
  readonly connectionsLimit?: number;
}

/** How the runs of a background job ended so far: counters that never go back. */
export interface JobState {
  readonly job: string;
  readonly outcome: JobOutcome;
  readonly runs: number;
  /** How long they took. Absent where that is not known. */
  readonly durations?: Durations;
}

export type JobOutcome = 'success' | 'failure' | 'cancelled';

/** Times of finished runs, as a histogram has them. */
export interface Durations {
  readonly count: number;
  readonly sumSeconds: number;
  /** Ascending; `count` is of all runs that took at most `upToSeconds`. */
  readonly buckets: readonly { readonly upToSeconds: number; readonly count: number }[];
}

export interface RoomsState {
  readonly rooms: number;
  readonly participants: number;
}

/** The tracks of one direction and kind, taken together. */
export interface TrackState {
  /** `receive`: from participants to the server. `send`: from the server to participants. */
  readonly direction: 'receive' | 'send';
  readonly kind: 'audio' | 'video';
  readonly tracks: number;
  /** The arithmetic mean of their scores, from 0 (bad) to 10 (good). Absent when there is no score. */
  readonly meanScore?: number;
  /** All that went over such tracks so far, gone ones included; never goes back. */
  readonly bytes?: number;
}
