import type { ActivityLog } from './activity.ts';
import type { Dialect } from './dialect.ts';
import type { Library } from './library/library.ts';
import type { LogFiles } from './logs/log-files.ts';
import type { People } from './people.ts';
import type { Sessions } from './plays/sessions.ts';
import type { ServerSettings } from './settings.ts';
import type { Tasks } from './tasks.ts';
import type { Truth } from './truth.ts';

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
