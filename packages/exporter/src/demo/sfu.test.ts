import { EventEmitter } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseState, type SfuState } from '@media-exporter/mediasoup';
import { systemClock } from '@media-exporter/metrics';
import { expect, test } from 'vitest';
import { describeWith } from '../../../../test/support/tools.ts';
import { until } from '../../../../test/support/until.ts';
import type { DemoServer } from './demo.ts';
import { loadMediasoup } from './mediasoup.ts';
import { startDemoSfu } from './sfu.ts';

const log = { warn: () => {} };

function socketOf({ source }: DemoServer): string {
  return source.url.replace(/^unix:/, '');
}

/** The state as the daemon reads it. */
async function readState(demo: DemoServer): Promise<SfuState> {
  const body = await new Promise<string>((resolve, reject) => {
    request({ socketPath: socketOf(demo), path: '/stats' }, (response) => resolve(text(response)))
      .on('error', reject)
      .end();
  });
  const parsed = parseState(JSON.parse(body));
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.state;
}

/** Waits until media was seen in both rooms. */
function alive(demo: DemoServer): Promise<SfuState> {
  return until(
    async () => {
      const state = await readState(demo);
      return state.rtp.some(({ direction, bytes }) => direction === 'send' && bytes > 0) ? state : undefined;
    },
    { what: 'RTP in the state' },
  );
}

test('without a worker a simulated SFU is served where only this user can read it, and says so', async () => {
  const demo = await startDemoSfu({ clock: systemClock, log, load: async () => 'no worker here' });
  try {
    expect(demo.describe[0]).toContain('simulated mediasoup SFU, no real one: no worker here');
    expect(statSync(socketOf(demo)).mode & 0o777).toBe(0o600);
    expect(await alive(demo)).toMatchObject({ rooms: 2, peers: 5 });
  } finally {
    await demo.close();
  }
  expect(existsSync(dirname(socketOf(demo)))).toBe(false);
});

test('a worker that does not start is told of, and simulated', async () => {
  const warned: string[] = [];
  const broken = { observer: new EventEmitter(), createWorker: () => Promise.reject(new Error('exit code 127')) };
  const demo = await startDemoSfu({
    clock: systemClock,
    log: { warn: (...args: unknown[]) => void warned.push(String(args.at(-1))) },
    load: async () => broken,
  });
  await demo.close();
  expect(warned).toHaveLength(1);
  expect(demo.describe[0]).toContain('its worker does not start');
});

describeWith('mediasoup-worker', 'with a worker', ({ 'mediasoup-worker': worker }) => {
  test('a real SFU carries RTP, and its process ends with the demo', async () => {
    process.env.MEDIASOUP_WORKER_BIN = worker.path;
    const demo = await startDemoSfu({ clock: systemClock, log, load: loadMediasoup });
    const pid = Number(/worker process (\d+)/.exec(demo.describe[0] ?? '')?.[1]);
    try {
      expect(demo.describe[0]).toContain('a real mediasoup 3.8.4 SFU');
      const state = await alive(demo);
      expect(state).toMatchObject({ rooms: 2, peers: 5 });
      expect(state.workers.map((each) => each.pid)).toEqual([pid]);
      expect(state.detail.streams?.some(({ displayName }) => displayName === 'Listener on a train')).toBe(true);
    } finally {
      await demo.close();
    }
    await until(() => (isRunning(pid) ? undefined : true), { what: 'the end of the worker' });
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
