import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { ExporterError } from '../../errors.ts';
import { Round, untilAborted } from './round.ts';

const never = (): AbortSignal => new AbortController().signal;

test('whoever asks while it runs shares the run', async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const round = new Round('stats', new ManualClock(), () => {
    runs += 1;
    return gate.promise;
  });
  const asked = [round.run(never()), round.run(never()), round.run(never())];
  gate.resolve();
  await Promise.all(asked);
  expect(runs).toBe(1);
  await round.run(never());
  expect(runs).toBe(2);
});

test('one who is late leaves, and the run goes on for the next', async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const round = new Round('stats', new ManualClock(), () => {
    runs += 1;
    return gate.promise;
  });
  const deadline = new AbortController();
  const late = round.run(deadline.signal);
  deadline.abort(new Error('too late'));
  await expect(late).rejects.toThrow('too late');
  expect(round.status).toBeUndefined();
  const next = round.run(never());
  gate.resolve();
  await next;
  expect(runs).toBe(1);
  expect(round.status?.success).toBe(true);
});

test('the status tells duration, last success and what went wrong', async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  let fail = false;
  const round = new Round('stats', clock, async () => {
    clock.advance(250);
    if (fail) throw new ExporterError({ code: 'MX_UPSTREAM_CONNECT', detail: 'gone' });
  });
  await round.run(never());
  const succeeded = Date.UTC(2026, 0, 1) + 250;
  expect(round.status).toEqual({ name: 'stats', success: true, seconds: 0.25, lastSuccess: succeeded });
  fail = true;
  await round.run(never());
  expect(round.status).toEqual({
    name: 'stats',
    success: false,
    seconds: 0.25,
    lastSuccess: succeeded,
    problem: { code: 'MX_UPSTREAM_CONNECT', detail: 'gone' },
  });
});

test('a wait that ends in time leaves no listener behind', async () => {
  const controller = new AbortController();
  expect(await untilAborted(Promise.resolve(3), controller.signal)).toBe(3);
  controller.abort();
});
