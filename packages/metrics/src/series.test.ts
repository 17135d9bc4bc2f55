import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROTOBUF, TEXT_0_0_4 } from './encode/format.ts';
import { encode, renderText } from './encode/index.ts';
import { defineMetric } from './metric.ts';
import { type Series, SeriesSet } from './series.ts';
import { parseProtobuf } from './testing/parse-protobuf.ts';
import { parseText } from './testing/parse-text.ts';
import { plain } from './testing/plain.ts';

const BYTES = defineMetric({
  name: 'stream_bytes_total',
  type: 'counter',
  help: 'Bytes.',
  labels: { id: 'public', peer: 'personal' },
});

describe('a set of series', () => {
  it('behaves as a map from labels to values, whatever is added, set and removed', () => {
    const operation = fc.record({
      kind: fc.constantFrom('add', 'set', 'remove'),
      key: fc.nat(40),
      value: fc.double({ noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
        const set = new SeriesSet(BYTES);
        const model = new Map<string, number>();
        const handles = new Map<string, Series>();
        for (const { kind, key, value } of operations) {
          const id = `id${key}`.repeat(1 + (key % 5));
          if (kind === 'add') {
            handles.set(id, set.add({ id, peer: `"p"\\${key}é` }, value));
            model.set(id, value);
          } else if (kind === 'set') {
            handles.get(id)?.set(value);
            if (model.has(id)) model.set(id, value);
          } else {
            handles.get(id)?.remove();
            model.delete(id);
          }
        }
        const seen = Array.from(set, ({ labels, value }) => [labels[0], value]);
        expect(new Map(seen as [string, number][])).toEqual(model);
        expect(seen).toHaveLength(model.size);
        expect(set.size).toBe(model.size);
      }),
      { numRuns: 200 },
    );
  });

  it('renders as a family made afresh does, in text and in protobuf', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), { maxLength: 600 }),
        (labels) => {
          const set = new SeriesSet(BYTES);
          for (const [i, [id, peer]] of labels.entries()) set.add({ id: `${i} ${id}`, peer }, i);
          const family = { metric: BYTES, samples: set };
          const fresh = { metric: BYTES, samples: [...set] };
          expect(renderText([family])).toBe(renderText([fresh]));
          expect(parseText(renderText([family]))).toEqual([plain(fresh)]);
          const bytes = Buffer.concat([...encode([family], PROTOBUF)]);
          if (labels.length > 0) expect(parseProtobuf(bytes)).toEqual([plain(fresh)]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('lets the last one have labels that are there already, and counts that', () => {
    const set = new SeriesSet(BYTES);
    const first = set.add({ id: 'a', peer: 'x' }, 1);
    const second = set.add({ id: 'a', peer: 'x' }, 2);
    first.set(99);
    first.remove();
    expect(first.alive).toBe(false);
    expect([...set].map(({ value }) => value)).toEqual([2]);
    expect(set.replaced).toBe(1);
    second.remove();
    expect(set.size).toBe(0);
  });

  it('refuses repeated labels where it was told to', () => {
    const set = new SeriesSet(BYTES, { duplicates: 'throw' });
    set.add({ id: 'a', peer: 'x' });
    expect(() => set.add({ id: 'a', peer: 'x' })).toThrow(/same labels/);
  });

  it('renders whole lines whatever joins and leaves while a scrape is on its way', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(300), fc.nat(300)), { maxLength: 30 }), (changes) => {
        const set = new SeriesSet(BYTES);
        const handles = Array.from({ length: 3000 }, (_, i) => set.add({ id: `a${i}`, peer: 'p'.repeat(90) }, i));
        let text = '';
        let piece = 0;
        for (const bytes of encode([{ metric: BYTES, samples: set }], TEXT_0_0_4)) {
          text += new TextDecoder().decode(bytes);
          for (const [at, gone, come] of changes) {
            if (at !== piece) continue;
            for (let i = 0; i < gone; i++) handles[(i * 7 + at * 300) % handles.length]?.remove();
            for (let i = 0; i < come; i++)
              handles.push(set.add({ id: `b${piece}-${at}-${handles.length}`, peer: 'q'.repeat(i) }, i));
          }
          piece++;
        }
        // What joins may be in the scrape or not, but a line is never torn.
        parseText(text);
      }),
      { numRuns: 60 },
    );
  });

  it('forgets a removed series for good, even when its place is taken', () => {
    const set = new SeriesSet(BYTES);
    const gone = set.add({ id: 'a', peer: '' }, 1);
    gone.remove();
    set.add({ id: 'b', peer: '' }, 2);
    gone.set(7);
    gone.remove();
    expect([...set]).toEqual([{ labels: ['b', ''], value: 2 }]);
    expect(gone.value).toBeNaN();
  });

  it('gives memory back when its series come and go', () => {
    const set = new SeriesSet(BYTES);
    for (let round = 0; round < 50; round++) {
      const handles = Array.from({ length: 500 }, (_, i) => set.add({ id: `${round}-${i}`, peer: 'p'.repeat(100) }));
      for (const handle of handles) handle.remove();
    }
    expect(set.chunks.length).toBeLessThanOrEqual(2);
    expect(set.chunks.reduce((sum, chunk) => sum + chunk.lines.length, 0)).toBe(0);
  });

  it('never writes a secret label', () => {
    const metric = defineMetric({ name: 'x', type: 'gauge', help: 'X.', labels: { token: 'secret' } });
    const set = new SeriesSet(metric);
    set.add({ token: 'hunter2' }, 1);
    expect(renderText([{ metric, samples: set }])).not.toContain('hunter2');
  });

  it('refuses what has no plain line', () => {
    expect(() => new SeriesSet(defineMetric({ name: 'a.b', type: 'gauge', help: 'X.' }))).toThrow(
      /MX_METRIC_NAME|name/,
    );
    expect(() => new SeriesSet(defineMetric({ name: 'a', type: 'histogram', help: 'X.' }))).toThrow(/one number/);
  });
});
