import type { Library } from '../library.ts';
import type { PlexState } from '../state.ts';
import { withoutUndefined } from '../transcode.ts';

/** What a MediaContainer has in it. */
export type Container = Readonly<Record<string, unknown>>;

/** Attributes of the server, which / and /media/providers have in common. */
function attributes(state: PlexState): Record<string, unknown> {
  const { name, machineIdentifier, version, platform, platformVersion, plexPass, reachable } = state.settings;
  return {
    allowCameraUpload: true,
    allowChannelAccess: true,
    allowMediaDeletion: true,
    allowSharing: true,
    allowSync: true,
    allowTuners: true,
    backgroundProcessing: true,
    certificate: true,
    companionProxy: true,
    countryCode: 'usa',
    diagnostics: 'logs,databases,streaminglogs',
    eventStream: true,
    friendlyName: name,
    livetv: 7,
    machineIdentifier,
    musicAnalysis: 2,
    myPlex: true,
    myPlexMappingState: reachable ? 'mapped' : 'failed',
    myPlexSigninState: 'ok',
    myPlexSubscription: plexPass,
    myPlexUsername: 'owner@example.org',
    offlineTranscode: 1,
    ownerFeatures: plexPass ? 'hardware_transcoding,livetv,pass,session_bandwidth_restrictions' : 'adaptive_bitrate',
    platform,
    platformVersion,
    pluginHost: true,
    pushNotifications: false,
    readOnlyLibraries: false,
    streamingBrainABRVersion: 3,
    streamingBrainVersion: 2,
    sync: true,
    transcoderActiveVideoSessions: state.videoTranscodes,
    transcoderAudio: true,
    transcoderLyrics: true,
    transcoderSubtitles: true,
    transcoderVideo: true,
    transcoderVideoBitrates: '64,96,208,320,720,1500,2000,3000,4000,8000,10000,12000,20000',
    transcoderVideoQualities: '0,1,2,3,4,5,6,7,8,9,10,11,12',
    transcoderVideoResolutions: '128,128,160,240,320,480,768,720,720,1080,1080,1080,1080',
    updatedAt: state.epoch,
    updater: true,
    version,
    voiceSearch: true,
  };
}

/** GET /identity, which needs no token. */
export function identity({ settings }: PlexState): Container {
  return { size: 0, claimed: true, machineIdentifier: settings.machineIdentifier, version: settings.version };
}

/** GET / */
export function root(state: PlexState): Container {
  const titles = ['accounts', 'activities', 'butler', 'devices', 'identity', 'library', 'playlists', 'statistics'];
  const directories = titles.map((key) => ({ count: 1, key, title: key }));
  return { size: directories.length, ...attributes(state), Directory: directories };
}

/** GET /media/providers */
export function providers(state: PlexState, includeStorage: boolean): Container {
  const content = [
    { hubKey: '/hubs', title: 'Home' },
    ...state.libraries.map((library) => providerDirectory(state, library, includeStorage)),
    { key: '/playlists', title: 'Playlists', type: 'playlist', Pivot: [] },
  ];
  const library = {
    identifier: 'com.plexapp.plugins.library',
    id: 1,
    title: 'Library',
    types: 'video,audio,photo',
    protocols: 'stream,download',
    Feature: [
      { key: '/library/sections', type: 'content', Directory: content },
      { key: '/hubs/search', type: 'search' },
      { key: '/library/matches', type: 'match' },
      { key: '/:/timeline', type: 'timeline' },
    ],
  };
  const liveTv = {
    identifier: 'tv.plex.provider.epg',
    id: 2,
    title: 'Live TV & DVR',
    types: 'video',
    protocols: 'livetv',
    Feature: [{ key: '/tv.plex.provider.epg/sections', type: 'content', Directory: [{ id: 'tv', title: 'Guide' }] }],
  };
  return { size: 2, ...attributes(state), MediaProvider: [library, liveTv] };
}

function providerDirectory(state: PlexState, library: Library, includeStorage: boolean): Record<string, unknown> {
  const { id, title, type, agent, scanner, durationMs, storageBytes } = library;
  const pivot = (name: string, key: string): object => ({ id: name, key, type: 'list', title: name, symbol: name });
  return withoutUndefined({
    agent,
    language: 'en-US',
    refreshing: state.scanning.has(id),
    scanner,
    uuid: sectionUuid(library),
    id,
    key: `/library/sections/${id}`,
    hubKey: `/hubs/sections/${id}`,
    type,
    title,
    updatedAt: CREATED_AT,
    scannedAt: CREATED_AT,
    durationTotal: includeStorage ? durationMs : undefined,
    storageTotal: includeStorage ? storageBytes : undefined,
    Pivot: [pivot('recommended', `/hubs/sections/${id}`), pivot('library', `/library/sections/${id}/all`)],
  });
}

/** When all libraries were made, seconds since the epoch. */
export const CREATED_AT = 1_602_461_679;

export function sectionUuid(library: Library): string {
  return `ac000000-0000-4000-8000-${library.id.padStart(12, '0')}`;
}
