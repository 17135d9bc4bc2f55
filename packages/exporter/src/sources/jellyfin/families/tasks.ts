import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { TallyRow } from '@media-exporter/model';
import type { JellyfinTask, TaskResult } from '../state.ts';
import { LabelSums, oneHot } from './rows.ts';

const COST = '/ScheduledTasks';
const TASK = { task: 'public' } as const;

export type TaskRunField = 'runs' | 'seconds';
export const TASK_RUN_FIELDS: readonly TaskRunField[] = ['runs', 'seconds'];

const SCAN = 'RefreshLibrary';

const RUNNING = defineMetric({
  name: 'jellyfin_task_running',
  type: 'gauge',
  help: 'Whether the scheduled task runs (1), being cancelled included, or not (0). Tasks go by their key, which does not change with the language.',
  labels: TASK,
  cost: COST,
});
const PROGRESS = defineMetric({
  name: 'jellyfin_task_progress_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'How far the running task is; absent while it does not run.',
  labels: TASK,
  cost: COST,
});
const LAST_DURATION = defineMetric({
  name: 'jellyfin_task_last_run_duration_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'How long the last run of the task took, however it ended; absent when it never ran.',
  labels: TASK,
  cost: COST,
});
const LAST_START = defineMetric({
  name: 'jellyfin_task_last_run_start_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'When the last finished run of the task began, in seconds since the epoch.',
  labels: TASK,
  cost: COST,
});
const LAST_END = defineMetric({
  name: 'jellyfin_task_last_run_end_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'When the last finished run of the task ended, in seconds since the epoch.',
  labels: TASK,
  cost: COST,
});
const LAST_STATUS = defineMetric({
  name: 'jellyfin_task_last_status',
  type: 'gauge',
  help: 'How the last run of the task ended: 1 for what holds, 0 for the others. aborted: the server was stopped.',
  labels: { ...TASK, status: 'public' },
  cost: COST,
});
const RUNS = defineMetric({
  name: 'jellyfin_task_runs_total',
  type: 'counter',
  help: 'Runs of tasks that ended since the first look. Approximate: of several that end between two looks the last is counted.',
  labels: { ...TASK, status: 'public' },
  cost: COST,
});
const SCAN_DURATION = defineMetric({
  name: 'jellyfin_library_scan_duration_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'How long the last completed scan of all libraries took; a later one that was cancelled or failed does not count.',
  cost: COST,
});
const SCAN_FAILURES = defineMetric({
  name: 'jellyfin_library_scan_failures_total',
  type: 'counter',
  help: 'Scans of all libraries that failed, or were aborted by the end of the server, since the first look. A scan that cannot read a folder still completes.',
  labels: { status: 'public' },
  cost: COST,
});

export const TASKS_CATALOGUE: readonly Metric[] = [
  RUNNING,
  PROGRESS,
  LAST_DURATION,
  LAST_START,
  LAST_END,
  LAST_STATUS,
  RUNS,
  SCAN_DURATION,
  SCAN_FAILURES,
];

const STATUSES: readonly TaskResult['status'][] = ['completed', 'failed', 'cancelled', 'aborted'];

/** What the tasks are now. Two of the same key do not occur; were there two, the first would count. */
export function tasksFamilies(all: readonly JellyfinTask[]): Family[] {
  const tasks = [...new Map(all.toReversed().map((task) => [task.key, task])).values()].toReversed();
  const rows = (metric: Metric<'task'>, value: (task: JellyfinTask) => number | undefined): Family =>
    family(
      metric,
      tasks.map((task) => [{ task: task.key }, value(task)]),
    );
  return [
    rows(RUNNING, ({ state }) => (state === 'idle' ? 0 : 1)),
    rows(PROGRESS, ({ progressRatio }) => progressRatio),
    rows(LAST_DURATION, ({ last }) => last && (last.end - last.start) / 1000),
    rows(LAST_START, ({ last }) => last && last.start / 1000),
    rows(LAST_END, ({ last }) => last && last.end / 1000),
    {
      metric: LAST_STATUS,
      samples: tasks.flatMap(({ key, last }) => (last === undefined ? [] : oneHot(STATUSES, last.status, [key]))),
    },
  ];
}

/** What has been counted, which stays when the tasks are not known. */
export function taskRunFamilies(rows: Iterable<TallyRow<TaskRunField>>, scanSeconds: number | undefined): Family[] {
  const runs = new LabelSums();
  const failures = new LabelSums().add(['failed'], 0).add(['aborted'], 0);
  for (const { labels, amounts } of rows) {
    runs.add(labels, amounts.runs);
    const [task, status = ''] = labels;
    if (task === SCAN && (status === 'failed' || status === 'aborted')) failures.add([status], amounts.runs);
  }
  return [runs.family(RUNS), family(SCAN_DURATION, scanSeconds), failures.family(SCAN_FAILURES)];
}
