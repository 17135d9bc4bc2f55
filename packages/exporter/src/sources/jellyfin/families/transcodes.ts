import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { TranscodeSpeed } from '../transcodes/speeds.ts';
import { oneHot } from './rows.ts';

const TOTAL = defineMetric({
  name: 'jellyfin_transcode_total',
  type: 'counter',
  help: 'Starts of ffmpeg for playback. With the collector transcode_logs each is counted, by its log: a seek beyond what is encoded and a change of quality start another. Without it only transcodes that are seen to begin in the sessions are, which misses short ones.',
  cost: '/System/Logs or /Sessions',
});
const FAILURES_SOURCE = defineMetric({
  name: 'jellyfin_transcode_failures_source',
  type: 'gauge',
  help: 'What tells jellyfin_transcode_failures_total: the logs in a folder (logfile), the logs of the API (api), or nothing (none), and then it is absent.',
  labels: { source: 'public' },
});
const SPEED = defineMetric({
  name: 'jellyfin_transcode_speed_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'Speed of the slowest running transcode: media time over time, 1 keeps up with the viewer. Approximate: by how far the encoders came between two polls; absent while none does, as one that the server holds back.',
  cost: '/Sessions',
  overflow: 'min',
});
const MEAN_SPEED = defineMetric({
  name: 'jellyfin_transcode_mean_speed_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'Arithmetic mean of the speeds of the running transcodes, like jellyfin_transcode_speed_ratio.',
  cost: '/Sessions',
  overflow: 'drop',
});

/** What tells of failed transcodes. */
export type FailuresSource = 'logfile' | 'api' | 'none';

const SOURCES: readonly FailuresSource[] = ['logfile', 'api', 'none'];

export const TRANSCODE_TOTAL_CATALOGUE: readonly Metric[] = [TOTAL, FAILURES_SOURCE];
export const SPEED_CATALOGUE: readonly Metric[] = [SPEED, MEAN_SPEED];

/** @param total absent while it is not known. */
export function transcodeTotalFamilies(total: number | undefined, source: FailuresSource): Family[] {
  return [family(TOTAL, total), { metric: FAILURES_SOURCE, samples: oneHot(SOURCES, source) }];
}

export function speedFamilies(speeds: Iterable<TranscodeSpeed>): Family[] {
  const ratios = Array.from(speeds, ({ ratio }) => ratio);
  if (ratios.length === 0) return [];
  const sum = ratios.reduce((a, b) => a + b, 0);
  return [family(SPEED, Math.min(...ratios)), family(MEAN_SPEED, sum / ratios.length)];
}
