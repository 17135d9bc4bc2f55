import type { Clock } from '@media-exporter/metrics';
import { below, type Random } from '../random.ts';
import type { Dialect } from './api/dialect.ts';
import { BandwidthLedger } from './bandwidth.ts';
import type { Item, Library } from './library.ts';
import type { Account, Player } from './people.ts';
import type { SimulatedSession } from './session.ts';
import { Truth } from './truth.ts';

export interface ServerSettings {
  name: string;
  machineIdentifier: string;
  version: string;
  platform: string;
  platformVersion: string;
  plexPass: boolean;
  dialect: Dialect;
  /** Whether remote access works. */
  reachable: boolean;
  /** The version that an update would bring. */
  update: string | undefined;
}

export interface Device {
  readonly id: number;
  readonly name: string;
  readonly platform: string;
  readonly clientIdentifier: string;
  readonly createdAt: number;
}

/** What runs in the background and has an end: a scan, a download. */
export interface Activity {
  readonly uuid: string;
  readonly type: string;
  readonly title: string;
  readonly subtitle: string;
  readonly cancellable: boolean;
  readonly userID: number;
  /** Percent. */
  progress: number;
  readonly Context?: Readonly<Record<string, unknown>>;
}

/** A conversion in the background. */
export interface TranscodeJob {
  readonly type: string;
  readonly title: string;
  /** Percent. */
  readonly progress: number;
  readonly remaining: number;
  readonly size: number;
  readonly speed: number;
}

export interface ResourceRow {
  readonly timespan: 6;
  readonly at: number;
  readonly hostCpuUtilization: number;
  readonly processCpuUtilization: number;
  readonly hostMemoryUtilization: number;
  readonly processMemoryUtilization: number;
}

const RESOURCE_ROWS = 60;

export interface PlexStateOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: ServerSettings;
  /** The owner's. */
  readonly token: string;
  readonly libraries: readonly Library[];
  readonly accounts: readonly Account[];
  readonly items: readonly Item[];
  readonly bandwidthWindowSeconds: number;
}

/** What the server knows, for the endpoints to tell of. */
export class PlexState {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: ServerSettings;
  readonly token: string;
  readonly libraries: readonly Library[];
  readonly accounts: readonly Account[];
  readonly items: Map<string, Item>;
  readonly truth: Truth = new Truth();
  readonly bandwidth: BandwidthLedger;
  /** In no order that means anything. */
  readonly sessions: Set<SimulatedSession> = new Set();
  readonly devices: Map<string, Device> = new Map();
  readonly activities: Set<Activity> = new Set();
  readonly jobs: TranscodeJob[] = [];
  /** Section ids of libraries that are scanned. */
  readonly scanning: Set<string> = new Set();
  /** Oldest first. */
  resources: ResourceRow[] = [];

  constructor(options: PlexStateOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.settings = options.settings;
    this.token = options.token;
    // Counts change, and are not the caller's.
    this.libraries = options.libraries.map((library) => ({ ...library, counts: { ...library.counts } }));
    this.accounts = options.accounts;
    this.items = new Map(options.items.map((item) => [item.ratingKey, item]));
    this.bandwidth = new BandwidthLedger(this.truth, options.bandwidthWindowSeconds);
  }

  library(id: string | undefined): Library | undefined {
    return this.libraries.find((library) => library.id === id);
  }

  /** Brings truth and bandwidth up to now. */
  settle(): void {
    for (const session of this.sessions) session.settle();
  }

  /** Seconds since the epoch. */
  get epoch(): number {
    return Math.floor(this.clock.date() / 1000);
  }

  /** Those that the server tells of now. */
  get visibleSessions(): readonly SimulatedSession[] {
    return [...this.sessions].filter((session) => session.appearsAt <= this.clock.now());
  }

  /** Of video: the number that needs no Plex Pass. */
  get videoTranscodes(): number {
    return [...this.sessions].filter(({ transcode }) => transcode?.videoDecision === 'transcode').length;
  }

  device(player: Player): Device {
    const clientIdentifier = player.machineIdentifier ?? player.title;
    const known = this.devices.get(clientIdentifier);
    if (known !== undefined) return known;
    const id = this.devices.size + 201;
    const device = { id, name: player.title, platform: player.platform, clientIdentifier, createdAt: this.epoch };
    this.devices.set(clientIdentifier, device);
    return device;
  }

  /** 24 letters and digits, as clients and the transcoder name themselves. */
  newId(): string {
    return Array.from({ length: 24 }, () => below(this.random, 36).toString(36)).join('');
  }

  /** A row of /statistics/resources, from what runs now. */
  measure(): void {
    const load = [...this.sessions].reduce((sum, { transcode }) => sum + (transcode === undefined ? 0 : 12), 0);
    const process = Math.min(90, 0.2 + load + this.sessions.size * 0.4);
    const row: ResourceRow = {
      timespan: 6,
      at: this.epoch,
      hostCpuUtilization: Math.min(100, rounded(process + 3 + 2 * this.random())),
      processCpuUtilization: rounded(process),
      hostMemoryUtilization: rounded(38 + this.random()),
      processMemoryUtilization: rounded(3.6 + this.sessions.size * 0.1),
    };
    this.resources = [...this.resources, row].slice(-RESOURCE_ROWS);
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
