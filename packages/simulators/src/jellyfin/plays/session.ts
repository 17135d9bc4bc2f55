import { playingItem, queuedItem, type Server } from '../library/dto.ts';
import type { Item } from '../library/item.ts';
import type { Account, Device } from '../people.ts';
import { dateText, idOf, type JsonObject, NEVER, ticks, ZERO_ID } from '../text.ts';

export type PlayMethod = 'DirectPlay' | 'DirectStream' | 'Transcode';

/** What a client reports of its playing. */
export interface Report {
  readonly item: Item;
  /** Seconds. */
  readonly position: number;
  readonly paused: boolean;
  /** What it claims. */
  readonly method: PlayMethod;
  readonly playSessionId: string;
  readonly queue: readonly Item[];
  readonly subtitleIndex?: number | undefined;
}

/** The encoder's work as a session tells of it. */
export interface TranscodingInfo {
  readonly audioCodec?: string | undefined;
  readonly videoCodec?: string | undefined;
  readonly container: string;
  readonly videoDirect: boolean;
  readonly audioDirect: boolean;
  readonly bitrate: number;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly audioChannels: number;
  readonly reasons: readonly string[];
  /** Absent where the line does not tell it. */
  hardware?: string | undefined;
  /** Absent before ffmpeg tells of its progress, and after it has ended. */
  readonly progress?: { readonly framesPerSecond: number; readonly percent?: number | undefined };
}

/** A session as the server holds it: until a restart, whether its client lives or not. */
export interface Session {
  readonly id: string;
  readonly device: Device;
  /** Undefined: of no user, as the socket of an API key is. */
  readonly user: Account | undefined;
  readonly additional: Account[];
  /** Milliseconds since the epoch. 0: never. */
  lastActivity: number;
  /** Its client has told what it can play, as it does when it signs in. */
  capable: boolean;
  lastCheckIn: number;
  pausedAt: number;
  playing: (Report & { ticks: number }) | undefined;
  transcoding: TranscodingInfo | undefined;
  active: boolean;
  /** Stops the timer that advances the position. */
  stopTimer: () => void;
}

export function sessionId(device: Device): string {
  return idOf('session', device.client, device.id);
}

export function sessionJson(session: Session, server: Server): JsonObject {
  const { capable, device, playing, user } = session;
  const { dialect } = server;
  const listening = capable ? ['Video', 'Audio'] : [];
  const commands = capable ? ['PlayState'] : [];
  return {
    PlayState: playState(session, server),
    AdditionalUsers: session.additional.map(({ id, name }) => ({ UserId: id, UserName: name })),
    Capabilities: {
      PlayableMediaTypes: listening,
      SupportedCommands: commands,
      SupportsMediaControl: false,
      SupportsPersistentIdentifier: true,
    },
    RemoteEndPoint: device.address,
    PlayableMediaTypes: listening,
    Id: session.id,
    UserId: user?.id ?? ZERO_ID,
    UserName: user?.name,
    Client: device.client,
    LastActivityDate: dateText(session.lastActivity),
    LastPlaybackCheckIn: session.lastCheckIn === 0 ? NEVER : dateText(session.lastCheckIn),
    LastPausedDate: dialect.since109 && session.pausedAt !== 0 ? dateText(session.pausedAt) : undefined,
    DeviceName: device.name,
    NowPlayingItem: playing === undefined ? undefined : playingItem(playing.item, server),
    DeviceId: device.id,
    ApplicationVersion: device.version,
    TranscodingInfo: session.transcoding === undefined ? undefined : transcodingJson(session.transcoding),
    IsActive: session.active,
    SupportsMediaControl: false,
    SupportsRemoteControl: false,
    NowPlayingQueue: queueIds(playing?.queue ?? [], server),
    NowPlayingQueueFullItems: dialect.queueFullItems
      ? (playing?.queue ?? []).map((item) => queuedItem(item, server))
      : undefined,
    HasCustomDeviceName: false,
    ServerId: server.id,
    SupportedCommands: commands,
  };
}

function queueIds(queue: readonly Item[], { dialect }: Server): readonly JsonObject[] {
  if (dialect.since12) return []; // as recorded
  return queue.map(({ id }, index) => ({ Id: id, PlaylistItemId: `playlistItem${index}` }));
}

function playState({ playing }: Session, { dialect }: Server): JsonObject {
  return {
    PositionTicks: playing?.ticks,
    CanSeek: playing !== undefined,
    IsPaused: playing?.paused ?? false,
    IsMuted: false,
    VolumeLevel: playing === undefined ? undefined : 90,
    AudioStreamIndex: playing?.item.video === undefined ? undefined : 1,
    SubtitleStreamIndex: playing?.subtitleIndex,
    MediaSourceId: playing?.item.id,
    PlayMethod: playing?.method,
    RepeatMode: 'RepeatNone',
    PlaybackOrder: dialect.since109 ? 'Default' : undefined,
  };
}

function transcodingJson(info: TranscodingInfo): JsonObject {
  return {
    AudioCodec: info.audioCodec,
    VideoCodec: info.videoCodec,
    Container: info.container,
    IsVideoDirect: info.videoDirect,
    IsAudioDirect: info.audioDirect,
    Bitrate: info.bitrate,
    Framerate: info.progress?.framesPerSecond,
    CompletionPercentage: info.progress?.percent,
    Width: info.width,
    Height: info.height,
    AudioChannels: info.audioChannels,
    HardwareAccelerationType: info.hardware,
    TranscodeReasons: info.reasons,
  };
}

export function positionTicks(report: Report): number {
  return ticks(report.position);
}
