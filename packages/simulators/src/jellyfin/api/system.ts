import type { Answer } from '../../faults/index.ts';
import type { Dialect } from '../dialect.ts';
import type { Library } from '../library/library.ts';
import type { ServerState } from '../state.ts';
import { idOf, type JsonObject } from '../text.ts';
import { type ApiRequest, empty, json, text } from './answer.ts';
import { ENCODING, LATER_ENCODING, LATER_TYPE_OPTIONS, LIBRARY_OPTIONS, TYPE_OPTIONS } from './defaults.ts';
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

export function virtualFolders({ libraries, dialect }: ServerState, request: ApiRequest): Answer {
  return json(
    request,
    libraries.map((library) => virtualFolder(library, dialect)),
  );
}

function virtualFolder({ id, name, kind, path, refreshing }: Library, { since12 }: Dialect): JsonObject {
  const options = { ...TYPE_OPTIONS, ...(since12 && LATER_TYPE_OPTIONS) };
  return {
    Name: name,
    Locations: [path],
    CollectionType: kind === 'mixed' ? undefined : kind,
    LibraryOptions: {
      ...LIBRARY_OPTIONS,
      PathInfos: [{ Path: path }],
      TypeOptions: ['Movie', 'Series', 'Episode', 'Audio'].map((type) => ({ Type: type, ...options })),
    },
    ItemId: id,
    RefreshProgress: refreshing,
    RefreshStatus: refreshing === undefined ? 'Idle' : 'Active',
  };
}

export function encoding({ dialect, settings }: ServerState, request: ApiRequest): Answer {
  const hardware = settings.hardwareAcceleration;
  return json(request, {
    ...ENCODING,
    ...(dialect.since12 && LATER_ENCODING),
    // Free text before 10.10, and none for none.
    HardwareAccelerationType: !dialect.since1010 && hardware === 'none' ? undefined : hardware,
    EncoderAppPathDisplay: '/usr/lib/jellyfin-ffmpeg/ffmpeg',
    EnableHardwareEncoding: settings.hardwareEncoding,
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
