export type { Evening, EveningOptions, EveningStep } from '../evening.ts';
export type { FaultHandle, HttpFault, HttpFaultScope, HttpFaults, SocketFault, SocketFaults } from '../faults/index.ts';
export type { Dialect } from './api/dialect.ts';
export type { Background } from './background.ts';
export type { BandwidthRow } from './bandwidth.ts';
export { evening } from './evening.ts';
export type { PlayState, Report } from './host.ts';
export { ACCOUNTS, ITEMS, LIBRARIES, PLAYERS } from './household.ts';
export type { CountedType, Item, Library, LibraryType, SourceMedia } from './library.ts';
export type { Notifications } from './notifications.ts';
export type { Audience, PlayOptions, SimulatedPlexOptions } from './options.ts';
export type { Account, Player } from './people.ts';
export { SimulatedPlex } from './plex.ts';
export type { RequestLog, RequestRecord } from './requests.ts';
export type { SimulatedSession } from './session.ts';
export type { ServerSettings } from './state.ts';
export type { TranscodeOptions } from './transcode.ts';
export { causeTroubles, TROUBLES, type Trouble } from './troubles.ts';
export type {
  Delivery,
  Location,
  MediaType,
  Truth,
  TruthIdentity,
  TruthKind,
  TruthRecord,
  TruthTotal,
} from './truth.ts';
