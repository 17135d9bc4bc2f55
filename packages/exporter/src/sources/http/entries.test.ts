import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EntriesOptions, EntrySplitter } from './entries.ts';
import type { Parsed } from './http.ts';

/** The entries of a text that comes in chunks of so many bytes. */
function split(text: string, size: number, options: Partial<EntriesOptions> = {}): [unknown[], Parsed<unknown>] {
  const entries: unknown[] = [];
  const splitter = new EntrySplitter({ maxEntryBytes: 1_000_000, ...options }, (entry) => entries.push(entry));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size));
  return [entries, splitter.end()];
}

test('entries are those that a parser of the whole finds, however the bytes are cut and indented', () => {
  const sizes = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), sizes, fc.nat(3), (list, size, indent) => {
      const [entries, read] = split(JSON.stringify(list, undefined, indent), size);
      expect(entries).toEqual(JSON.parse(JSON.stringify(list)));
      expect(read).toEqual({ ok: true, value: { entries: list.length, skipped: 0 } });
    }),
  );
});

test('a list beside other values is found by its key', () => {
  const around = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(
      around,
      fc.array(fc.jsonValue()),
      around,
      fc.integer({ min: 1, max: 50 }),
      (before, list, after, size) => {
        const { Items: _, ...rest } = after;
        const whole = { ...before, Items: list, ...rest };
        const [entries, read] = split(JSON.stringify(whole), size, { key: 'Items' });
        expect(entries).toEqual(JSON.parse(JSON.stringify(list)));
        expect(read.ok).toBe(true);
      },
    ),
  );
});

describe('values that are left out', () => {
  test('are null, and all else is as it was', () => {
    const keys = fc.constantFrom('Queue', 'Other', 'queue', 'Queue ', '"Queue"', 'ä');
    const entry = fc.oneof(
      fc.dictionary(keys, fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue()))),
      fc.jsonValue(),
    );
    const sizes = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(fc.array(entry), sizes, fc.nat(3), fc.boolean(), (list, size, indent, keyed) => {
        const text = JSON.stringify(keyed ? { Queue: 1, Items: list } : list, undefined, indent);
        const [entries, read] = split(text, size, { leaveOut: ['Queue'], ...(keyed ? { key: 'Items' } : {}) });
        expect(entries).toEqual(JSON.parse(JSON.stringify(list)).map(withoutQueue));
        expect(read).toEqual({ ok: true, value: { entries: list.length, skipped: 0 } });
      }),
    );
  });

  test('do not make an entry too large', () => {
    const text = JSON.stringify([{ a: 1, Queue: ['x'.repeat(500)], b: 2 }]);
    expect(split(text, 7, { leaveOut: ['Queue'], maxEntryBytes: 100 })[0]).toEqual([{ a: 1, Queue: null, b: 2 }]);
  });

  test.each(['[{"Queue":[1', '[{"Queue":"a', '[{"Queue":', '[{"Queue":{}'])(
    'break off where the answer does: %s',
    (text) => {
      expect(split(text, 3, { leaveOut: ['Queue'] })[1]).toEqual({ ok: false, problem: 'the answer breaks off' });
    },
  );
});

/** As an entry is seen whose own value of this key is left out. */
function withoutQueue(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry) || !Object.hasOwn(entry, 'Queue'))
    return entry;
  return { ...entry, Queue: null };
}

test('any bytes at all are read without throwing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'[]{}",:\\ a1', 'ä') }), fc.boolean(), (text, keyed) => {
      const [entries, read] = split(text, 3, keyed ? { key: 'a' } : {});
      split(text, 3, { leaveOut: ['a'], maxEntryBytes: 9 });
      if (keyed || !read.ok) return;
      expect(entries).toEqual(JSON.parse(text));
    }),
    { numRuns: 2_000 },
  );
});

test('an entry that is too large is skipped, and those around it are not', () => {
  const text = JSON.stringify(['a', 'b'.repeat(500), { c: 1 }]);
  const [entries, read] = split(text, 7, { maxEntryBytes: 100 });
  expect(entries).toEqual(['a', { c: 1 }]);
  expect(read).toEqual({ ok: true, value: { entries: 2, skipped: 1 } });
});

describe('what is not such a list is told without a word of it', () => {
  test.each([
    ['', 'the answer is not the JSON that was asked for'],
    ['<html>[1]</html>', 'the answer is not the JSON that was asked for'],
    ['{"Items":[]}', 'the answer is not the JSON that was asked for'],
    ['[secret]', 'the answer is not the JSON that was asked for'],
    ['[1,]', 'the answer is not the JSON that was asked for'],
    ['[1]]', 'the answer is not the JSON that was asked for'],
    ['[1,{"a":2}', 'the answer breaks off'],
    ['["a', 'the answer breaks off'],
  ])('%s', (text, problem) => {
    expect(split(text, 4)[1]).toEqual({ ok: false, problem });
  });

  test('an object that lacks the key', () => {
    expect(split('{"Other":{"Items":[1]}}', 4, { key: 'Items' })).toEqual([
      [],
      { ok: false, problem: 'the answer has no list' },
    ]);
  });

  test('a byte order mark is no harm', () => {
    expect(split('\uFEFF [1]\n', 2)[0]).toEqual([1]);
  });

  test.each(['[1]\uFEFF', '[1]é', '\u00A0[1]'])('bytes that are no white space beside the list: %j', (text) => {
    expect(split(text, 2)[1]).toMatchObject({ ok: false });
  });
});
