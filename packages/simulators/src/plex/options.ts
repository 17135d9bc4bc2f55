import type { Clock } from '@media-exporter/metrics';
import type { Random } from '../random.ts';
import type { SessionOptions } from './host.ts';
import type { Item, Library } from './library.ts';
import type { ListenerOptions } from './listener.ts';
import type { Account, Player } from './people.ts';
import type { ServerSettings } from './state.ts';

export interface SimulatedPlexOptions extends ListenerOptions {
  /** Defaults to the system's. */
  readonly clock?: Clock;
  /** The owner's. */
  readonly token?: string;
  readonly libraries?: readonly Library[];
  /** The first is the owner, and has the id 1. */
  readonly accounts?: readonly Account[];
  readonly players?: readonly Player[];
  readonly items?: readonly Item[];
  readonly settings?: Partial<ServerSettings>;
  /** How far back the rows of /statistics/bandwidth by second go. */
  readonly bandwidthWindowSeconds?: number;
  /** Defaults to a generator with a fixed seed, so that two runs give the same ids. */
  readonly random?: Random;
}

/** Who gets something, where. */
export interface Audience {
  /** The name of an account. Defaults to the owner's. */
  readonly user?: string;
  /** The title of a player. Defaults to the first. */
  readonly player?: string;
}

export interface PlayOptions extends Audience, Partial<Omit<SessionOptions, 'user' | 'player' | 'item'>> {
  /** A rating key, or an item that the server did not have yet. */
  readonly item: string | Item;
}

export const DEFAULT_SETTINGS: ServerSettings = {
  name: 'Simulated Plex',
  machineIdentifier: 'a7d1f3c09b2e4d5f8a6b7c8d9e0f1a2b3c4d5e6f',
  version: '1.42.1.10060-4e8b05daf',
  platform: 'Linux',
  platformVersion: '6.12.0 (Debian 13)',
  plexPass: true,
  dialect: 'current',
  reachable: true,
  update: undefined,
};
