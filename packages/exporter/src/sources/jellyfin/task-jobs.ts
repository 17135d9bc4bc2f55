import type { JobOutcome, JobState, TallyRow } from '@media-exporter/model';
import type { TaskRunField } from './families/tasks.ts';

const OUTCOMES: Readonly<Record<string, JobOutcome>> = {
  completed: 'success',
  failed: 'failure',
  aborted: 'failure',
  cancelled: 'cancelled',
};

/** The runs of scheduled tasks as jobs that all servers have. */
export function taskJobs(rows: Iterable<TallyRow<TaskRunField>>): JobState[] {
  const jobs = new Map<string, JobState>();
  for (const { labels, amounts } of rows) {
    const [job = '', status = ''] = labels;
    const outcome = OUTCOMES[status] ?? 'failure';
    const name = `${outcome} ${job}`;
    jobs.set(name, { job, outcome, runs: (jobs.get(name)?.runs ?? 0) + amounts.runs });
  }
  return [...jobs.values()];
}
