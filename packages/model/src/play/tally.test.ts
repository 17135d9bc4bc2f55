import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tally, type TallyRow } from './tally.ts';

const FIELDS = ['plays', 'seconds'] as const;
const tally = (rows: TallyRow<'plays' | 'seconds'>[] = []): Tally<'plays' | 'seconds'> => new Tally(FIELDS, rows);

describe('a tally', () => {
  test('begins a row with zeros and adds to it', () => {
    const sums = tally();
    sums.add(['movie'], { plays: 1 }, 10);
    sums.add(['movie'], { seconds: 2.5 }, 20);
    expect([...sums.rows()]).toEqual([{ labels: ['movie'], amounts: { plays: 1, seconds: 2.5 }, changedAt: 20 }]);
    expect(sums.size).toBe(1);
    expect(sums.row(['movie'])?.amounts.seconds).toBe(2.5);
  });

  test('makes a row of zeros when zero is added, so that a known zero can be shown', () => {
    const sums = tally();
    sums.add(['movie'], {}, 10);
    expect(sums.row(['movie'])).toEqual({ labels: ['movie'], amounts: { plays: 0, seconds: 0 }, changedAt: 10 });
  });

  test('keeps the object of a row that did not change', () => {
    const sums = tally();
    sums.add(['a'], { plays: 1 }, 10);
    const before = sums.row(['a']);
    sums.add(['b'], { plays: 1 }, 20);
    sums.add(['a'], { plays: 0 }, 20);
    expect(sums.row(['a'])).toBe(before);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses to add %s, and adds nothing of the rest', (amount) => {
    const sums = tally();
    sums.add(['a'], { plays: 1, seconds: 1 }, 10);
    expect(() => sums.add(['a'], { plays: 1, seconds: amount }, 20)).toThrow(RangeError);
    expect(sums.row(['a'])?.amounts).toEqual({ plays: 1, seconds: 1 });
  });

  test('refuses a field that it does not have', () => {
    expect(() => tally().add(['a'], { bytes: 1 } as never, 10)).toThrow(RangeError);
  });

  test('tells labels apart that look alike', () => {
    const sums = tally();
    for (const labels of [['a', 'b'], ['a,b'], ['a","b'], ['__proto__'], ['constructor'], ['']]) {
      sums.add(labels, { plays: 1 }, 1);
    }
    expect(sums.size).toBe(6);
  });

  test('takes a copy of labels, which their owner may change', () => {
    const sums = tally();
    const labels = ['a'];
    sums.add(labels, { plays: 1 }, 1);
    labels[0] = 'b';
    expect([...sums.rows()][0]?.labels).toEqual(['a']);
  });

  test('moves a row into another without losing anything', () => {
    const sums = tally();
    sums.add(['a'], { plays: 1, seconds: 2 }, 10);
    sums.add(['b'], { plays: 3, seconds: 4 }, 10);
    sums.move(['a'], ['b'], 20);
    expect([...sums.rows()]).toEqual([{ labels: ['b'], amounts: { plays: 4, seconds: 6 }, changedAt: 20 }]);
  });

  test('moves a row to itself, or one that is not there, without a change', () => {
    const sums = tally();
    sums.add(['a'], { plays: 1 }, 10);
    sums.takeChanges();
    sums.move(['a'], ['a'], 20);
    sums.move(['x'], ['y'], 20);
    expect(sums.row(['a'])?.amounts.plays).toBe(1);
    expect(sums.takeChanges().size).toBe(0);
  });

  test('tells once what changed, and what is gone', () => {
    const sums = tally();
    sums.add(['a'], { plays: 1 }, 10);
    sums.add(['b'], { plays: 1 }, 10);
    expect(sums.takeChanges().size).toBe(2);
    sums.move(['a'], ['b'], 20);
    const changes = [...sums.takeChanges().values()];
    expect(changes).toHaveLength(2);
    expect(new Set(changes)).toEqual(new Set([undefined, sums.row(['b'])]));
    expect(sums.takeChanges().size).toBe(0);
  });

  test('stays finite and never falls when sums overflow', () => {
    const sums = tally();
    for (let i = 0; i < 3; i++) sums.add(['a'], { seconds: Number.MAX_VALUE }, i);
    expect(sums.row(['a'])?.amounts.seconds).toBe(Number.MAX_VALUE);
  });
});

describe('what a tally kept', () => {
  test('is its beginning, and no change', () => {
    const sums = tally();
    sums.add(['a'], { plays: 1, seconds: 2 }, 10);
    const kept = JSON.parse(JSON.stringify([...sums.rows()])) as unknown[];
    const again = tally(kept.flatMap((row) => Tally.parseRow(row, FIELDS) ?? []));
    expect([...again.rows()]).toEqual([...sums.rows()]);
    expect(again.takeChanges().size).toBe(0);
  });

  test('counts by its greater amounts when a row is there twice', () => {
    const row = (plays: number, seconds: number) => ({ labels: ['a'], amounts: { plays, seconds }, changedAt: plays });
    expect([...tally([row(1, 5), row(2, 4)]).rows()]).toEqual([row(2, 5)]);
  });

  test('may lack a field that came later', () => {
    const old = { labels: ['a'], amounts: { plays: 3 }, changedAt: 1 };
    expect(Tally.parseRow(old, FIELDS)?.amounts).toEqual({ plays: 3, seconds: 0 });
  });

  test.each([
    undefined,
    null,
    7,
    'row',
    [],
    {},
    { labels: ['a'], amounts: { plays: 1, seconds: 1 } },
    { labels: 'a', amounts: { plays: 1, seconds: 1 }, changedAt: 1 },
    { labels: [1], amounts: { plays: 1, seconds: 1 }, changedAt: 1 },
    { labels: ['a'], amounts: null, changedAt: 1 },
    { labels: ['a'], amounts: { plays: -1, seconds: 1 }, changedAt: 1 },
    { labels: ['a'], amounts: { plays: null, seconds: 1 }, changedAt: 1 },
    { labels: ['a'], amounts: { plays: '1', seconds: 1 }, changedAt: 1 },
    { labels: ['a'], amounts: { plays: 1, seconds: 1 }, changedAt: null },
  ])('is left out when it is no row: %j', (value) => {
    expect(Tally.parseRow(value, FIELDS)).toBeUndefined();
  });

  test('is left out when it has another number of labels', () => {
    const row = { labels: ['a'], amounts: {}, changedAt: 1 };
    expect(Tally.parseRow(row, FIELDS, 2)).toBeUndefined();
    expect(Tally.parseRow(row, FIELDS, 1)).toBeDefined();
  });

  test('is read from anything without throwing', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        Tally.parseRow(value, FIELDS);
      }),
    );
  });
});
