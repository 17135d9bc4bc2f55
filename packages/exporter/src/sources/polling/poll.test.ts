import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { Poller } from './poll.ts';
import { Round } from './round.ts';

function open(options: { random?: () => number; least?: number; most?: number } = {}) {
  const clock = new ManualClock();
  const bench = { clock, at: [] as number[], interval: 10_000, work: async (): Promise<void> => {} };
  const round = new Round('things', clock, () => {
    bench.at.push(clock.now());
    return bench.work();
  });
  const poller = new Poller({
    clock,
    round,
    random: () => 0.5,
    interval: () => bench.interval,
    least: 5_000,
    most: 60_000,
    ...options,
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) await clock.tick(1_000);
  };
  return Object.assign(bench, { poller, round, pass });
}

test('it runs at once, and then on its interval', async () => {
  const { poller, at, pass } = open();
  await poller.start();
  await pass(30);
  expect(at).toEqual([0, 10_000, 20_000, 30_000]);
});

test('another interval holds from the next run on', async () => {
  const bench = open();
  await bench.poller.start();
  bench.interval = 30_000;
  await bench.pass(60);
  expect(bench.at).toEqual([0, 10_000, 40_000]);
});

test('chance moves it by a twentieth', async () => {
  const early = open({ random: () => 0 });
  await early.poller.start();
  await early.pass(12);
  expect(early.at).toEqual([0, 9_500]);
});

test('a hurry brings it forward, but never below the least', async () => {
  const { poller, at, pass } = open();
  await poller.start();
  await pass(1);
  poller.hurry();
  poller.hurry(1_000);
  await pass(6);
  expect(at).toEqual([0, 5_000]);
  await pass(3);
  poller.hurry(2_000);
  await pass(2);
  expect(at).toEqual([0, 5_000, 12_000]);
});

test('a hurry never puts it off', async () => {
  const { poller, at, pass } = open();
  await poller.start();
  await pass(9);
  poller.hurry(8_000);
  await pass(2);
  expect(at).toEqual([0, 10_000]);
});

test('a hurry during a run is for the next one', async () => {
  const bench = open();
  const gate = Promise.withResolvers<void>();
  bench.work = () => gate.promise;
  const first = bench.poller.start();
  await bench.pass(3);
  bench.poller.hurry();
  gate.resolve();
  await first;
  await bench.pass(6);
  expect(bench.at).toEqual([0, 8_000]);
});

test('failures make it wait longer and longer, by chance, up to a limit; a success ends that', async () => {
  const bench = open({ random: () => 1 });
  bench.interval = 10_000;
  bench.work = async () => {
    throw new Error('down');
  };
  await bench.poller.start();
  await bench.pass(200);
  expect(bench.at).toEqual([0, 10_000, 30_000, 70_000, 130_000, 190_000]);
  bench.work = async () => {};
  await bench.pass(61);
  expect(bench.at.slice(-2)).toEqual([250_000, 260_500]);
});

test('with luck a failure is followed at once by what the least allows', async () => {
  const bench = open({ random: () => 0 });
  bench.work = async () => {
    throw new Error('down');
  };
  await bench.poller.start();
  await bench.pass(11);
  expect(bench.at).toEqual([0, 5_000, 10_000]);
});

test('it joins a run that somebody else began', async () => {
  const bench = open();
  const gate = Promise.withResolvers<void>();
  bench.work = () => gate.promise;
  const other = bench.round.run(new AbortController().signal);
  const first = bench.poller.start();
  gate.resolve();
  await Promise.all([other, first]);
  expect(bench.at).toEqual([0]);
});

test('after a stop nothing runs any more, hurried or not', async () => {
  const { poller, at, pass, clock } = open();
  await poller.start();
  poller.stop();
  poller.hurry();
  await pass(60);
  expect(at).toEqual([0]);
  expect(clock.pending).toBe(0);
});

test('a stop during a run is its end', async () => {
  const bench = open();
  bench.work = () => new Promise(() => {});
  const first = bench.poller.start();
  bench.poller.stop();
  await first;
  await bench.pass(60);
  expect(bench.at).toEqual([0]);
});
