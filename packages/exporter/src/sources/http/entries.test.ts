import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EntriesOptions, type EntriesRead, EntrySplitter, readEntries } from './entries.ts';
import type { Parsed } from './http.ts';

/** The entries of a text that comes in chunks of so many bytes. */
function split(text: string, size: number, options: Partial<EntriesOptions> = {}): [unknown[], Parsed<EntriesRead>] {
  const entries: unknown[] = [];
  const splitter = new EntrySplitter({ maxEntryBytes: 1_000_000, ...options }, (entry) => entries.push(entry));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    splitter.push(chunk);
    // Whoever reads may use the same memory for what comes next.
    chunk.fill(0);
  }
  return [entries, splitter.end()];
}

test('entries are those that a parser of the whole finds, however the bytes are cut and indented', () => {
  const sizes = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), sizes, fc.nat(3), (list, size, indent) => {
      const [entries, read] = split(JSON.stringify(list, undefined, indent), size);
      expect(entries).toEqual(JSON.parse(JSON.stringify(list)));
      expect(read).toMatchObject({ ok: true, value: { entries: list.length, skipped: 0 } });
    }),
  );
});

describe('a list inside of other values', () => {
  const sizes = fc.integer({ min: 1, max: 50 });
  const path = fc.constantFrom(['Items'], ['Container', 'Items'], ['a', 'b', 'c']);
  const key = fc.oneof(fc.constantFrom('Items', 'Container', 'a', 'b', 'c'), fc.string());
  const around = fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.jsonValue())));
  const list = fc.array(fc.jsonValue());

  test('is found by the keys that lead to it, and all else is the rest', () => {
    fc.assert(
      fc.property(path, around, list, around, sizes, fc.nat(3), (keys, before, entries, after, size, indent) => {
        const text = JSON.stringify(nest(keys, { before, value: entries, after }), undefined, indent);
        const [got, read] = split(text, size, { key: keys });
        expect(got).toEqual(JSON.parse(JSON.stringify(entries)));
        const rest = JSON.parse(JSON.stringify(nest(keys, { before, value: [], after })));
        expect(read).toEqual({ ok: true, value: { entries: entries.length, skipped: 0, found: true, rest } });
      }),
    );
  });

  test('is not, where another value is in its place, which is the rest with all else', () => {
    const value = fc.jsonValue().filter((json) => !Array.isArray(json));
    fc.assert(
      fc.property(path, around, value, around, sizes, (keys, before, value, after, size) => {
        const text = JSON.stringify(nest(keys, { before, value, after }));
        const rest = JSON.parse(text);
        const read = { ok: true, value: { entries: 0, skipped: 0, found: false, rest } };
        expect(split(text, size, { key: keys })).toEqual([[], read]);
      }),
    );
  });

  test('is not one that lies elsewhere, or deeper', () => {
    const text = '{"a":[{"b":[1]}],"b":[2],"c":{"a":{"b":[3]}},"a ":{"b":[4]}}';
    const [entries, read] = split(text, 3, { key: ['a', 'b'] });
    expect([entries, read.ok && read.value.rest]).toEqual([[], JSON.parse(text)]);
  });

  test('may hold what is nested as deep as an answer can', () => {
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    const [entries, read] = split(`{"x":${deep},"a":{"b":[${deep},1]}}`, 7, { key: ['a', 'b'] });
    expect([entries.length, read.ok]).toEqual([2, true]);
  });

  test.each([
    '{"a":{"b":[1],"b":[2]}}',
    '{"a":{"b":[1],"b":[]}}',
    '{"a":{"b":[1],"b":null}}',
    '{"a":{"b":[1]},"a":{}}',
    '{"a":{"b":[1]},"a":{"b":[2]}}',
    '{"a":{"b":[1]}}{"a":{"b":[2]}}',
  ])('is none where there are two of it, or another value for it: %s', (text) => {
    const problem = 'the answer is not the JSON that was asked for';
    expect(split(text, 3, { key: ['a', 'b'] })[1]).toEqual({ ok: false, problem });
  });

  test('is none beside more than anything that is asked for has', () => {
    expect(split(`{"x":"${'x'.repeat(64 * 1024)}","a":[1]}`, 999, { key: 'a' })[1]).toMatchObject({ ok: false });
  });
});

/** An object that has others in it by these keys, and a value in the last. */
function nest(
  [key = '', ...rest]: readonly string[],
  { before, value, after }: { readonly before: object; readonly value: unknown; readonly after: object },
): object {
  const later = Object.fromEntries(Object.entries(after).filter(([name]) => name !== key));
  return { ...before, [key]: rest.length === 0 ? value : nest(rest, { before, value, after }), ...later };
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

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
        expect(read).toMatchObject({ ok: true, value: { entries: list.length, skipped: 0 } });
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
      if (!read.ok) return;
      const whole = JSON.parse(text);
      const list = keyed ? whole.a : whole;
      if (read.value.found) expect(entries).toEqual(list);
      else expect([entries, read.value.rest]).toEqual([[], whole]);
    }),
    { numRuns: 2_000 },
  );
});

test('an entry that is too large is skipped, and those around it are not', () => {
  const text = JSON.stringify(['a', 'b'.repeat(500), { c: 1 }]);
  const [entries, read] = split(text, 7, { maxEntryBytes: 100 });
  expect(entries).toEqual(['a', { c: 1 }]);
  expect(read).toMatchObject({ ok: true, value: { entries: 2, skipped: 1 } });
});

describe('what is not such a list is told without a word of it', () => {
  test.each([
    ['', 'the answer is not the JSON that was asked for'],
    ['<html>[1]</html>', 'the answer is not the JSON that was asked for'],
    ['[secret]', 'the answer is not the JSON that was asked for'],
    ['[1,]', 'the answer is not the JSON that was asked for'],
    ['[1]]', 'the answer is not the JSON that was asked for'],
    ['[1,{"a":2}', 'the answer breaks off'],
    ['["a', 'the answer breaks off'],
  ])('%s', (text, problem) => {
    expect(split(text, 4)[1]).toEqual({ ok: false, problem });
  });

  test.each([
    ['{"Other":{"Items":[1]}}', 'Items'],
    ['{"Items":{"Items":[1]}}', 'Items'],
    ['{"Items":null}', 'Items'],
    ['{"Items":[]}', undefined],
    ['[{"Items":[]}]', 'Items'],
  ])('an answer without the list: %s', async (text, key) => {
    const entries: unknown[] = [];
    const options = { maxEntryBytes: 100, ...(key === undefined ? {} : { key }) };
    const read = await readEntries(chunks(text), options, (entry) => entries.push(entry));
    expect([entries, read]).toEqual([[], { ok: false, problem: 'the answer has no list' }]);
  });

  test('a byte order mark is no harm', () => {
    expect(split('\uFEFF [1]\n', 2)[0]).toEqual([1]);
  });

  test.each(['[1]\uFEFF', '[1]é', '\u00A0[1]', '[\u00A0]'])(
    'bytes that are no white space beside entries: %j',
    (text) => {
      expect(split(text, 2)[1]).toMatchObject({ ok: false });
    },
  );
});
