import type { Clock } from '@media-exporter/metrics';
import type { Secret, SecretPlaces } from '../../config/secrets.ts';
import type { WatchedFiles } from '../../config/watch.ts';
import type { ProcessReader } from '../../process.ts';

/** The signals of the process. */
export interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** All that the commands need of the world. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly signals: Signals;
  /** The version of the exporter. */
  readonly version: string;
  /** The version of Node.js, as `v24.1.0`. */
  readonly node: string;
  readonly places: SecretPlaces;
  readonly files: WatchedFiles;
  /** Keys pseudonyms where no key is configured. */
  readonly randomKey: Secret;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Leaves at once. */
  exit(code: number): void;
  readProcess(): ProcessReader;
}
