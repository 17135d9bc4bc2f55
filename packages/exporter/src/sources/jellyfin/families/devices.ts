import { defineMetric, type Family, type Metric } from '@media-exporter/metrics';
import type { JellyfinDevice } from '../parse/devices.ts';
import { LabelSums } from './rows.ts';

const COST = '/Devices, 3 ms of the server for each device';

const DEVICES = defineMetric({
  name: 'jellyfin_devices',
  type: 'gauge',
  help: 'Devices that are signed in, by the application and version that they last had.',
  labels: { client: 'public', version: 'public' },
  cost: COST,
});
const ACTIVE = defineMetric({
  name: 'jellyfin_devices_active',
  type: 'gauge',
  help: 'Devices that the server had heard of within the last day (window="1d") or week (window="7d") when they were last asked for.',
  labels: { window: 'public' },
  cost: COST,
});

export const DEVICES_CATALOGUE: readonly Metric[] = [DEVICES, ACTIVE];

const DAY_MS = 86_400_000;
const WINDOWS = [
  ['1d', DAY_MS],
  ['7d', 7 * DAY_MS],
] as const;

/** @param at when the server said so, by its clock, ms since the epoch. */
export function devicesFamilies(devices: readonly JellyfinDevice[], at: number): Family[] {
  const kinds = new LabelSums();
  for (const { client, version } of devices) kinds.add([client, version]);
  const dates = devices.flatMap(({ lastActivity }) => lastActivity ?? []);
  // Of some alone, it would be too few.
  if (dates.length < devices.length) return [kinds.family(DEVICES)];
  const active = new LabelSums();
  for (const [window, ms] of WINDOWS) active.add([window], dates.filter((date) => at - date < ms).length);
  return [kinds.family(DEVICES), active.family(ACTIVE)];
}
