import { describe, expect, test } from 'vitest';
import { Fake, never, openEngine } from './testing/engine.testing.ts';

describe('the expensive collectors', () => {
  test('run one after the other', async () => {
    const users = new Fake('users', 'slow', 1800);
    const storage = new Fake('storage', 'slow', 300);
    const tasks = new Fake('tasks', 'fast', 10);
    const answer = Promise.withResolvers<void>();
    users.work = () => answer.promise;
    const { engine, clock } = openEngine(tasks, users, storage);
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
    const { engine, shared, clock, pass } = openEngine(tasks, storage);
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
    const { engine, shared, pass } = openEngine(tasks, storage, users);
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
      const { engine, clock, system } = openEngine(...(name === 'system' ? [] : [hanging]));
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
    const { engine, shared, clock } = openEngine(tasks, storage);
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
