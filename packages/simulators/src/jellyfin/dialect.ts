/** The lines of Jellyfin that differ in what a monitor sees. */
export type JellyfinVersion = '10.8' | '10.11' | '12.0';

/** What a line does where the others do something else. */
export interface Dialect {
  readonly version: string;
  readonly runtime: string;
  /** `X-Emby-Token`, `?api_key=`, the scheme `Emby` …: EnableLegacyAuthorization, which 12.0 switches off. */
  readonly legacyAuth: boolean;
  /** Paths under /emby and /mediabrowser answer. */
  readonly embyPrefixes: boolean;
  /** The setup server that answers while migrations run (10.11). */
  readonly setupServer: boolean;
  /** /System/Info/Storage (10.11), and what its DeviceId holds. */
  readonly storage: 'none' | 'path' | 'mount';
  /** PlaybackOrder, LastPausedDate, IsHearingImpaired, AudioSpatialFormat … (10.9). */
  readonly since109: boolean;
  /** ReferenceFrameRate in streams, the encoding configuration in lower-case enums (10.10). */
  readonly since1010: boolean;
  /** IsOriginal and LocalizedOriginal in streams, no IsAVC and Level on those without a picture, no CodecTag (12.0). */
  readonly since12: boolean;
  /** NowPlayingQueueFullItems in each session (gone in 12.0). */
  readonly queueFullItems: boolean;
  /** POST /System/Restart stays in the process, and its counters go on. */
  readonly restartsInProcess: boolean;
}

const old: Dialect = {
  version: '10.8.13',
  runtime: '.NET 6.0.25',
  legacyAuth: true,
  embyPrefixes: true,
  setupServer: false,
  storage: 'none',
  since109: false,
  since1010: false,
  since12: false,
  queueFullItems: true,
  restartsInProcess: false,
};

const middle: Dialect = {
  ...old,
  version: '10.11.11',
  runtime: '.NET 9.0.22',
  setupServer: true,
  storage: 'path',
  since109: true,
  since1010: true,
  restartsInProcess: true,
};

const recent: Dialect = {
  ...middle,
  version: '12.0.0',
  runtime: '.NET 10.0.12',
  legacyAuth: false,
  embyPrefixes: false,
  storage: 'mount',
  since12: true,
  queueFullItems: false,
};

export const DIALECTS: Readonly<Record<JellyfinVersion, Dialect>> = { '10.8': old, '10.11': middle, '12.0': recent };
