import type { Delivery, MediaType, PlaybackState, Scope, TranscodeKind } from '@media-exporter/model';

/** All that is known of one Plex Media Server. What is not known is absent, never 0 and never an empty list. */
export interface PlexState {
  readonly server?: PlexServer;
  /** How the server was called when it last told, perhaps to an earlier run. */
  readonly lastServer?: NamedServer;
  readonly libraries?: readonly PlexLibrary[];
  readonly sessions?: readonly PlexSession[];
  /** Only with Plex Pass. */
  readonly resources?: PlexResources;
  readonly activities?: readonly PlexActivity[];
  /** Optimising and converting, which goes on without a viewer. */
  readonly backgroundJobs?: readonly PlexBackgroundJob[];
  readonly update?: PlexUpdate;
  /** How many accounts the server knows. */
  readonly accounts?: number;
  readonly socket: PlexSocketState;
}

/** What tells one server from another. */
export type NamedServer = Pick<PlexServer, 'name' | 'id'>;

export interface PlexServer {
  /** `friendlyName`. */
  readonly name: string;
  /** `machineIdentifier`. */
  readonly id: string;
  readonly version: string;
  readonly platform: string;
  readonly platformVersion: string;
  readonly plexPass?: boolean;
  /** Whether the server can be reached from outside, as it says itself. */
  readonly remoteAccess?: boolean;
  /** Video transcodes by the server's own count. */
  readonly transcoderActiveVideoSessions?: number;
}

/** Other Videos are libraries of type `movie` that only their agent and scanner tell from movies. */
export type LibraryKind = 'movie' | 'show' | 'artist' | 'photo' | 'other_video';

export interface PlexLibrary {
  readonly id: string;
  /** The raw type: movie, show, artist, music, photo, homevideo. */
  readonly type: string;
  readonly kind: LibraryKind;
  readonly title: string;
  readonly durationMilliseconds?: number;
  readonly storageBytes?: number;
  readonly refreshing?: boolean;
  /** Milliseconds since the epoch. */
  readonly scannedAt?: number;
  /** Each absent until it has been counted. */
  readonly counts: Readonly<Partial<Record<LibraryContent, number>>>;
}

/** `items`: what the library shows at its top level where that is none of the others (Other Videos, photo albums). */
export type LibraryContent =
  | 'movies'
  | 'shows'
  | 'seasons'
  | 'episodes'
  | 'artists'
  | 'albums'
  | 'tracks'
  | 'photos'
  | 'items';

/** One entry of `/status/sessions`, with what the facts about it were joined from elsewhere. */
export interface PlexSession {
  readonly sessionKey: string;
  readonly ratingKey: string;
  /** Raw: movie, episode, track, clip, photo. */
  readonly type: string;
  readonly mediaType: MediaType;
  readonly live: boolean;
  /** A pre-roll or a trailer before the film: it is no play of its own. */
  readonly preroll: boolean;
  readonly title: string;
  readonly parentTitle?: string;
  readonly grandparentTitle?: string;
  /** Empty where the session has none. Live TV and pre-rolls have negative ids at the server. */
  readonly librarySectionId?: string;
  readonly librarySectionTitle?: string;
  readonly userId?: string;
  readonly user: string;
  readonly player: PlexPlayer;
  readonly state: PlaybackState;
  readonly positionMilliseconds?: number;
  readonly durationMilliseconds?: number;
  /** What the server has put aside for the stream; not what flows. */
  readonly reservedBitsPerSecond?: number;
  readonly scope?: Scope;
  readonly secure?: boolean;
  /** Of the medium that is played. Absent for photos and for sessions that have just begun. */
  readonly media?: PlexMedia;
  /** Of the file as it lies in the library, from its metadata. */
  readonly fileResolution?: string;
  /** By the decisions about its streams, where the server tells them. */
  readonly delivery?: Delivery;
  readonly transcodeKind?: TranscodeKind;
  readonly subtitleAction: SubtitleAction;
  readonly transcode?: PlexTranscode;
  /** When the player last reported, on the timeline of the source (ms). */
  readonly confirmedAt?: number;
  /** When an event first told of the session, on the timeline of the source (ms). */
  readonly startedAt?: number;
}

export type SubtitleAction = 'burn' | 'copy' | 'transcode' | 'none';

export interface PlexPlayer {
  readonly id: string;
  /** May be empty: some players tell no device. */
  readonly device: string;
  readonly product: string;
  readonly title: string;
  readonly platform: string;
}

export interface PlexMedia {
  readonly bitrateBitsPerSecond?: number;
  /** Raw: `1080`, `720p`, `4k`, `sd`. */
  readonly resolution?: string;
  /** `Part.decision`, raw: directplay, transcode, copy. */
  readonly decision?: string;
}

export interface PlexTranscode {
  /** The last segment of its key. */
  readonly id: string;
  readonly throttled?: boolean;
  readonly complete?: boolean;
  readonly error?: boolean;
  /** 0 to 1. */
  readonly progressRatio?: number;
  /** Media time over time. Absent while throttled. */
  readonly speedRatio?: number;
  readonly remainingSeconds?: number;
  readonly hardwareRequested?: boolean;
  /** Such as `vaapi`; absent: the processor does it. */
  readonly hardwareDecoding?: string;
  readonly hardwareEncoding?: string;
  readonly hardwareFullPipeline?: boolean;
}

export interface PlexResources {
  /** Milliseconds since the epoch, by the server's clock. */
  readonly at: number;
  readonly hostCpuPercent?: number;
  readonly hostMemoryPercent?: number;
  readonly processCpuPercent?: number;
  readonly processMemoryPercent?: number;
}

export interface PlexActivity {
  readonly id: string;
  /** Such as `library.update.section` and `media.download`. */
  readonly type: string;
  /** 0 to 1. */
  readonly progressRatio?: number;
}

export interface PlexBackgroundJob {
  readonly type: string;
  readonly progressRatio?: number;
  readonly speedRatio?: number;
  readonly remainingSeconds?: number;
}

export interface PlexUpdate {
  readonly available: boolean;
}

export interface PlexSocketState {
  readonly connected: boolean;
  /** Times it was connected again after it was lost. */
  readonly reconnects: number;
  /** Milliseconds since the epoch; absent before the first message. */
  readonly lastMessageAt?: number;
  /** By type, of those that are known; the rest under `other`. */
  readonly messages: Readonly<Record<string, number>>;
}

/**
 * Counters of a Plex server. They come from the state store at the start and never go back. Before the first look at the
 * sessions, in this run or an earlier one, those that would be 0 are absent.
 */
export interface PlexTotals {
  readonly plays: readonly PlayRow[];
  /** By media type and delivery, in the vocabulary that all servers share. */
  readonly unified?: readonly {
    readonly mediaType: MediaType;
    readonly delivery: Delivery;
    readonly plays: number;
    readonly seconds: number;
  }[];
  /** Bitrate times play time, bytes. */
  readonly estimatedBytes?: number;
  /** What the server says it sent; absent until its first row was counted, and without Plex Pass. */
  readonly transmitted?: readonly { readonly scope: Scope; readonly account: string; readonly bytes: number }[];
  readonly bufferingEvents?: number;
  readonly errorEvents?: number;
}

/** Plays and seconds under the label values of the seed's play counters, in their order there. */
export interface PlayRow {
  readonly labels: readonly string[];
  readonly plays: number;
  readonly seconds: number;
}
