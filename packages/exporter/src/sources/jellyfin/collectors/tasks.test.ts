import { describe, expect, test } from 'vitest';
import { iso, MINUTE, open, T0 } from '../testing/answering.testing.ts';
import { create } from './tasks.ts';

interface Result {
  readonly status: string;
  readonly minute: number;
  readonly seconds: number;
}

const task = (key: string, state = 'Idle', last?: Result): object => ({
  Key: key,
  Name: '扫描媒体库',
  State: state,
  ...(state === 'Running' ? { CurrentProgressPercentage: 25 } : {}),
  ...(last === undefined
    ? {}
    : {
        LastExecutionResult: {
          StartTimeUtc: iso(T0 + last.minute * MINUTE),
          EndTimeUtc: iso(T0 + last.minute * MINUTE + last.seconds * 1000),
          Status: last.status,
          Key: key,
        },
      }),
});

describe('the scheduled tasks', () => {
  const scan = (status: string, minute: number, seconds = 30, state = 'Idle') =>
    task('RefreshLibrary', state, { status, minute, seconds });

  test('go by their keys, with what runs and how the last run went', async () => {
    const { collector, read, context } = open(create, () => [
      scan('Completed', 0, 30, 'Running'),
      task('DeleteCacheFiles'),
    ]);
    await collector.run();
    expect(read('jellyfin_task_running')).toEqual({ RefreshLibrary: 1, DeleteCacheFiles: 0 });
    expect(read('jellyfin_task_progress_ratio')).toEqual({ RefreshLibrary: 0.25 });
    expect(read('jellyfin_task_last_run_duration_seconds')).toEqual({ RefreshLibrary: 30 });
    expect(read('jellyfin_task_last_status')).toMatchObject({
      'RefreshLibrary,completed': 1,
      'RefreshLibrary,failed': 0,
    });
    expect(context.shared.scanRunning).toBe(true);
  });

  test('tell of failed scans that are new, and not of the one that was there', async () => {
    let last = scan('Failed', 0);
    const { collector, read } = open(create, () => [last]);
    await collector.run();
    expect(read('jellyfin_library_scan_failures_total')).toEqual({ failed: 0, aborted: 0 });
    last = scan('Failed', 10);
    await collector.run();
    await collector.run();
    last = scan('Aborted', 20);
    await collector.run();
    expect(read('jellyfin_library_scan_failures_total')).toEqual({ failed: 1, aborted: 1 });
  });

  test('remember how long the last completed scan took', async () => {
    let last = scan('Completed', 0, 42);
    const first = open(create, () => [last]);
    await first.collector.run();
    last = scan('Cancelled', 10, 1);
    await first.collector.run();
    expect(first.read('jellyfin_library_scan_duration_seconds')).toEqual({ '': 42 });
    const second = open(create, () => [last], first.context.kept);
    await second.collector.run();
    expect(second.read('jellyfin_library_scan_duration_seconds')).toEqual({ '': 42 });
    expect(second.read('jellyfin_task_runs_total')).toEqual({ 'RefreshLibrary,cancelled': 1 });
  });

  test('have no duration of a scan before one was completed', async () => {
    const { collector, read } = open(create, () => [scan('Cancelled', 0)]);
    await collector.run();
    expect(read('jellyfin_library_scan_duration_seconds')).toEqual({});
  });

  test('count what ended while the exporter was away', async () => {
    let last = scan('Completed', 0);
    const first = open(create, () => [last]);
    await first.collector.run();
    last = scan('Failed', 10);
    const second = open(create, () => [last], first.context.kept);
    await second.collector.run();
    expect(second.read('jellyfin_library_scan_failures_total')).toEqual({ failed: 1, aborted: 0 });
  });

  test('keep their counters when they cannot be asked, and say nothing else', async () => {
    let answer: unknown = [scan('Completed', 0)];
    const { collector, read, context } = open(create, () => answer);
    await collector.run();
    answer = 500;
    await expect(collector.run()).rejects.toThrow();
    expect(read('jellyfin_task_running')).toEqual({});
    expect(read('jellyfin_library_scan_failures_total')).toEqual({ failed: 0, aborted: 0 });
    expect(context.shared.scanRunning).toBeUndefined();
  });
});
