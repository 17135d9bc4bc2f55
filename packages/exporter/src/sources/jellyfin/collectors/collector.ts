import type { Clock, Family, Metric } from '@media-exporter/metrics';
import type { CollectorSwitch } from '../../../config/sources/jellyfin.ts';
import type { Logger } from '../../../log.ts';
import type { StateScope } from '../../../state/store.ts';
import type { PrivacyFilter } from '../../privacy.ts';
import type { JellyfinClient } from '../client.ts';
import type { JellyfinSettings } from '../settings.ts';
import type { Shared } from '../shared.ts';
import type { JellyfinState } from '../state.ts';

/** `geoip` has no switch: it runs where there is a file for it. */
export type CollectorName = CollectorSwitch | 'geoip';

/** What is older than so many intervals is not shown. */
export const STALE_INTERVALS = 3;

/** One part of what is known of a server: what it asks, how often, and what it makes of the answers. */
export interface JellyfinCollector {
  readonly name: CollectorName;
  /** All that {@link families} can give. */
  readonly catalogue: readonly Metric[];
  /**
   * `fast`: cheap, always on time. `slow`: one of them at a time for the whole source, and none while the server scans
   * its libraries.
   */
  readonly line: 'fast' | 'slow';
  /** Of a slow one: its first run asks so little that it need not wait for the end of a scan, which may take hours. */
  readonly startsDuringScan?: boolean;
  /**
   * Asks nothing itself and is fed by another one, whose runs are its own: {@link interval} and {@link run} are not called.
   */
  readonly follows?: CollectorName;
  /** Milliseconds from one run to the next; asked after each. */
  interval(): number;
  /**
   * Asks the server once. Rejects with the error of the client when what it asks for cannot be had. What was known is
   * shown until it is older than {@link STALE_INTERVALS} intervals, or the server is seen to be down. An answer of 403
   * marks the collector, which is asked again after some minutes only.
   */
  run(): Promise<void>;
  /** From memory; empty before the first run. Counters, and whether the server is up, may be there from the start. */
  families(): readonly Family[];
  /** Its part of the state, for the vocabulary that all servers share. */
  state(): Partial<JellyfinState>;
  /** Whether it says itself what is still true: of counters, which stay, and of what tells its age. */
  readonly staysVisible: boolean;
  /** Takes what it kept before a restart, by its keys; called once, before the first run. Total. */
  restore?(saved: ReadonlyMap<string, unknown>): void;
  /** What its last run has begun and did not wait for: a first scrape does, for a while. Never rejects. */
  aside?(): Promise<void>;
  /** Ends what it has running of its own. */
  stop?(): void;
}

/** What a collector is made with. */
export interface CollectorContext {
  readonly settings: JellyfinSettings;
  readonly client: JellyfinClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly privacy: PrivacyFilter;
  /** Reads the key again; true when there is another one to use now. Never rejects. */
  readonly renewSecret: () => Promise<boolean>;
  /** Its own part of what survives a restart: keys need no prefix. */
  readonly saved: Pick<StateScope, 'put'>;
  /** What collectors tell each other. */
  readonly shared: Shared;
}

/** What the module of a collector exports as `create`. */
export type CreateCollector = (context: CollectorContext) => JellyfinCollector;
