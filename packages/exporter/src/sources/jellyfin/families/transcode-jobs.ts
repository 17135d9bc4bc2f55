import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { JobKind } from '../ffmpeg/name.ts';
import { oneHot } from './rows.ts';

const COST = '/System/Logs';

const TOTAL = defineMetric({
  name: 'jellyfin_transcode_total',
  type: 'counter',
  help: 'Starts of ffmpeg for playback: a seek beyond what is encoded and a change of quality start another. Log-derived: by the names of the logs that the server writes, one for each start.',
  cost: COST,
});
const JOBS = defineMetric({
  name: 'jellyfin_transcode_jobs_total',
  type: 'counter',
  help: 'Starts of ffmpeg for playback, by what the server calls them: transcode (video is encoded), directstream (only sound is), remux (nothing is). Log-derived.',
  labels: { kind: 'public' },
  cost: COST,
});
const FAILURES_SOURCE = defineMetric({
  name: 'jellyfin_transcode_failures_source',
  type: 'gauge',
  help: 'What tells jellyfin_transcode_failures_total: the logs in a folder (logfile), the logs of the API (api), or nothing (none), and then it is absent.',
  labels: { source: 'public' },
});

/** What tells of failed transcodes. */
export type FailuresSource = 'logfile' | 'api' | 'none';

const SOURCES: readonly FailuresSource[] = ['logfile', 'api', 'none'];

export const TRANSCODE_JOBS_CATALOGUE: readonly Metric[] = [TOTAL, JOBS, FAILURES_SOURCE];

/** @param jobs absent while they are not known. */
export function transcodeJobsFamilies(
  jobs: Readonly<Record<JobKind, number>> | undefined,
  source: FailuresSource,
): Family[] {
  const told = { metric: FAILURES_SOURCE, samples: oneHot(SOURCES, source) };
  if (jobs === undefined) return [told];
  const byKind = Object.entries(jobs).map(([kind, value]) => [{ kind }, value] as const);
  return [family(TOTAL, jobs.transcode + jobs.directstream + jobs.remux), family(JOBS, byKind), told];
}
