import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BandwidthRow } from '../parse/statistics.ts';
import { type BandwidthMemory, beginBandwidth, countBandwidth, restoreBandwidth } from './bandwidth.ts';

const START = 1_700_000_000;
const row = (at: number, bytes: number, account = '1', lan = true): BandwidthRow => ({
  at: START + at,
  account,
  device: '9',
  lan,
  bytes,
});
const sum = (credits: readonly { bytes: number }[]): number => credits.reduce((total, { bytes }) => total + bytes, 0);

test('what was sent before the start is not counted', () => {
  const { credits } = countBandwidth(beginBandwidth(START), [row(-5, 100), row(0, 100), row(1, 7)], START + 2);
  expect(credits).toEqual([{ account: '1', scope: 'lan', bytes: 7 }]);
});

test('fault 1: a poll without new rows counts nothing, and neither does the next', () => {
  let { memory } = countBandwidth(beginBandwidth(START), [row(1, 10), row(2, 10)], START + 2);
  for (const rows of [[], [row(1, 10), row(2, 10)], [], [row(2, 10), row(1, 10)]]) {
    const next = countBandwidth(memory, rows, START + 10);
    expect(next.credits).toEqual([]);
    memory = next.memory;
  }
});

test('a second that grows adds what it grew by', () => {
  const first = countBandwidth(beginBandwidth(START), [row(1, 10)], START + 2);
  expect(countBandwidth(first.memory, [row(1, 25)], START + 2).credits).toEqual([
    { account: '1', scope: 'lan', bytes: 15 },
  ]);
});

test('a row that comes late is counted, one that comes too late is not', () => {
  const first = countBandwidth(beginBandwidth(START), [row(100, 10)], START + 100);
  expect(sum(countBandwidth(first.memory, [row(80, 5)], START + 100).credits)).toBe(5);
  expect(sum(countBandwidth(first.memory, [row(60, 5)], START + 100).credits)).toBe(0);
});

test('accounts and networks are told apart, and a row that is repeated is one', () => {
  const rows = [row(1, 1), row(1, 1), row(1, 2, '2'), row(2, 4, '2'), row(2, 8, '2', false)];
  expect(countBandwidth(beginBandwidth(START), rows, START + 2).credits).toEqual([
    { account: '1', scope: 'lan', bytes: 1 },
    { account: '2', scope: 'lan', bytes: 6 },
    { account: '2', scope: 'wan', bytes: 8 },
  ]);
});

test('a row of a clock that is years ahead does not stop the counting', () => {
  const { memory } = countBandwidth(beginBandwidth(START), [row(1e9, 10)], START);
  expect(sum(countBandwidth(memory, [row(1, 3)], START + 1).credits)).toBe(3);
});

test('a row of a clock that is a day ahead costs no row after it', () => {
  let memory = beginBandwidth(START);
  let counted = 0;
  for (let at = 1; at < 1000; at += 30) {
    const next = countBandwidth(memory, [row(at, 1), row(80_000, 1)], START + at);
    memory = next.memory;
    counted += sum(next.credits);
  }
  expect(counted).toBe(34);
});

test('a server whose clock is ahead is counted by that clock', () => {
  const server = START + 86_400;
  const { credits } = countBandwidth(beginBandwidth(START), [row(86_400, 10), row(90_000, 10)], START, server);
  expect(sum(credits)).toBe(10);
});

test('a server whose clock was set back, or is behind, is counted from then on', () => {
  const ahead = countBandwidth(beginBandwidth(START), [row(7200, 10)], START, START + 7200);
  const back = countBandwidth(ahead.memory, [], START + 10, START + 10);
  expect(back.memory.floor).toBe(START + 10);
  expect(sum(countBandwidth(back.memory, [row(5, 3), row(20, 4)], START + 20, START + 20).credits)).toBe(4);
  const near = countBandwidth(ahead.memory, [], START + 7000, START + 7000);
  expect(near.memory).toEqual(ahead.memory);
});

describe('over any polls of any windows', () => {
  test('each byte is counted once, and after a restart as well', () => {
    const poll = fc.record({
      /** How much each second has in the end. */
      seconds: fc.array(fc.nat(1000), { minLength: 1, maxLength: 12 }),
      grown: fc.double({ min: 0, max: 1, noNaN: true }),
      window: fc.integer({ min: 13, max: 40 }),
      order: fc.infiniteStream(fc.nat()),
      restarts: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(poll, { minLength: 1, maxLength: 8 }), (polls) => {
        let memory: BandwidthMemory = beginBandwidth(START);
        let counted = 0;
        const truth: number[] = [];
        const ask = (rows: BandwidthRow[], now: number): void => {
          const next = countBandwidth(memory, rows, now);
          expect(next.memory.floor).toBeGreaterThanOrEqual(memory.floor);
          for (const credit of next.credits) expect(credit.bytes).toBeGreaterThan(0);
          memory = next.memory;
          counted += sum(next.credits);
        };
        for (const { seconds, grown, window, order, restarts } of polls) {
          truth.push(...seconds);
          const now = truth.length;
          const rows = truth.map((bytes, index) =>
            row(index + 1, index + 1 === now ? Math.floor(bytes * grown) : bytes),
          );
          const keys = new Map(rows.map((item) => [item, order.next().value]));
          const shown = rows.slice(-window).sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
          if (restarts) memory = restoreBandwidth(JSON.parse(JSON.stringify(memory))) ?? beginBandwidth(0);
          ask([...shown, ...shown.slice(0, 3)], START + now);
        }
        ask(truth.map((bytes, index) => row(index + 1, bytes)).slice(-40), START + truth.length);
        expect(counted).toBe(truth.reduce((total, bytes) => total + bytes, 0));
      }),
      { numRuns: 200 },
    );
  });

  test('what was kept and is not whole is not taken', () => {
    const whole = { floor: 3, rows: [[4, '1', '2', true, 5]] };
    expect(restoreBandwidth(whole)).toEqual(whole);
    for (const kept of [undefined, null, 3, {}, { floor: '3', rows: [] }, { floor: 3 }, { floor: 3, rows: [[4]] }]) {
      expect(restoreBandwidth(kept)).toBeUndefined();
    }
  });
});
