import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { EXAMPLE_ROOMS, fillRooms, profileOf } from './rooms.ts';
import { SimulatedSfu } from './sfu.ts';

test('the example rooms are full of peers that hear each other', () => {
  const sfu = new SimulatedSfu({ clock: new ManualClock(), workers: 1 }).start();
  fillRooms(sfu, EXAMPLE_ROOMS);
  sfu.advance(10_000);
  expect([...sfu.rooms.values()].map(({ id, peers }) => [id, peers.size])).toEqual([
    ['lobby', 3],
    ['workshop', 2],
  ]);
  const silent = sfu.truth.records.filter(({ bytes }) => bytes === 0);
  expect(silent).toEqual([]);
});

test('peers are found by their id, and nobody else is', () => {
  expect(profileOf(EXAMPLE_ROOMS, 'workshop-1')?.displayName).toBe('Host');
  expect(profileOf(EXAMPLE_ROOMS, 'nobody')).toBeUndefined();
});
