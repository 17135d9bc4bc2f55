import { randomBytes } from 'node:crypto';
import { reverse } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { type Clock, LEGACY_METRIC_NAME, SERIES_BUDGET, systemClock } from '@media-exporter/metrics';
import { SfuError } from './errors.ts';
import type { Mapping } from './mapping.ts';
import { type ProcessReader, parseResidentMemory, readOwnProcess } from './process.ts';

/**
 * `default`: the bounded set that every SFU can afford. `seed`: the six metrics of the original exporter, a series for
 * each stream. `aggregated`: those of the original's second endpoint.
 */
export type MetricSet = 'default' | 'seed' | 'aggregated';

export interface ObserveOptions extends Mapping {
  /** Defaults to `['default']`. With `seed`, rooms and streams are told in detail. */
  readonly sets?: readonly MetricSet[];
  /** Before `rooms` and `peers` of the seed's set: `Ejtimaa_` by default, `edumeet_` in the older original. */
  readonly prefix?: string;
  /** What beyond bounded labels is told: a series for each room, and for each stream. Both off by default. */
  readonly detail?: { readonly rooms?: boolean; readonly streams?: boolean };
  /** Pseudonyms in the place of addresses, peer ids, names and user agents. Off by default. */
  readonly deidentify?: boolean;
  /** The key of the pseudonyms, 16 bytes at least; by default a new one for each process, so that nothing joins across a restart. */
  readonly pseudonymKey?: string | Uint8Array;
  /** False: names in the place of addresses, resolved in the background. Defaults to true. */
  readonly numeric?: boolean;
  /** Leaves the ids of transports and streams out of labels. Off by default. */
  readonly quiet?: boolean;
  /**
   * The least age of what the workers told before they are asked again, seconds. Defaults to 10: below the usual 15 s
   * between scrapes, so that each of them finds a poll due.
   */
  readonly period?: number;
  /** Requests to a worker at a time, 1 to 16. Defaults to 2: more are hardly faster, and the media on the worker waits longer. */
  readonly concurrency?: number;
  /** How long a worker may take to answer before it counts as stuck, seconds. Defaults to 5. */
  readonly deadline?: number;
  /** The most series of each family that {@link SfuObserver.serve} gives. Defaults to 10,000. */
  readonly seriesBudget?: number;
  /** Defaults of {@link SfuObserver.serve}. */
  readonly port?: number;
  readonly listen?: string;
  readonly socket?: string;
  readonly secret?: string;
  /** Told, once each, of what is probably a mistake in the set-up. By default a warning of the process. */
  readonly onWarning?: (message: string) => void;
  readonly clock?: Clock;
  /** The names of an address, for `numeric: false`. Defaults to the system's resolver. */
  readonly resolve?: (ip: string) => Promise<readonly string[]>;
  /** The resident memory of a process in bytes. By default read from `/proc`, where there is one. */
  readonly readMemory?: (pid: number) => Promise<number | undefined>;
  /** What is known of the process itself. */
  readonly process?: ProcessReader;
}

export interface Settings {
  readonly mapping: Mapping;
  readonly sets: ReadonlySet<MetricSet>;
  readonly prefix: string;
  readonly detail: { readonly rooms: boolean; readonly streams: boolean };
  readonly deidentify: boolean;
  readonly pseudonymKey: string | Uint8Array;
  readonly numeric: boolean;
  readonly quiet: boolean;
  /** Milliseconds. */
  readonly period: number;
  readonly concurrency: number;
  /** Milliseconds. */
  readonly deadline: number;
  readonly seriesBudget: number;
  readonly serve: ServeOptions;
  readonly onWarning: (message: string) => void;
  readonly clock: Clock;
  readonly resolve: (ip: string) => Promise<readonly string[]>;
  readonly readMemory: (pid: number) => Promise<number | undefined>;
  readonly process: ProcessReader;
}

export interface ServeOptions {
  /** Defaults to 8889. 0 takes any that is free. */
  readonly port?: number;
  /** A host name or an address. Defaults to `localhost`. */
  readonly listen?: string;
  /** The path of a Unix socket, in the place of a port. Only its owner may open it. */
  readonly socket?: string;
  /** What clients must send as a bearer token, on every path. */
  readonly secret?: string;
}

const OPTIONS: Readonly<Record<keyof ObserveOptions, true>> = {
  ...{ roomOf: true, peerOf: true, peerInfo: true, sets: true, prefix: true, detail: true, deidentify: true },
  ...{ pseudonymKey: true, numeric: true, quiet: true, period: true, concurrency: true, deadline: true },
  ...{ seriesBudget: true, port: true, listen: true, socket: true, secret: true, onWarning: true },
  ...{ clock: true, resolve: true, readMemory: true, process: true },
};

/** The names of all options. */
export const OPTION_NAMES: readonly string[] = Object.keys(OPTIONS);

const SETS: readonly MetricSet[] = ['default', 'seed', 'aggregated'];
const KEY_BYTES = 16;
const MOST_CONCURRENT = 16;

/** @throws SfuError `MX_SFU_OPTION` for the first option that is not valid. */
export function checkOptions(options: ObserveOptions): Settings {
  const check = (valid: boolean, name: keyof ObserveOptions, wanted: string): void => {
    if (!valid) throw new SfuError('MX_SFU_OPTION', `${name}: ${wanted}`);
  };
  const stranger = Object.keys(options).find((name) => !OPTION_NAMES.includes(name));
  if (stranger !== undefined) throw new SfuError('MX_SFU_OPTION', `${stranger}: is none of ${OPTION_NAMES.join(', ')}`);
  for (const name of ['roomOf', 'peerOf', 'peerInfo', 'onWarning', 'resolve', 'readMemory'] as const) {
    check(options[name] === undefined || typeof options[name] === 'function', name, 'wants a function');
  }
  for (const name of ['deidentify', 'numeric', 'quiet'] as const) {
    check(options[name] === undefined || typeof options[name] === 'boolean', name, 'wants true or false');
  }
  const { concurrency = 2, deadline = 5, period = 10, prefix = 'Ejtimaa_', sets = ['default'] } = options;
  const { pseudonymKey = randomBytes(32), seriesBudget = SERIES_BUDGET, detail = {} } = options;
  check(Array.isArray(sets) && sets.every((set) => SETS.includes(set)), 'sets', `wants some of ${SETS.join(', ')}`);
  check(
    typeof prefix === 'string' && LEGACY_METRIC_NAME.test(`${prefix}rooms`),
    'prefix',
    'wants letters, digits and _',
  );
  const flags = [detail?.rooms, detail?.streams].every((flag) => flag === undefined || typeof flag === 'boolean');
  check(
    typeof detail === 'object' && detail !== null && flags,
    'detail',
    'wants { rooms, streams }, each true or false',
  );
  check(Number.isFinite(period) && period >= 0, 'period', 'wants seconds, 0 or more');
  check(Number.isFinite(deadline) && deadline > 0, 'deadline', 'wants seconds, more than 0');
  const bounded = Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MOST_CONCURRENT;
  check(bounded, 'concurrency', `wants a whole number from 1 to ${MOST_CONCURRENT}`);
  check(Number.isInteger(seriesBudget) && seriesBudget > 0, 'seriesBudget', 'wants a whole number above 0');
  const keyed = typeof pseudonymKey === 'string' || pseudonymKey instanceof Uint8Array;
  check(keyed && Buffer.byteLength(pseudonymKey) >= KEY_BYTES, 'pseudonymKey', `wants ${KEY_BYTES} bytes or more`);
  const seed = sets.includes('seed');
  const clock = options.clock ?? systemClock;
  return {
    mapping: options,
    sets: new Set(sets),
    prefix,
    detail: { rooms: detail.rooms ?? seed, streams: detail.streams ?? seed },
    deidentify: options.deidentify ?? false,
    pseudonymKey,
    numeric: options.numeric ?? true,
    quiet: options.quiet ?? false,
    period: period * 1000,
    concurrency,
    deadline: deadline * 1000,
    seriesBudget,
    serve: checkServeOptions(options),
    onWarning: options.onWarning ?? ((message) => process.emitWarning(message, 'MediasoupMetricsWarning')),
    clock,
    resolve: options.resolve ?? reverse,
    readMemory: options.readMemory ?? readWorkerMemory,
    process: options.process ?? readOwnProcess(sets.includes('aggregated')),
  };
}

/** @throws SfuError `MX_SFU_OPTION` for the first option that is not valid. */
export function checkServeOptions({ port, listen, socket, secret }: ServeOptions): ServeOptions {
  const fail = (detail: string): never => {
    throw new SfuError('MX_SFU_OPTION', detail);
  };
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) fail('port: wants 0 to 65535');
  if (listen !== undefined && (typeof listen !== 'string' || listen === '')) fail('listen: wants a host or an address');
  if (socket !== undefined && (typeof socket !== 'string' || socket === '')) fail('socket: wants a path');
  // RFC 6750 §2.1: what a bearer token may be made of. Anything else no client could send.
  if (secret !== undefined && !(typeof secret === 'string' && /^[A-Za-z0-9._~+/-]+=*$/.test(secret))) {
    fail('secret: wants letters, digits and - . _ ~ + / and =');
  }
  return {
    ...(port === undefined ? {} : { port }),
    ...(listen === undefined ? {} : { listen }),
    ...(socket === undefined ? {} : { socket }),
    ...(secret === undefined ? {} : { secret }),
  };
}

async function readWorkerMemory(pid: number): Promise<number | undefined> {
  try {
    return parseResidentMemory(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return undefined;
  }
}
