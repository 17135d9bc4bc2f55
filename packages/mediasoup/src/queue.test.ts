import type { Clock } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { beforeEach, expect, test } from 'vitest';
import { type Pollable, WorkerQueue } from './queue.ts';
import type { RequestOutcome } from './state.ts';

let clock: ManualClock;
let counts: Partial<Record<RequestOutcome, number>>;
let queue: WorkerQueue;

beforeEach(() => {
  clock = new ManualClock();
  counts = {};
  queue = new WorkerQueue({
    clock,
    concurrency: 2,
    deadline: 1_000,
    count: (outcome, requests) => {
      counts[outcome] = (counts[outcome] ?? 0) + requests;
    },
  });
});

/** A request that is answered or refused by hand. */
class Question implements Pollable {
  closed = false;
  asked = 0;
  readonly answers: unknown[] = [];
  answer: (value: unknown) => void = () => {};
  refuse: (error: Error) => void = () => {};

  ask(): Promise<unknown> {
    this.asked++;
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.refuse = reject;
    });
  }

  take(answer: unknown): void {
    this.answers.push(answer);
  }
}

const questions = (count: number): Question[] => Array.from({ length: count }, () => new Question());
const asked = (all: readonly Question[]): number => all.reduce((sum, question) => sum + question.asked, 0);

test('no more are under way than allowed, and the next goes when one is answered', async () => {
  const all = questions(5);
  const run = queue.run(all);
  expect(asked(all)).toBe(2);
  all[0]?.answer('a');
  await clock.tick(0);
  expect(asked(all)).toBe(3);
  for (const question of all) {
    question.answer('b');
    await clock.tick(0);
  }
  await run;
  expect(counts).toEqual({ success: 5 });
  expect(all[0]?.answers).toEqual(['a']);
  expect(clock.pending).toBe(0);
});

test('what is closed is not asked, and what closes meanwhile is no failure', async () => {
  const all = questions(3);
  const [first, second, third] = all as [Question, Question, Question];
  first.closed = true;
  const run = queue.run(all);
  expect(first.asked).toBe(0);
  second.closed = true;
  second.refuse(new Error(''));
  third.refuse(new Error('no'));
  await run;
  expect(counts).toEqual({ closed: 2, failure: 1 });
  expect(queue.stuck).toBe(false);
});

test('an answer beyond the deadline marks the worker, which is asked nothing until it answers', async () => {
  const all = questions(4);
  const run = queue.run(all);
  await clock.tick(1_000);
  expect(queue.stuck).toBe(false);
  await clock.tick(100);
  await run;
  expect(queue.stuck).toBe(true);
  expect(counts).toEqual({ timeout: 2, skipped: 2 });

  await queue.run(questions(3));
  expect(asked(all)).toBe(2);
  expect(counts).toEqual({ timeout: 2, skipped: 5 });

  all[1]?.answer('late');
  await clock.tick(0);
  expect(queue.stuck).toBe(false);
  expect(all[1]?.answers).toEqual(['late']);
  const more = questions(2);
  const again = queue.run(more);
  expect(asked(more)).toBe(2);
  for (const question of more) question.answer('x');
  await again;
  expect(counts).toEqual({ timeout: 2, skipped: 5, success: 2 });
});

test('when everything that was late is refused in the end, a single request tries again', async () => {
  const all = questions(2);
  const run = queue.run(all);
  await clock.tick(1_100);
  await run;
  for (const question of all) question.refuse(new Error('Channel request timeout'));
  await clock.tick(0);
  expect(queue.stuck).toBe(true);

  const more = questions(4);
  const again = queue.run(more);
  expect(asked(more)).toBe(1);
  more[0]?.answer('back');
  await clock.tick(0);
  expect(queue.stuck).toBe(false);
  expect(asked(more)).toBe(3);
  for (const question of more) {
    question.answer('x');
    await clock.tick(0);
  }
  await again;
});

test('a worker that is slow but answers in time is never stuck', async () => {
  const all = questions(6);
  const run = queue.run(all);
  for (const question of all) {
    await clock.tick(450);
    question.answer('slow');
    await clock.tick(0);
  }
  await run;
  expect(counts).toEqual({ success: 6 });
});

test('after a millisecond of asking the queue rests for four, so that media gets its turn', async () => {
  let worked = 0;
  const busy: Clock = {
    now: () => clock.now() + worked,
    date: () => clock.date(),
    after: (delay, task) => clock.after(delay, task),
  };
  let sent = 0;
  const item: Pollable = {
    closed: false,
    ask: () => {
      sent++;
      worked += 0.5;
      return Promise.resolve();
    },
    take: () => {},
  };
  const paced = new WorkerQueue({ clock: busy, concurrency: 16, deadline: 1_000, count: () => {} });
  const run = paced.run([item, item, item, item, item]);
  await clock.tick(0);
  expect(sent).toBe(2);
  await clock.tick(3);
  expect(sent).toBe(2);
  await clock.tick(1);
  expect(sent).toBe(4);
  await clock.tick(4);
  await run;
  expect(sent).toBe(5);
  expect(clock.pending).toBe(0);
});

test('answers that came while something blocked the event loop still count', async () => {
  const [question] = questions(1) as [Question];
  const run = queue.run([question]);
  clock.advance(1_050);
  question.answer('was there');
  await run;
  expect(queue.stuck).toBe(false);
  expect(counts).toEqual({ success: 1 });
});

test('one that throws, when asked or when answered, is a failure and spoils nothing', async () => {
  const throwing: Pollable = {
    closed: false,
    ask: () => {
      throw new Error('asked');
    },
    take: () => {},
  };
  const choking: Pollable = {
    closed: false,
    ask: () => Promise.resolve(1),
    take: () => {
      throw new Error('taken');
    },
  };
  const [fine] = questions(1) as [Question];
  const run = queue.run([throwing, choking, fine]);
  await clock.tick(0);
  fine.answer('ok');
  await run;
  expect(counts).toEqual({ failure: 2, success: 1 });
});

test('closing ends what is under way', async () => {
  const run = queue.run(questions(5));
  queue.close();
  await run;
  expect(counts).toEqual({ closed: 2, skipped: 3 });
  expect(clock.pending).toBe(0);
});
