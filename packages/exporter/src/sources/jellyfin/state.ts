import type {
  Delivery,
  JobState,
  LibraryState,
  MediaType,
  PlaybackState,
  Scope,
  TranscodeKind,
  TranscodeState,
} from '@media-exporter/model';

/**
 * All that is known of one Jellyfin server: one part for each collector, absent while that has nothing to tell. What is
 * not known is absent, never 0 and never an empty list. Dates are milliseconds since the epoch by the server's clock.
 */
export interface JellyfinState {
  readonly system?: SystemState;
  readonly sessions?: SessionsState;
  readonly playback?: PlaybackTotals;
  readonly users?: readonly JellyfinUser[];
  readonly tasks?: readonly JellyfinTask[];
  readonly jobs?: readonly JobState[];
  readonly storage?: readonly StoragePlace[];
  /** Items of libraries, as they are counted; their sizes once a walk has added them up. */
  readonly libraries?: readonly LibraryState[];
  /** Sizes and durations of libraries by a walk: joined with {@link libraries} by library and type. */
  readonly walked?: readonly LibraryState[];
  /** Running jobs with what their logs and their progress tell; as old as the last look at the logs. */
  readonly transcodes?: readonly LoggedTranscode[];
}

/** Why a server is up or is not. */
export type UpReason = 'ok' | 'unreachable' | 'starting' | 'setup_server' | 'wizard' | 'unauthorized' | 'error';

export interface SystemState {
  readonly reason: UpReason;
  readonly info?: SystemInfo;
}

/** `/System/Info`. */
export interface SystemInfo {
  readonly version: string;
  readonly name: string;
  readonly id: string;
  /** Empty where the server tells none. */
  readonly product: string;
  readonly pendingRestart?: boolean;
  /** False while nobody has set the server up. */
  readonly wizardCompleted?: boolean;
}

export interface JellyfinPlugin {
  readonly name: string;
  readonly version: string;
  /** Raw: Active, Restart, Disabled, NotSupported, Malfunctioned, Superseded, Deleted. */
  readonly status: string;
}

/** The encoding configuration. */
export interface EncodingConfiguration {
  /** In lower case; `none` for the processor. */
  readonly hardware: string;
  readonly hardwareEncoding?: boolean;
}

/** What a client claims; lower case. */
export type PlayMethod = 'directplay' | 'directstream' | 'transcode';

/** One entry of `/Sessions`, reduced to what is read. */
export interface JellyfinSession {
  readonly id: string;
  readonly userId: string;
  readonly user: string;
  readonly client: string;
  readonly clientVersion: string;
  readonly device: string;
  readonly deviceId: string;
  /** Absent where the server does not tell the address. */
  readonly address?: string;
  readonly lastActivity?: number;
  /** Its client has told what it can play: it does when it signs in, and a session that is made anew knows nothing of it. */
  readonly capable?: true;
  /** The only proof that something plays: when the client last reported. Stays after the end of a play. */
  readonly lastCheckIn?: number;
  readonly item?: PlayingItem;
  readonly paused: boolean;
  readonly positionTicks?: number;
  readonly method?: PlayMethod;
  readonly audioStreamIndex?: number;
  readonly subtitleStreamIndex?: number;
  readonly transcoding?: Transcoding;
  /** Who watches along. */
  readonly additionalUsers: readonly { readonly id: string; readonly name: string }[];
}

/** `NowPlayingItem`. */
export interface PlayingItem {
  readonly id: string;
  /** Raw: Movie, Episode, Audio, TvChannel, … */
  readonly type: string;
  readonly mediaType: MediaType;
  /** Of an episode or a track. */
  readonly title: string;
  readonly series?: string;
  readonly season?: number;
  readonly episode?: number;
  /** Absent for live television. */
  readonly runTimeTicks?: number;
  readonly streams: readonly PlayingStream[];
}

/** One entry of `MediaStreams`: video, audio and subtitles; embedded pictures are left out. */
export interface PlayingStream {
  readonly type: 'video' | 'audio' | 'subtitle';
  readonly index: number;
  /** Lower case; empty where it is not told. */
  readonly codec: string;
  readonly bitsPerSecond?: number;
  readonly width?: number;
  readonly height?: number;
  /** Frames per second of the source; absent where it is absurd. */
  readonly framerate?: number;
  readonly external: boolean;
}

/** `TranscodingInfo`. Its progress is absent before the first and after the last line of ffmpeg. */
export interface Transcoding {
  readonly videoCodec?: string;
  readonly audioCodec?: string;
  readonly videoDirect: boolean;
  readonly audioDirect: boolean;
  /** A ceiling, not a rate. */
  readonly bitsPerSecond?: number;
  /** ffmpeg's average since the job began or was restarted by a seek. */
  readonly framerate?: number;
  /** Where the encoder is in the item, 0 to 1. */
  readonly completionRatio?: number;
  readonly width?: number;
  readonly height?: number;
  /** What the server is set to, in lower case: not what this job does. */
  readonly hardwareSetting?: string;
  readonly reasons: readonly string[];
}

export interface SessionsState {
  /** All but those of nobody. */
  readonly sessions: readonly JellyfinSession[];
  /** The playing ones that their clients confirm. */
  readonly active: readonly ActiveSession[];
  /** People who play, browse or pause. */
  readonly activeUsers: number;
  /** One for each device that something is encoded for. */
  readonly transcodes: readonly ActiveTranscode[];
}

export interface ActiveSession {
  readonly session: JellyfinSession;
  readonly item: PlayingItem;
  readonly state: PlaybackState;
  /** What the client claims, but for a transcode that copies both streams. */
  readonly method?: PlayMethod;
  /** What is done, as far as it can be seen. */
  readonly delivery?: Delivery;
  readonly transcoding?: Transcoding;
  readonly scope?: Scope;
  /** Of the media, where all that flows is copied. */
  readonly bitsPerSecond?: number;
  /** At most that, where a stream is encoded. */
  readonly ceilingBitsPerSecond?: number;
}

export interface ActiveTranscode {
  readonly session: JellyfinSession;
  readonly transcoding: Transcoding;
  readonly kind: TranscodeKind;
  /** Media time over time, where it can be told. */
  readonly speedRatio?: number;
}

/** A running job that encodes something, by its log. */
export interface LoggedTranscode extends TranscodeState {
  /** The id of the item, unless that has several versions. */
  readonly mediaSourceId: string;
}

/** Counters of what was played, by media type and by what the clients claim. */
export interface PlaybackTotals {
  readonly rows: readonly {
    readonly mediaType: MediaType;
    readonly method: PlayMethod;
    readonly plays: number;
    readonly seconds: number;
  }[];
}

/** One entry of the activity log. */
export interface ActivityEntry {
  readonly id: number;
  /** From a closed set, else `other`. */
  readonly type: string;
  readonly severity: string;
  readonly date?: number;
  /** Empty where nobody did it. */
  readonly userId: string;
  readonly itemId?: string;
}

export interface JellyfinUser {
  readonly id: string;
  readonly name: string;
  readonly administrator: boolean;
  readonly disabled: boolean;
  readonly lastLogin?: number;
  readonly lastActivity?: number;
}

/** One entry of `/ScheduledTasks`. */
export interface JellyfinTask {
  /** Does not change with the language of the server. */
  readonly key: string;
  readonly state: 'idle' | 'running' | 'cancelling';
  /** 0 to 1; absent unless it runs. */
  readonly progressRatio?: number;
  readonly last?: TaskResult;
}

export interface TaskResult {
  readonly start: number;
  readonly end: number;
  readonly status: 'completed' | 'failed' | 'cancelled' | 'aborted';
}

/** A folder of the server, and the figures of the whole file system that it lies on. */
export interface StoragePlace {
  /** What is there: a fixed name, or that of the library. */
  readonly location: string;
  readonly path: string;
  readonly device?: string;
  readonly freeBytes: number;
  readonly usedBytes: number;
}
