import type { Clock } from '@media-exporter/metrics';
import type { Random } from '../random.ts';
import type { JellyfinVersion } from './dialect.ts';
import type { Item } from './library/item.ts';
import type { LibraryOptions } from './library/library.ts';
import type { AccountOptions, Device } from './people.ts';
import type { PlaySettings } from './plays/play-host.ts';
import type { ServerSettings } from './settings.ts';
import { idOf } from './text.ts';

export interface SimulatedJellyfinOptions {
  readonly clock?: Clock;
  /** Defaults to the latest. */
  readonly version?: JellyfinVersion;
  /** The API key. */
  readonly token?: string;
  readonly libraries?: readonly LibraryOptions[];
  readonly accounts?: readonly AccountOptions[];
  readonly settings?: Partial<ServerSettings>;
  /** The base URL of the server's network settings: `/jellyfin`. */
  readonly basePath?: string;
  /** PEM, for https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The log files are written there too. It is made where it is missing. */
  readonly logDirectory?: string;
  /** The server's clock is so far ahead. Milliseconds. */
  readonly clockAheadMs?: number;
  /** Defaults to a generator with a fixed seed. */
  readonly random?: Random;
}

/** Who, and where. A session is known by its client and the id of its device. */
export interface ClientOptions {
  /** The name of the user. Defaults to the first. */
  readonly user?: string;
  readonly client?: string;
  readonly clientVersion?: string;
  /** The device's name. */
  readonly device?: string;
  /** Made from client and device unless told. Two clients may have the same. */
  readonly deviceId?: string;
  /** Where the client seems to be: an IP address without a port. */
  readonly address?: string;
}

export interface PlayOptions extends ClientOptions, Omit<PlaySettings, 'user' | 'device' | 'item'> {
  /** Defaults to the first item of the first library. */
  readonly item?: Item;
}

export const LIBRARIES: readonly LibraryOptions[] = [
  { name: 'Movies', kind: 'movies', items: 40, boxSets: 1, emptyEvery: 20 },
  { name: 'Shows', kind: 'tvshows', items: 72 },
  { name: 'Music', kind: 'music', items: 60 },
  { name: 'Home Videos & Photos', kind: 'homevideos', items: 5 },
];

export function deviceOf(options: ClientOptions): Device {
  const { client = 'Jellyfin Web', clientVersion = '1.0', device = 'Chrome', address = '192.168.1.20' } = options;
  const id = options.deviceId ?? idOf('device', client, device);
  return { client, version: clientVersion, name: device, id, address };
}
