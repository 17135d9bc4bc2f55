import { expect, test } from 'vitest';
import { renderJson } from './state-schema.ts';

test('short lists of plain values stand on one line, long ones and lists of objects do not', () => {
  const long = Array.from({ length: 30 }, (_, i) => `value ${i}`);
  expect(renderJson({ short: ['a', 1], objects: [{ a: 1 }] })).toBe(
    '{\n  "short": ["a", 1],\n  "objects": [\n    {\n      "a": 1\n    }\n  ]\n}\n',
  );
  expect(renderJson({ long })).toBe(`${JSON.stringify({ long }, undefined, 2)}\n`);
});
