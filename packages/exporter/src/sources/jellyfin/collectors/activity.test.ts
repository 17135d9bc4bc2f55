import type { Clock } from '@media-exporter/metrics';
import type { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import type { ActivityEntry } from '../state.ts';
import { iso, MINUTE, open, T0 } from '../testing/answering.testing.ts';
import { create } from './activity.ts';

/** An activity log with the dates and pages of the real one. */
class Log {
  entries: { Id: number; Type: string; Date: string; Severity: string; UserId: string; ItemId?: string }[] = [];

  add(id: number, type: string, ms: number, severity = 'Information'): void {
    this.entries.unshift({ Id: id, Type: type, Date: iso(ms), Severity: severity, UserId: 'a1', ItemId: 'b2' });
  }

  answer = (_: string, query: URLSearchParams): unknown => {
    const from = Date.parse(query.get('minDate') ?? iso(0));
    const found = this.entries.filter((entry) => Date.parse(entry.Date) >= from);
    const start = Number(query.get('startIndex'));
    return { Items: found.slice(start, start + Number(query.get('limit'))), TotalRecordCount: found.length };
  };
}

const events = (read: (name: string) => Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(read('jellyfin_activity_events_total')).filter(([, count]) => count > 0));

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for a run, and lets a second pass whenever it rests. */
async function rested({ clock }: { readonly clock: Clock }, run: Promise<void>): Promise<void> {
  let done = false;
  const end = run.finally(() => {
    done = true;
  });
  for (let turn = 0; !done && turn < 1_000; turn++) {
    await settle();
    (clock as ManualClock).advance(1_000);
  }
  await end;
}

describe('the activity log', () => {
  test('is counted from the first look on, each entry once', async () => {
    const log = new Log();
    log.add(1, 'UserCreated', T0);
    const { collector, read, context } = open(create, log.answer);
    const told: ActivityEntry[] = [];
    context.shared.onActivity((entries) => told.push(...entries));
    await collector.run();
    expect(events(read)).toEqual({});
    expect(read('jellyfin_activity_events_total')['UserCreated,Information']).toBe(0);
    log.add(2, 'VideoPlayback', T0 + MINUTE);
    log.add(3, 'AuthenticationFailed', T0 + MINUTE, 'Error');
    await collector.run();
    await collector.run();
    expect(events(read)).toEqual({ 'VideoPlayback,Information': 1, 'AuthenticationFailed,Error': 1 });
    expect(read('jellyfin_playback_started_total')).toEqual({ video: 1, audio: 0, other: 0 });
    expect(told.map(({ id }) => id)).toEqual([2, 3]);
  });

  test('is read page by page, and only as far as it is new', async () => {
    const log = new Log();
    log.add(1, 'SessionStarted', T0);
    const { collector, context, read, asked } = open(create, log.answer);
    await collector.run();
    for (let id = 2; id <= 251; id++) log.add(id, 'SessionStarted', T0 + id);
    await rested(context, collector.run());
    expect(events(read)).toEqual({ 'SessionStarted,Information': 250 });
    expect(asked.length).toBe(1 + 3);
    await collector.run();
    expect(asked.length).toBe(1 + 3 + 1);
  });

  test('rests before each further page, and counts what is logged meanwhile once', async () => {
    const log = new Log();
    log.add(1, 'SessionStarted', T0);
    const { collector, context, read, asked } = open(create, log.answer);
    await collector.run();
    for (let id = 2; id <= 4_901; id++) log.add(id, 'AuthenticationFailed', T0 + id, 'Error');
    asked.length = 0;
    const run = collector.run();
    await settle();
    expect(asked.length).toBe(1);
    for (let id = 4_902; id <= 4_911; id++) log.add(id, 'AuthenticationFailed', T0 + id, 'Error');
    (context.clock as ManualClock).advance(999);
    await settle();
    expect(asked.length).toBe(1);
    await rested(context, run);
    expect(asked.length).toBe(50);
    await rested(context, collector.run());
    expect(events(read)).toEqual({ 'AuthenticationFailed,Error': 4_910 });
  });

  test('is counted once though the exporter is stopped between two pages', async () => {
    const log = new Log();
    log.add(1, 'SessionStarted', T0);
    const first = open(create, log.answer);
    await first.collector.run();
    for (let id = 2; id <= 251; id++) log.add(id, 'SessionStarted', T0 + id);
    const run = first.collector.run();
    await settle();
    first.collector.stop?.();
    await run;
    expect(events(first.read)).toEqual({});
    const second = open(create, log.answer, first.context.kept);
    await rested(second.context, second.collector.run());
    expect(events(second.read)).toEqual({ 'SessionStarted,Information': 250 });
  });

  test('of a database that was begun anew is not counted backwards', async () => {
    const log = new Log();
    log.add(500, 'SessionStarted', T0);
    const { collector, read } = open(create, log.answer);
    await collector.run();
    log.entries = [];
    await collector.run();
    log.add(1, 'UserCreated', T0 + MINUTE);
    await collector.run();
    log.add(2, 'UserCreated', T0 + 2 * MINUTE);
    await collector.run();
    expect(events(read)).toEqual({ 'UserCreated,Information': 1 });
  });

  test('goes on after a restart with what was logged in between', async () => {
    const log = new Log();
    log.add(1, 'SessionStarted', T0);
    const first = open(create, log.answer);
    await first.collector.run();
    log.add(2, 'SessionStarted', T0 + MINUTE);
    await first.collector.run();
    log.add(3, 'SessionStarted', T0 + 2 * MINUTE);
    const second = open(create, log.answer, first.context.kept);
    expect(events(second.read)).toEqual({ 'SessionStarted,Information': 1 });
    await second.collector.run();
    expect(events(second.read)).toEqual({ 'SessionStarted,Information': 2 });
  });

  test('has types that are not known under one name', async () => {
    const log = new Log();
    log.add(1, 'SessionStarted', T0);
    const { collector, read } = open(create, log.answer);
    await collector.run();
    log.add(2, 'PluginOfMine.Did.This', T0 + MINUTE, 'Odd');
    await collector.run();
    expect(events(read)).toEqual({ 'other,other': 1 });
  });
});
