export { MEDIA_CATALOGUE, MEDIA_SESSION_CATALOGUE } from './media/catalogue.ts';
export { type MediaOptions, mediaFamilies } from './media/families.ts';
export type { MediaTotals, PlayTotal } from './media/sessions.ts';
export { changedPlays, restoreTracker, type TrackerMeta, trackerMeta } from './play/keep.ts';
export type {
  Credit,
  Earned,
  Observation,
  ObservedSession,
  Play,
  TrackerOptions,
  TrackerState,
} from './play/observation.ts';
export { Tally, type TallyRow } from './play/tally.ts';
export { EMPTY_TRACKER, TRACKER_DEFAULTS, track } from './play/track.ts';
export type {
  BandwidthState,
  ChannelsState,
  Delivery,
  Durations,
  JobOutcome,
  JobState,
  LibraryState,
  MediaType,
  Platform,
  PlaybackState,
  ProviderState,
  RoomsState,
  Scope,
  ServerState,
  SessionState,
  TrackState,
  TranscodeKind,
  TranscodeState,
  UsersState,
} from './state/server.ts';
