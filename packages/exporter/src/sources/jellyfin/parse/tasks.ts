import type { Parsed } from '../../http/http.ts';
import type { JellyfinTask, TaskResult } from '../state.ts';
import { date, fields, known, lookup, number, parseList, text } from './json.ts';

const STATES: Readonly<Record<string, JellyfinTask['state']>> = {
  Idle: 'idle',
  Running: 'running',
  Cancelling: 'cancelling',
};

const STATUSES: Readonly<Record<string, TaskResult['status']>> = {
  Completed: 'completed',
  Failed: 'failed',
  Cancelled: 'cancelled',
  Aborted: 'aborted',
};

/** `/ScheduledTasks`. A task without a key, or in a state that is not known, is left out. */
export function parseTasks(json: unknown): Parsed<JellyfinTask[]> {
  return parseList(json, (entry) => {
    const raw = fields(entry);
    const key = text(raw?.Key);
    const state = raw === undefined ? undefined : lookup(STATES, raw.State);
    if (raw === undefined || key === undefined || state === undefined) return undefined;
    const progress = number(raw.CurrentProgressPercentage);
    return known<JellyfinTask>({
      key,
      state,
      progressRatio: state === 'idle' || progress === undefined ? undefined : progress / 100,
      last: parseResult(raw.LastExecutionResult),
    });
  });
}

function parseResult(value: unknown): TaskResult | undefined {
  const raw = fields(value);
  const start = date(raw?.StartTimeUtc);
  const end = date(raw?.EndTimeUtc);
  const status = lookup(STATUSES, raw?.Status);
  if (start === undefined || end === undefined || status === undefined || end < start) return undefined;
  return { start, end, status };
}
