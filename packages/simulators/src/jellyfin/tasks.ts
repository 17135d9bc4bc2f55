import type { Clock } from '@media-exporter/metrics';
import type { ActivityLog } from './activity.ts';
import type { Dialect } from './dialect.ts';
import type { ServerSettings } from './settings.ts';
import { dateText, idOf, type JsonObject } from './text.ts';

export type TaskOutcome = 'Completed' | 'Failed' | 'Cancelled' | 'Aborted';

interface Definition {
  readonly key: string;
  readonly name: string;
  readonly category: string;
  readonly hidden?: boolean;
  readonly hours?: number;
  readonly startup?: boolean;
}

export interface TaskResult {
  readonly outcome: TaskOutcome;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
}

const LIBRARY = 'Library';
const MAINTENANCE = 'Maintenance';

const DEFINITIONS: readonly Definition[] = [
  { key: 'AudioNormalization', name: 'Audio Normalization', category: LIBRARY, hours: 24 },
  { key: 'CleanActivityLog', name: 'Clean Activity Log', category: MAINTENANCE },
  { key: 'DeleteCacheFiles', name: 'Clean Cache Directory', category: MAINTENANCE, hours: 24 },
  { key: 'CleanLogFiles', name: 'Clean Log Directory', category: MAINTENANCE, hours: 24 },
  { key: 'DeleteTranscodeFiles', name: 'Clean Transcode Directory', category: MAINTENANCE, hours: 24, startup: true },
  { key: 'DownloadSubtitles', name: 'Download missing subtitles', category: LIBRARY, hours: 24 },
  { key: 'RefreshChapterImages', name: 'Extract Chapter Images', category: LIBRARY, hours: 24 },
  { key: 'KeyframeExtraction', name: 'Keyframe Extractor', category: LIBRARY },
  { key: 'OptimizeDatabaseTask', name: 'Optimize database', category: MAINTENANCE, hours: 6 },
  { key: 'RefreshGuide', name: 'Refresh Guide', category: 'Live TV', hidden: true, hours: 24 },
  { key: 'RefreshPeople', name: 'Refresh People', category: LIBRARY, hours: 168 },
  { key: 'RefreshLibrary', name: 'Scan Media Library', category: LIBRARY, hours: 12 },
  { key: 'PluginUpdates', name: 'Update Plugins', category: 'Application', hours: 24, startup: true },
];

const SINCE_1011: readonly Definition[] = [
  { key: 'DownloadLyrics', name: 'Download missing lyrics', category: LIBRARY, hours: 24 },
  { key: 'RefreshTrickplayImages', name: 'Generate Trickplay Images', category: LIBRARY, hours: 24 },
  { key: 'TaskExtractMediaSegments', name: 'Media Segment Scan', category: LIBRARY, hours: 12 },
  { key: 'MoveTrickplayImages', name: 'Migrate Trickplay Image Location', category: MAINTENANCE },
  { key: 'CleanupUserDataTask', name: 'User data cleanup task', category: MAINTENANCE },
  { key: 'RefreshInternetChannels', name: 'Refresh Channels', category: 'Internet Channels', hidden: true, hours: 24 },
];

/** A scheduled task; its result outlives restarts. */
class Task {
  readonly definition: Definition;
  readonly id: string;
  last: TaskResult | undefined;
  /** Of the run that goes on. */
  run: { readonly startedAt: number; readonly began: number; readonly durationMs: number } | undefined;
  cancelling = false;
  stopTimer: () => void = () => {};

  constructor(definition: Definition) {
    this.definition = definition;
    this.id = idOf('task', definition.key);
  }
}

/** A run that was started. */
export interface TaskRun {
  /** The server shows `Cancelling` for a moment, then the result. */
  cancel(): void;
}

/** The scheduled tasks, and what they are at. */
export class Tasks {
  readonly #clock: Clock;
  readonly #date: () => number;
  readonly #activity: ActivityLog;
  readonly #tasks: readonly Task[];
  readonly #changed: () => void;
  readonly #settings: Pick<ServerSettings, 'localized'>;

  /** @param fields.changed is told when a task starts or ends. */
  constructor(fields: {
    readonly clock: Clock;
    readonly date: () => number;
    readonly activity: ActivityLog;
    readonly dialect: Dialect;
    readonly changed: () => void;
    readonly settings: Pick<ServerSettings, 'localized'>;
  }) {
    this.#clock = fields.clock;
    this.#date = fields.date;
    this.#activity = fields.activity;
    this.#changed = fields.changed;
    this.#settings = fields.settings;
    const { dialect } = fields;
    const more = dialect.since1010 ? SINCE_1011 : [];
    const own = dialect.since12
      ? {
          key: 'TmdbRefreshUpcomingEpisodes',
          name: 'Refresh upcoming and missing episodes (TheMovieDb)',
          category: LIBRARY,
        }
      : { key: 'CleanCollectionsAndPlaylists', name: 'Clean up collections and playlists', category: MAINTENANCE };
    const definitions = [...DEFINITIONS, ...more, ...(dialect.since1010 ? [own] : [])];
    this.#tasks = definitions.map((definition) => new Task(definition)).sort((a, b) => compare(a, b));
  }

  /**
   * Starts a task, such as `RefreshLibrary`, which ends after `durationMs` with `outcome`.
   *
   * @throws RangeError when there is no such task. A task that runs already goes on.
   */
  run(
    key: string,
    { durationMs = 60_000, outcome = 'Completed' }: { durationMs?: number; outcome?: TaskOutcome } = {},
  ): TaskRun {
    const task = this.#find(key);
    if (task.run === undefined) {
      task.run = { startedAt: this.#date(), began: this.#clock.now(), durationMs };
      task.stopTimer = this.#clock.after(durationMs, () => this.#end(task, outcome));
      this.#changed();
    }
    return {
      cancel: () => {
        if (task.run === undefined || task.cancelling) return;
        task.cancelling = true;
        task.stopTimer();
        task.stopTimer = this.#clock.after(200, () => this.#end(task, 'Cancelled'));
      },
    };
  }

  running(key: string): boolean {
    return this.#find(key).run !== undefined;
  }

  last(key: string): TaskResult | undefined {
    return this.#find(key).last;
  }

  /** The server goes down: what runs is aborted. */
  abort(): void {
    for (const task of this.#tasks) if (task.run !== undefined) this.#end(task, 'Aborted');
  }

  /** Those that run with each start of the server. */
  startUp(): void {
    for (const task of this.#tasks)
      if (task.definition.startup === true) this.run(task.definition.key, { durationMs: 250 });
  }

  json(): readonly JsonObject[] {
    return this.#tasks.map((task) => this.#taskJson(task));
  }

  #taskJson(task: Task): JsonObject {
    const { definition, id, last, run, cancelling } = task;
    const name = this.#settings.localized ? `任务 ${definition.key.length}` : definition.name;
    const percent = run === undefined ? undefined : ((this.#clock.now() - run.began) / run.durationMs) * 100;
    return {
      Name: name,
      State: cancelling ? 'Cancelling' : run === undefined ? 'Idle' : 'Running',
      CurrentProgressPercentage: percent === undefined ? undefined : Math.round(Math.min(100, percent) * 100) / 100,
      Id: id,
      LastExecutionResult: last === undefined ? undefined : resultJson(last, name, task),
      Triggers: triggers(definition),
      Description: `${definition.name}.`,
      Category: definition.category,
      IsHidden: definition.hidden ?? false,
      Key: definition.key,
    };
  }

  #end(task: Task, outcome: TaskOutcome): void {
    const { run, definition } = task;
    if (run === undefined) return;
    task.stopTimer();
    task.last = { outcome, startedAt: run.startedAt, endedAt: this.#date() };
    task.run = undefined;
    task.cancelling = false;
    // Only failed tasks are logged.
    if (outcome === 'Failed') {
      this.#activity.add({ type: 'TaskFailed', name: `${definition.name} failed`, severity: 'Error' });
    }
    this.#changed();
  }

  #find(key: string): Task {
    const task = this.#tasks.find(({ definition }) => definition.key === key);
    if (task === undefined) throw new RangeError('no such task');
    return task;
  }
}

function compare(a: Task, b: Task): number {
  return a.definition.name < b.definition.name ? -1 : 1;
}

function resultJson({ outcome, startedAt, endedAt }: TaskResult, name: string, { definition, id }: Task): JsonObject {
  return {
    StartTimeUtc: dateText(startedAt),
    EndTimeUtc: dateText(endedAt),
    Status: outcome,
    Name: name,
    Key: definition.key,
    Id: id,
    ErrorMessage: outcome === 'Failed' ? 'The task could not be completed.' : undefined,
    LongErrorMessage: outcome === 'Failed' ? 'System.IO.IOException: The task could not be completed.' : undefined,
  };
}

function triggers({ hours, startup }: Definition): readonly JsonObject[] {
  const interval = hours === undefined ? [] : [{ Type: 'IntervalTrigger', IntervalTicks: hours * 36_000_000_000 }];
  return startup === true ? [{ Type: 'StartupTrigger' }, ...interval] : interval;
}
