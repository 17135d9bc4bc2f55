import type { ActivityLog } from './activity.ts';
import type { Dialect } from './dialect.ts';
import type { Library } from './library/library.ts';
import type { LogFiles } from './logs/log-files.ts';
import type { People } from './people.ts';
import type { Sessions } from './plays/sessions.ts';
import type { Tasks } from './tasks.ts';
import type { Truth } from './truth.ts';

/** What the server says of itself; may be changed at any time. */
export interface ServerSettings {
  name: string;
  /** The full version, such as `12.0.0`. */
  version: string;
  productName: string;
  pendingRestart: boolean;
  wizardCompleted: boolean;
  /** Legacy forms of the token are taken; by default as the line does. */
  legacyAuth: boolean | undefined;
  /** What sessions copy, whatever ffmpeg uses: `none`, `vaapi`, `qsv` … */
  hardwareAcceleration: string;
  hardwareEncoding: boolean;
  /** The server's own /metrics is on. */
  metrics: boolean;
  /** How many series /metrics has of http requests beyond the least, to make it of any size. */
  extraSeries: number;
  residentBytes: number;
  freeBytes: number;
  usedBytes: number;
  /** Names of tasks are in another language. */
  localized: boolean;
  plugins: readonly Plugin[];
}

export interface Plugin {
  readonly name: string;
  readonly version: string;
  /** `Active`, `Restart`, `Disabled`, `NotSupported`, `Malfunctioned` … */
  readonly status: string;
}

/** @internal All that the answers of the API are made of. */
export interface ServerState {
  readonly id: string;
  readonly dialect: Dialect;
  readonly settings: ServerSettings;
  readonly people: People;
  readonly libraries: readonly Library[];
  readonly sessions: Sessions;
  readonly activity: ActivityLog;
  readonly tasks: Tasks;
  readonly files: LogFiles;
  readonly truth: Truth;
  /** How long ago something was on the monotonic clock, milliseconds. */
  ageOf(at: number): number;
  /** The server's date, milliseconds since the epoch. */
  date(): number;
  /** Where the server says it is: `http://127.0.0.1:8096`. */
  readonly address: string;
  /** Of the process, for its own metrics. */
  readonly process: {
    readonly startedAt: number;
    readonly cpuSeconds: number;
    readonly requests: ReadonlyMap<string, number>;
    readonly bytesSent: number;
  };
}
