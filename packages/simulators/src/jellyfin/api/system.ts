import type { Answer } from '../../faults/index.ts';
import type { Library } from '../library.ts';
import type { ServerState } from '../state.ts';
import { idOf, type JsonObject } from '../text.ts';
import { type ApiRequest, empty, json, text } from './answer.ts';
import { ownMetrics } from './metrics.ts';

const DATA = '/var/lib/jellyfin';
const CACHE = '/var/cache/jellyfin';
const LOGS = '/var/log/jellyfin';
const WEB = '/usr/share/jellyfin/web';

export function publicInfo(state: ServerState): JsonObject {
  const { settings, dialect } = state;
  return {
    LocalAddress: state.address,
    ServerName: settings.name,
    Version: settings.version,
    ProductName: settings.productName,
    OperatingSystem: dialect.since109 ? '' : 'Linux',
    Id: state.id,
    StartupWizardCompleted: settings.wizardCompleted,
  };
}

export function info(state: ServerState, request: ApiRequest): Answer {
  const { dialect, settings } = state;
  return json(request, {
    OperatingSystemDisplayName: dialect.since109 ? '' : 'Linux',
    HasPendingRestart: settings.pendingRestart,
    IsShuttingDown: false,
    SupportsLibraryMonitor: true,
    WebSocketPortNumber: 8096,
    CompletedInstallations: [],
    CanSelfRestart: dialect.restartsInProcess,
    CanLaunchWebBrowser: false,
    ProgramDataPath: DATA,
    WebPath: WEB,
    ItemsByNamePath: `${DATA}/metadata`,
    CachePath: CACHE,
    LogPath: LOGS,
    InternalMetadataPath: `${DATA}/metadata`,
    TranscodingTempPath: `${CACHE}/transcodes`,
    CastReceiverApplications: dialect.since109
      ? [
          { Id: 'F007D354', Name: 'Stable' },
          { Id: '6F511C87', Name: 'Unstable' },
        ]
      : undefined,
    HasUpdateAvailable: false,
    EncoderLocation: 'System',
    SystemArchitecture: 'X64',
    ...publicInfo(state),
  });
}

/** All figures are of the whole file system; -1 where the folder does not exist. */
export function storage(state: ServerState, request: ApiRequest): Answer {
  const { dialect, settings } = state;
  if (dialect.storage === 'none') return empty(404);
  const folder = (path: string): JsonObject => ({
    Path: path,
    FreeSpace: settings.freeBytes,
    UsedSpace: settings.usedBytes,
    StorageType: 'Fixed',
    DeviceId: dialect.storage === 'path' ? path : '/',
  });
  const missing = (path: string): JsonObject => ({ Path: path, FreeSpace: -1, UsedSpace: -1 });
  return json(request, {
    ProgramDataFolder: folder(DATA),
    WebFolder: folder(WEB),
    ImageCacheFolder: missing(`${CACHE}/images`),
    CacheFolder: folder(CACHE),
    LogFolder: folder(LOGS),
    InternalMetadataFolder: folder(`${DATA}/metadata`),
    TranscodingTempFolder: folder(`${CACHE}/transcodes`),
    Libraries: state.libraries.map(({ id, name, path }) => ({ Id: id, Name: name, Folders: [folder(path)] })),
  });
}

export function virtualFolders(state: ServerState, request: ApiRequest): Answer {
  const scanning = state.tasks.running('RefreshLibrary');
  return json(
    request,
    state.libraries.map((library) => virtualFolder(library, scanning)),
  );
}

function virtualFolder({ id, name, kind, path }: Library, scanning: boolean): JsonObject {
  return {
    Name: name,
    Locations: [path],
    CollectionType: kind === 'mixed' ? undefined : kind,
    LibraryOptions: {
      Enabled: true,
      EnablePhotos: true,
      EnableRealtimeMonitor: false,
      PathInfos: [{ Path: path }],
      SaveLocalMetadata: false,
      EnableInternetProviders: false,
      AutomaticRefreshIntervalDays: 0,
      TypeOptions: [],
    },
    ItemId: id,
    RefreshProgress: scanning ? 50 : undefined,
    RefreshStatus: scanning ? 'Active' : 'Idle',
  };
}

export function encoding({ dialect, settings }: ServerState, request: ApiRequest): Answer {
  const hardware = settings.hardwareAcceleration;
  return json(request, {
    EncodingThreadCount: -1,
    EnableThrottling: false,
    ThrottleDelaySeconds: dialect.since109 ? 180 : undefined,
    EnableSegmentDeletion: dialect.since109 ? false : undefined,
    // Free text before 10.10, and none for none.
    HardwareAccelerationType: !dialect.since1010 && hardware === 'none' ? undefined : hardware,
    EncoderAppPathDisplay: '/usr/lib/jellyfin-ffmpeg/ffmpeg',
    VaapiDevice: '/dev/dri/renderD128',
    EnableTonemapping: false,
    H264Crf: 23,
    H265Crf: 28,
    EnableHardwareEncoding: settings.hardwareEncoding,
    AllowHevcEncoding: false,
    EnableSubtitleExtraction: true,
    HardwareDecodingCodecs: ['h264', 'vc1'],
  });
}

export function plugins({ settings }: ServerState, request: ApiRequest): Answer {
  return json(
    request,
    settings.plugins.map(({ name, version, status }) => ({
      Name: name,
      Version: version,
      ConfigurationFileName: `Jellyfin.Plugin.${name}.xml`,
      Description: `${name}.`,
      Id: idOf('plugin', name),
      CanUninstall: false,
      HasImage: true,
      Status: status,
    })),
  );
}

export function metrics(state: ServerState): Answer {
  if (!state.settings.metrics) return empty(404);
  return text(ownMetrics(state), 'text/plain; version=0.0.4; charset=utf-8');
}
