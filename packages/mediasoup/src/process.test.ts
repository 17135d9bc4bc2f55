import { expect, test } from 'vitest';
import { lagOf, parseResidentMemory, readOwnProcess } from './process.ts';

test('the resident memory stands in the status of a process, in kibibytes', () => {
  expect(parseResidentMemory('Name:\tworker\nVmHWM:\t   9000 kB\nVmRSS:\t    8124 kB\n')).toBe(8_124 * 1024);
});

test('a process without memory, such as one that has just ended, has no known resident memory', () => {
  expect(parseResidentMemory('Name:\tworker\nState:\tZ (zombie)\n')).toBeUndefined();
});

test('the own process tells what it uses', () => {
  const reader = readOwnProcess(true);
  reader.turn();
  const state = reader.read();
  reader.close();
  expect(state.residentMemory).toBeGreaterThan(state.heapUsed);
  expect(state.cpuUser).toBeGreaterThan(0);
  expect(state.node).toBe(process.version);
  expect(state.started).toBeLessThan(Date.now() / 1000);
});

test('the delay of the event loop is without the time between two samples', () => {
  expect(lagOf(20_185_088)).toBe(0.000185);
  expect(lagOf(1_020_000_000)).toBe(1);
});

test('an event loop that samples early is not late', () => {
  expect(lagOf(19_900_000)).toBe(0);
});
