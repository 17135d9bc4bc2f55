import type { Family, Metric } from '@media-exporter/metrics';
import { ChangedValues } from '../changed-values.ts';
import { TRANSCODE_JOBS_CATALOGUE, transcodeJobsFamilies } from '../families/transcode-jobs.ts';
import { ApiLogs, type Logs } from '../ffmpeg/logs.ts';
import { parseSavedJobs } from '../ffmpeg/saved-jobs.ts';
import { TranscodeJobs } from '../ffmpeg/transcode-jobs.ts';
import type { JellyfinState } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** No log is read, so none tells of a failure. */
const failuresFromLogs = (): boolean => false;

/** Starts of ffmpeg by the names of the logs that the server writes for each: a list tells them, and no log is read. */
export class TranscodeJobsCollector implements JellyfinCollector {
  readonly name = 'transcode_jobs';
  readonly line = 'fast';
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[] = TRANSCODE_JOBS_CATALOGUE;
  readonly #context: CollectorContext;
  readonly #logs: Logs;
  #jobs = new TranscodeJobs(failuresFromLogs);
  readonly #saved: ChangedValues;

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#saved = new ChangedValues(context.saved);
    this.#logs = new ApiLogs(context.client, () => context.shared.serverClock.now());
  }

  interval(): number {
    return this.#context.settings.logs_interval * 1000;
  }

  restore(saved: ReadonlyMap<string, unknown>): void {
    const jobs = parseSavedJobs(saved.get('jobs'));
    if (jobs !== undefined) this.#jobs = new TranscodeJobs(failuresFromLogs, jobs);
  }

  async run(): Promise<void> {
    // While the server scans, only what must not wait is asked of it; jobs are counted after.
    if (this.#context.shared.scanRunning === true && this.#jobs.primed) return;
    const { files, at } = await this.#logs.list();
    this.#jobs.list(files, at);
    this.#saved.put('jobs', this.#jobs.save());
  }

  families(): readonly Family[] {
    // Other servers that speak a similar API name their logs in another way.
    const known = this.#jobs.primed && this.#context.shared.jellyfin !== false;
    return transcodeJobsFamilies(known ? this.#jobs.totals.save().jobs : undefined, 'none');
  }

  state(): Partial<JellyfinState> {
    return {};
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new TranscodeJobsCollector(context);
}
