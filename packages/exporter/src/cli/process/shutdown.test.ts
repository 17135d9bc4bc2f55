import { EventEmitter } from 'node:events';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { handleSignals } from './shutdown.ts';

function setUp(): {
  signals: EventEmitter;
  clock: ManualClock;
  told: string[];
  stopped: Promise<string>;
  release: () => void;
} {
  const signals = new EventEmitter();
  const clock = new ManualClock();
  const told: string[] = [];
  const { stopped, release } = handleSignals({
    signals,
    clock,
    onReload: () => told.push('reload'),
    onImpatience: () => told.push('impatient'),
  });
  return { signals, clock, told, stopped, release };
}

test.each(['SIGINT', 'SIGTERM'])('%s asks to stop', async (signal) => {
  const { signals, stopped } = setUp();
  signals.emit(signal);
  expect(await stopped).toBe(signal);
});

test('the same wish may come as two signals, from the terminal and from npm', () => {
  const { signals, clock, told } = setUp();
  signals.emit('SIGINT');
  clock.advance(50);
  signals.emit('SIGINT');
  expect(told).toEqual([]);
});

test('a second signal later on stops at once', () => {
  const { signals, clock, told } = setUp();
  signals.emit('SIGTERM');
  clock.advance(1_001);
  signals.emit('SIGINT');
  expect(told).toEqual(['impatient']);
});

test('SIGHUP asks for a reload, again and again', () => {
  const { signals, told } = setUp();
  signals.emit('SIGHUP');
  signals.emit('SIGHUP');
  expect(told).toEqual(['reload', 'reload']);
});

test('no handler is left behind', () => {
  const { signals, release } = setUp();
  release();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) expect(signals.listenerCount(signal)).toBe(0);
});
