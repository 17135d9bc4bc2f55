import { describe, expect, test } from 'vitest';
import type { ErrorCode, ExporterError } from '../../errors.ts';
import { UndeliveredError } from '../http/request-error.ts';
import { error, Fake, never, openEngine } from './testing/engine.testing.ts';

describe('the collectors of a server', () => {
  test('run once before the first scrape is answered, and then on their own intervals', async () => {
    const sessions = new Fake('sessions', 'fast', 10);
    const activity = new Fake('activity', 'fast', 60);
    const { engine, pass } = openEngine(sessions, activity);
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
    const { engine, clock } = openEngine(sessions);
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
    const { engine, names } = openEngine(sessions, activity);
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
    const { engine, names, pass } = openEngine(sessions);
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
    const { engine, shared, system, runs, pass } = openEngine(activity);
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
      const { engine, shared, system, runs, pass } = openEngine(sessions);
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
    const { engine, pass } = openEngine(activity);
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
    const { engine, shared, system, problems, names, pass } = openEngine(sessions, users);
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
    const { engine, shared, system, pass } = openEngine(users);
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
    const { engine, shared, system, problems, pass } = openEngine();
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
    const { engine, clock, pass } = openEngine(collector);
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
