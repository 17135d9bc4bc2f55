import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { TranscodeSpeed } from '../transcodes/speeds.ts';

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

export const SPEED_CATALOGUE: readonly Metric[] = [SPEED, MEAN_SPEED];

export function speedFamilies(speeds: Iterable<TranscodeSpeed>): Family[] {
  const ratios = Array.from(speeds, ({ ratio }) => ratio);
  if (ratios.length === 0) return [];
  const sum = ratios.reduce((a, b) => a + b, 0);
  return [family(SPEED, Math.min(...ratios)), family(MEAN_SPEED, sum / ratios.length)];
}
