import { expect, test } from 'vitest';
import { encodeState } from './json.ts';
import type { SfuState } from './state.ts';

const encoded = (detail: object): unknown => {
  const state = { version: 1, rooms: 2, detail } as unknown as SfuState;
  return JSON.parse(Buffer.concat([...encodeState(state)]).toString());
};

const rows = (count: number): object[] => Array.from({ length: count }, (_, id) => ({ id, text: 'ü"\n' }));

test.each([0, 1, 63, 64, 65, 1_000])('a list of %i rows comes out as it went in, in small pieces', (count) => {
  const detail = { rooms: rows(2), streams: rows(count) };
  expect(encoded(detail)).toEqual({ version: 1, rooms: 2, detail });
  const pieces = [...encodeState({ version: 1, detail } as unknown as SfuState)];
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(5_000);
});

test('a state without detail has an empty one', () => {
  expect(encoded({})).toEqual({ version: 1, rooms: 2, detail: {} });
});
