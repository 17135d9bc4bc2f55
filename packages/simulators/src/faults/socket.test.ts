import { describe, expect, test } from 'vitest';
import { type Frame, GARBAGE, SocketFaults } from './socket.ts';

function pass(faults: SocketFaults, ...messages: readonly string[]): Frame[] {
  return messages.flatMap((message) => faults.pass({ type: 'playing', state: message.split(' ')[0], message }));
}

describe('messages', () => {
  test('pass as they are without a fault', () => {
    expect(pass(new SocketFaults(), 'playing', 'stopped')).toEqual(['playing', 'stopped']);
  });

  test('of one state, or all of them, are lost', () => {
    const faults = new SocketFaults();
    const stops = faults.switchOn({ kind: 'lost', state: 'stopped' });
    expect(pass(faults, 'playing', 'stopped', 'playing')).toEqual(['playing', 'playing']);
    stops.end();
    faults.switchOn({ kind: 'lost' }, 2);
    expect(pass(faults, 'playing', 'stopped', 'paused')).toEqual(['paused']);
    expect(stops.hits).toBe(1);
  });

  test('are duplicated', () => {
    const faults = new SocketFaults();
    faults.switchOn({ kind: 'duplicated' }, 1);
    expect(pass(faults, 'playing', 'stopped')).toEqual(['playing', 'playing', 'stopped']);
  });

  test('are reordered two by two, and none stays behind', () => {
    const faults = new SocketFaults();
    const fault = faults.switchOn({ kind: 'reordered' });
    expect(pass(faults, 'playing 1', 'paused 2', 'playing 3', 'stopped 4', 'playing 5')).toEqual([
      'paused 2',
      'playing 1',
      'stopped 4',
      'playing 3',
    ]);
    fault.end();
    expect(pass(faults, 'playing 6')).toEqual(['playing 5', 'playing 6']);
  });

  test('come with garbage of every kind before them', () => {
    const faults = new SocketFaults();
    faults.switchOn({ kind: 'garbage' });
    const frames = GARBAGE.flatMap(() => pass(faults, 'playing'));
    expect(frames.filter((_, index) => index % 2 === 0)).toEqual(GARBAGE);
    expect(frames.filter((_, index) => index % 2 === 1)).toEqual(GARBAGE.map(() => 'playing'));
  });
});

test('new connections are refused with the status that was switched on last', () => {
  const faults = new SocketFaults();
  expect(faults.refusal).toBeUndefined();
  faults.switchOn({ kind: 'refuse' });
  const later = faults.switchOn({ kind: 'refuse', status: 401 });
  expect(faults.refusal).toBe(401);
  later.end();
  expect(faults.refusal).toBe(503);
  faults.clear();
  expect(faults.refusal).toBeUndefined();
});

test('connections are told when they fall silent, and when they speak again', () => {
  const faults = new SocketFaults();
  const told: boolean[] = [];
  faults.onHalfOpen((silent) => told.push(silent));
  const fault = faults.switchOn({ kind: 'half-open' });
  expect([faults.halfOpen, fault.active]).toEqual([true, true]);
  fault.end();
  expect([faults.halfOpen, fault.active, told]).toEqual([false, false, [true, false]]);
});
