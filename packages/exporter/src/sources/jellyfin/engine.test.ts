import { defineMetric, family } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, ExporterError, type Problem } from '../../errors.ts';
import { UndeliveredError } from '../http/request-error.ts';
import type { CollectorName, JellyfinCollector } from './collectors/collector.ts';
import { JellyfinEngine } from './engine.ts';
import { ServerClock } from './server-clock.ts';
import { Shared } from './shared.ts';

const never = (): AbortSignal => new AbortController().signal;
const METRIC = defineMetric({ name: 'jellyfin_test', type: 'gauge', help: 'Test.', labels: { name: 'public' } });

class Fake implements JellyfinCollector {
  readonly name: CollectorName;
  readonly line: 'fast' | 'slow';
  readonly staysVisible: boolean;
  readonly catalogue = [METRIC];
  readonly seconds: number;
  /** What a run does; resolves at once where nothing is said. */
  work: () => Promise<void> = async () => {};
  runs = 0;

  constructor(name: CollectorName, line: 'fast' | 'slow', seconds: number, staysVisible = false) {
    this.name = name;
    this.line = line;
    this.seconds = seconds;
    this.staysVisible = staysVisible;
  }

  interval = () => this.seconds * 1000;
  run = () => {
    this.runs += 1;
    return this.work();
  };
  families = () => [family(METRIC, [[{ name: this.name }, this.runs]])];
  state = () => ({});
}

function open(...others: readonly Fake[]) {
  const clock = new ManualClock();
  const shared = new Shared(new ServerClock(clock));
  const system = new Fake('system', 'fast', 10, true);
  system.work = async () => {
    shared.up = true;
  };
  const collectors = [system, ...others];
  const problems: (Problem | undefined)[] = [];
  const shown = collectors.map(({ name }) => name);
  const onAnswer = (problem: Problem | undefined): unknown => problems.push(problem);
  const runs: string[] = [];
  const onRun = (name: CollectorName, problem: Problem | undefined): unknown =>
    runs.push(`${name} ${problem?.code ?? 'ok'}`);
  const engine = new JellyfinEngine({ clock, random: () => 0.5, shared, collectors, shown, onAnswer, onRun });
  const names = (): string[] =>
    engine.families().flatMap(({ samples }) => [...samples].map(({ labels }) => labels[0] ?? ''));
  /** Lets time pass in steps, since runs end between two steps only. */
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 5) await clock.tick(5_000);
  };
  return { engine, clock, shared, system, problems, runs, names, pass };
}

const error = (code: ErrorCode, status?: number) =>
  new ExporterError({ code, detail: 'in the test', ...(status === undefined ? {} : { status }) });

describe('the collectors of a server', () => {
  test('run once before the first scrape is answered, and then on their own intervals', async () => {
    const sessions = new Fake('sessions', 'fast', 10);
    const activity = new Fake('activity', 'fast', 60);
    const { engine, pass } = open(sessions, activity);
    engine.start();
    await engine.ready(never());
    expect([sessions.runs, activity.runs]).toEqual([1, 1]);
    await pass(60);
    expect(sessions.runs).toBeGreaterThan(5);
    expect(activity.runs).toBe(2);
    engine.stop();
  });

  test('run no more often for many scrapers than for none', async () => {
    const sessions = new Fake('sessions', 'fast', 10);
    const { engine, clock } = open(sessions);
    engine.start();
    for (let second = 0; second < 600; second += 1) {
      await Promise.all(Array.from({ length: 10 }, () => engine.ready(never())));
      engine.families();
      await clock.tick(1_000);
    }
    expect(sessions.runs).toBeGreaterThanOrEqual(60);
    expect(sessions.runs).toBeLessThanOrEqual(61);
    engine.stop();
  });

  test('fail alone', async () => {
    const sessions = new Fake('sessions', 'fast', 10);
    const activity = new Fake('activity', 'fast', 60);
    activity.work = () => Promise.reject(error('MX_UPSTREAM_STATUS', 500));
    const { engine, names } = open(sessions, activity);
    engine.start();
    await engine.ready(never());
    expect(engine.statuses().map(({ name, success }) => [name, success])).toEqual([
      ['system', true],
      ['sessions', true],
      ['activity', false],
    ]);
    expect(names()).toEqual(['system', 'sessions']);
    engine.stop();
  });

  test('are shown for three intervals after the last success, and no longer', async () => {
    const sessions = new Fake('sessions', 'fast', 10);
    const { engine, names, pass } = open(sessions);
    engine.start();
    await engine.ready(never());
    sessions.work = () => Promise.reject(error('MX_UPSTREAM_STATUS', 500));
    await pass(30);
    expect(names()).toEqual(['system', 'sessions']);
    await pass(5);
    expect(names()).toEqual(['system']);
    engine.stop();
  });

  test('report that they fail while the server is up, and nothing while it is down', async () => {
    const activity = new Fake('activity', 'fast', 10);
    const { engine, shared, system, runs, pass } = open(activity);
    const lookUp = system.work;
    activity.work = () => Promise.reject(error('MX_UPSTREAM_FORBIDDEN', 403));
    engine.start();
    await engine.ready(never());
    expect(runs).toEqual([]);
    await pass(10);
    expect(runs).toEqual(['activity MX_UPSTREAM_FORBIDDEN']);
    system.work = async () => {
      shared.up = false;
      throw error('MX_UPSTREAM_CONNECT');
    };
    await pass(15);
    runs.length = 0;
    await pass(900);
    expect(runs).toEqual([]);
    system.work = lookUp;
    activity.work = async () => {};
    await pass(60);
    expect(new Set(runs)).toEqual(new Set(['activity ok']));
    engine.stop();
  });

  test.each<ErrorCode>(['MX_UPSTREAM_CONNECT', 'MX_UPSTREAM_TIMEOUT', 'MX_UPSTREAM_STARTING'])(
    'report %s when the server is seen to be up after it, and else nothing',
    async (code) => {
      const sessions = new Fake('sessions', 'fast', 10);
      const { engine, shared, system, runs, pass } = open(sessions);
      engine.start();
      await engine.ready(never());
      await pass(15);
      runs.length = 0;
      sessions.work = () => Promise.reject(error(code));
      const lookUp = system.work;
      system.work = async () => {
        shared.up = false;
        throw error(code);
      };
      await pass(120);
      expect(runs).toEqual([]);
      system.work = lookUp;
      await pass(120);
      expect(new Set(runs)).toEqual(new Set([`sessions ${code}`]));
      engine.stop();
    },
  );

  test('are left alone for ten minutes when the server does not allow them', async () => {
    const activity = new Fake('activity', 'fast', 60);
    activity.work = () => Promise.reject(error('MX_UPSTREAM_FORBIDDEN', 403));
    const { engine, pass } = open(activity);
    engine.start();
    await engine.ready(never());
    await pass(590);
    expect(activity.runs).toBe(1);
    expect(engine.statuses()[1]?.problem).toMatchObject({ code: 'MX_UPSTREAM_FORBIDDEN', status: 403 });
    await pass(120);
    expect(activity.runs).toBe(2);
    engine.stop();
  });

  test('ask nothing while the server is down, and come back at once when it is up again', async () => {
    const sessions = new Fake('sessions', 'fast', 10);
    const users = new Fake('users', 'slow', 1800);
    const { engine, shared, system, problems, names, pass } = open(sessions, users);
    const lookUp = system.work;
    engine.start();
    await engine.ready(never());
    system.work = async () => {
      shared.up = false;
      throw error('MX_UPSTREAM_CONNECT');
    };
    await pass(15);
    const before = sessions.runs;
    expect(problems.at(-1)?.code).toBe('MX_UPSTREAM_CONNECT');
    expect(names()).toEqual(['system']);
    await pass(300);
    expect(sessions.runs).toBe(before);
    expect(engine.statuses()[1]).toMatchObject({ success: false, problem: { code: 'MX_UPSTREAM_CONNECT' } });
    system.work = lookUp;
    await pass(15);
    expect(sessions.runs).toBe(before + 1);
    expect(problems.at(-1)).toBeUndefined();
    engine.stop();
  });

  test.each<[string, Error, number]>([
    ['at once when it was not delivered', new UndeliveredError({ code: 'MX_UPSTREAM_CONNECT', detail: 'refused' }), 10],
    ['at once when the server was starting', error('MX_UPSTREAM_STARTING', 503), 10],
    ['on its interval when the server may have died of it', error('MX_UPSTREAM_CONNECT'), 1],
  ])('ask again when a server that went down is back: %s', async (_, lost, most) => {
    const users = new Fake('users', 'slow', 1800);
    const { engine, shared, system, pass } = open(users);
    const lookUp = system.work;
    users.work = () => Promise.reject(lost);
    engine.start();
    await engine.ready(never());
    for (let times = 1; times < 10; times += 1) {
      system.work = async () => {
        shared.up = false;
        throw error('MX_UPSTREAM_CONNECT');
      };
      await pass(15);
      system.work = lookUp;
      await pass(45);
    }
    expect(users.runs).toBe(most);
    await pass(2_000);
    expect(users.runs).toBe(most + 1);
    engine.stop();
  });
});

describe('a server that is left alone for a while', () => {
  test('is neither up nor down for that', async () => {
    const { engine, shared, system, problems, pass } = open();
    system.work = async () => {
      shared.up = true;
      throw error('MX_UPSTREAM_REDIRECT', 302);
    };
    engine.start();
    await engine.ready(never());
    system.work = () => Promise.reject(error('MX_UPSTREAM_PAUSED'));
    await pass(60);
    expect(problems.map((problem) => problem?.code)).toEqual(['MX_UPSTREAM_REDIRECT']);
    expect(engine.statuses()[0]?.success).toBe(false);
    engine.stop();
  });
});

describe('a request that failed', () => {
  const asks = async (collector: Fake, failure: ExporterError, seconds: number): Promise<number[]> => {
    const { engine, clock, pass } = open(collector);
    const at: number[] = [];
    collector.work = async () => {
      at.push(clock.now());
      throw failure;
    };
    engine.start();
    await engine.ready(never());
    await pass(seconds);
    engine.stop();
    return at.slice(1).map((time, index) => (time - (at[index] ?? 0)) / 1000);
  };

  test.each(['fast', 'slow'] as const)('is not made again sooner than one that succeeded (%s)', async (line) => {
    const seconds = line === 'fast' ? 10 : 300;
    const gaps = await asks(new Fake('sessions', line, seconds), error('MX_UPSTREAM_STATUS', 500), 7_200);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(seconds);
    expect(gaps.length).toBeGreaterThan(3);
  });

  test('waits half a minute where its collector goes on after a second', async () => {
    const gaps = await asks(new Fake('library_walk', 'slow', 1), error('MX_UPSTREAM_STATUS', 500), 3_600);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30);
  });

  test('waits longer and longer, up to five minutes, where the server does not take the key', async () => {
    const gaps = await asks(new Fake('sessions', 'fast', 10), error('MX_UPSTREAM_UNAUTHORIZED', 401), 7_200);
    expect(gaps[0]).toBeGreaterThanOrEqual(20);
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(300);
    expect(gaps.at(-1)).toBeLessThan(400);
  });
});

describe('the expensive collectors', () => {
  test('run one after the other', async () => {
    const users = new Fake('users', 'slow', 1800);
    const storage = new Fake('storage', 'slow', 300);
    const tasks = new Fake('tasks', 'fast', 10);
    const answer = Promise.withResolvers<void>();
    users.work = () => answer.promise;
    const { engine, clock } = open(tasks, users, storage);
    engine.start();
    await clock.tick(0);
    expect([users.runs, storage.runs]).toEqual([1, 0]);
    answer.resolve();
    await engine.ready(never());
    expect(storage.runs).toBe(1);
    engine.stop();
  });

  test('wait until a scan of the libraries is over, which keeps no scrape waiting', async () => {
    const storage = new Fake('storage', 'slow', 300);
    const tasks = new Fake('tasks', 'fast', 10);
    const { engine, shared, clock, pass } = open(tasks, storage);
    let scanning = true;
    tasks.work = async () => {
      shared.scanRunning = scanning;
    };
    engine.start();
    const ready = engine.ready(never());
    await clock.tick(0);
    await clock.tick(5_000);
    await ready;
    await pass(3600);
    expect(storage.runs).toBe(0);
    expect(tasks.runs).toBeGreaterThan(300);
    scanning = false;
    await pass(15);
    expect(storage.runs).toBe(1);
    engine.stop();
  });

  test('that ask little at first are run once during a scan, and again after it', async () => {
    const storage = new Fake('storage', 'slow', 300);
    const users = Object.assign(new Fake('users', 'slow', 300), { startsDuringScan: true });
    const tasks = new Fake('tasks', 'fast', 10);
    const { engine, shared, pass } = open(tasks, storage, users);
    let scanning = true;
    tasks.work = async () => {
      shared.scanRunning = scanning;
    };
    engine.start();
    await pass(3600);
    expect([storage.runs, users.runs]).toEqual([0, 1]);
    scanning = false;
    await pass(15);
    expect([storage.runs, users.runs]).toEqual([1, 2]);
    engine.stop();
  });

  test.each([
    ['storage', 'slow'],
    ['sessions', 'fast'],
    ['system', 'fast'],
  ] as const)(
    'such as %s, %s, keep the scrapes of the first seconds waiting, and none after that',
    async (name, line) => {
      const hanging = new Fake(name, line, 300);
      const { engine, clock, system } = open(...(name === 'system' ? [] : [hanging]));
      (name === 'system' ? system : hanging).work = () => new Promise(() => {});
      engine.start();
      let waiting = true;
      const first = engine.ready(never()).then(() => {
        waiting = false;
      });
      await clock.tick(4_900);
      expect(waiting).toBe(true);
      await clock.tick(100);
      await first;
      waiting = true;
      void engine.ready(never()).then(() => {
        waiting = false;
      });
      await clock.tick(0);
      expect(waiting).toBe(false);
      engine.stop();
    },
  );

  test('leave nothing hanging when they are stopped while they wait', async () => {
    const storage = new Fake('storage', 'slow', 300);
    const tasks = new Fake('tasks', 'fast', 10);
    const { engine, shared, clock } = open(tasks, storage);
    tasks.work = async () => {
      shared.scanRunning = true;
    };
    engine.start();
    await clock.tick(0);
    engine.stop();
    await clock.tick(0);
    expect(clock.pending).toBe(0);
    expect(storage.runs).toBe(0);
  });
});
