import { lint } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { values } from '../testing/context.testing.ts';
import { PLAY_COUNTS_CATALOGUE, RECENTLY_ADDED_CATALOGUE } from './items.ts';
import { LIBRARY_CATALOGUE } from './library.ts';
import { LIBRARY_WALK_CATALOGUE } from './library-walk.ts';
import { BARE_PROCESS_CATALOGUE, PROCESS_CATALOGUE, processFamilies } from './process.ts';
import { TRANSCODE_LOGS_CATALOGUE } from './transcode-logs.ts';
import { SPEED_CATALOGUE, speedFamilies } from './transcode-speeds.ts';

/** Names that dashboards have, and that no rule would allow today. */
const FIXED = ['jellyfin_library_items_total', 'jellyfin_item_play_count'];

test('names are those of today, but for the fixed ones', () => {
  const catalogue = [
    ...LIBRARY_CATALOGUE,
    ...LIBRARY_WALK_CATALOGUE,
    ...PROCESS_CATALOGUE,
    ...BARE_PROCESS_CATALOGUE,
    ...TRANSCODE_LOGS_CATALOGUE,
    ...SPEED_CATALOGUE,
    ...RECENTLY_ADDED_CATALOGUE,
    ...PLAY_COUNTS_CATALOGUE,
  ];
  expect(lint(catalogue).map(({ metric }) => metric)).toEqual(FIXED);
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
});

test('each figure of a process is from the first source that knows it', () => {
  const view = {
    sources: [
      { source: 'metrics', figures: { cpuSeconds: 1 } },
      { source: 'pid', figures: { cpuSeconds: 2, readBytes: 20 } },
      { source: 'cgroup', figures: undefined },
    ],
    runtime: undefined,
    group: undefined,
  } as const;
  const families = processFamilies(view);
  expect(values(families, 'jellyfin_process_cpu_seconds_total')).toEqual({ metrics: 1 });
  expect(values(families, 'jellyfin_process_read_bytes_total')).toEqual({ pid: 20 });
  expect(values(families, 'jellyfin_process_source_up')).toEqual({ metrics: 1, pid: 1, cgroup: 0 });
});

test('the speed is that of the slowest, and absent without any', () => {
  const families = speedFamilies([
    { itemId: 'a', ratio: 3 },
    { itemId: 'b', ratio: 0.5 },
  ]);
  expect(values(families, 'jellyfin_transcode_speed_ratio')).toEqual({ '': 0.5 });
  expect(values(families, 'jellyfin_transcode_mean_speed_ratio')).toEqual({ '': 1.75 });
  expect(speedFamilies([])).toEqual([]);
});
