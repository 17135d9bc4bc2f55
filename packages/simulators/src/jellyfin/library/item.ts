import type { LibraryKind, PlayableType } from './kinds.ts';

export interface VideoTrack {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** Bits per second. 0 where the server does not know it. */
  readonly bitrate: number;
  readonly hdr: boolean;
}

export interface AudioTrack {
  readonly codec: string;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bitrate: number;
  readonly language?: string;
}

export interface SubtitleTrack {
  readonly codec: string;
  readonly language: string;
  readonly external: boolean;
}

/** One thing of a library that can be played, as the simulator knows it; `dto.ts` says how the server tells it. */
export interface Item {
  readonly id: string;
  readonly name: string;
  readonly type: PlayableType;
  readonly path: string;
  /** As ffprobe names it: `mkv`, `mov,mp4,m4a,3gp,3g2,mj2`, `flac` … Absent for an empty file. */
  readonly container?: string;
  readonly bytes?: number;
  /** Seconds. Absent for live television and empty files. */
  readonly runtime?: number;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly year?: number;
  readonly overview?: string;
  readonly providers: Readonly<Record<string, string>>;
  readonly video?: VideoTrack;
  readonly audio: readonly AudioTrack[];
  readonly subtitles: readonly SubtitleTrack[];
  /** A picture inside a sound file, which is listed as a stream. */
  readonly cover?: boolean;
  readonly parentId: string;
  readonly series?: { readonly id: string; readonly name: string; readonly season: number; readonly seasonId: string };
  readonly album?: { readonly id: string; readonly name: string };
  /** Episode or track number. */
  readonly index?: number;
  readonly libraryKind: LibraryKind;
}

/** Video and the first sound, together, in bits per second. */
export function bitrateOf(item: Item): number {
  return (item.video?.bitrate ?? 0) + (item.audio[0]?.bitrate ?? 0);
}
