import { describe, expect, test } from 'vitest';
import type { ActivityEntry } from '../state.ts';
import { parseStarts } from './saved-starts.ts';
import { type PolledPlay, UnseenStarts } from './unseen-starts.ts';

const entry = (second: number, item = 'a', more: Partial<ActivityEntry> = {}): ActivityEntry => ({
  id: second,
  type: 'VideoPlayback',
  severity: 'Information',
  date: second * 1000,
  userId: 'u1',
  itemId: item,
  ...more,
});

const KIND = { mediaType: 'movie', method: 'directplay' };
const begun = (item = 'a'): PolledPlay => ({ userId: 'u1', item, begun: true, ...KIND });
const known = (item = 'a'): PolledPlay => ({ ...begun(item), begun: false });

type Poll = readonly [second: number, ...plays: readonly PolledPlay[]];

/** What has been counted by none of the polls, when the log is read after them. */
function unseen(entries: readonly ActivityEntry[], ...polls: readonly Poll[]) {
  const starts = new UnseenStarts();
  const found = polls.flatMap(([second, ...plays]) => starts.see(second * 1000, plays));
  return [...found, ...starts.tell(entries)];
}

describe('a start that the activity log tells of', () => {
  test('was counted when its play began in the first poll after it', () => {
    expect(unseen([entry(3)], [0], [10, begun()], [20])).toEqual([]);
    expect(unseen([entry(15)], [10], [300, begun()])).toEqual([]);
  });

  test('was not when its play was over before the next poll', () => {
    expect(unseen([entry(3)], [0], [10], [20])).toEqual([{ entry: entry(3) }]);
    expect(unseen([entry(3), entry(6)], [0], [10, begun()], [22]).map(({ entry }) => entry)).toEqual([entry(6)]);
  });

  test('changes nothing of what was saved before it was told', () => {
    const starts = new UnseenStarts();
    starts.see(10_000, [begun()]);
    const saved = starts.save();
    const before = JSON.stringify(saved);
    starts.see(30_000, [known()]);
    starts.tell([entry(3), entry(4)]);
    expect(JSON.stringify(saved)).toBe(before);
  });

  test('is not judged before a poll must have shown it', () => {
    const starts = new UnseenStarts();
    expect(starts.tell([entry(3)])).toEqual([]);
    expect(starts.see(10_000, [])).toEqual([]);
    expect(starts.see(20_000, []).length).toBe(1);
  });

  test('is a play of its own, of the kind that is seen, where the item was stopped and goes on', () => {
    expect(unseen([entry(3), entry(55)], [10, begun()], [50, known()], [60, known()], [70])).toEqual([
      { entry: entry(55), kind: KIND },
    ]);
  });

  test('is one too where the same item plays elsewhere', () => {
    expect(unseen([entry(3), entry(31)], [10, begun()], [30, known()], [40, known()], [50]).length).toBe(1);
  });

  test('is that of a play whose client has reported before it', () => {
    expect(unseen([entry(13)], [0], [10, begun()], [20, known()], [30])).toEqual([]);
  });

  test('is that of a play that one poll has missed', () => {
    expect(unseen([entry(8)], [0], [10], [20, begun()], [30])).toEqual([]);
  });

  test('is that of a play whose client has still to return after a restart of the server', () => {
    const starts = new UnseenStarts();
    starts.see(0, []);
    starts.tell([entry(3)]);
    expect(starts.see(20_000, [], true)).toEqual([]);
    expect(starts.see(30_000, [])).toEqual([]);
    expect(starts.see(40_000, [begun()])).toEqual([]);
    expect(starts.see(50_000, [])).toEqual([]);
    expect(starts.save()).toMatchObject({ waiting: [] });
  });

  test('is lacking where a play comes back by itself', () => {
    expect(unseen([entry(3)], [10, begun()], [20], [30, known()])).toEqual([]);
  });

  test('is none when it is something else, or nobody began it', () => {
    const others = [entry(3, 'a', { type: 'VideoPlaybackStopped' }), entry(3, 'a', { userId: '' })];
    expect(unseen(others, [0], [10], [20])).toEqual([]);
  });
});

describe('a log that is not read for long', () => {
  /** A play begins in each poll, its start 3 s before. */
  function evening(polls: number, everySeconds: number) {
    const starts = new UnseenStarts();
    const entries: ActivityEntry[] = [];
    starts.see(0, []);
    for (let poll = 1; poll <= polls; poll += 1) {
      const at = poll * everySeconds;
      starts.see(at * 1000, [begun(`i${poll}`)]);
      entries.push(entry(at - 1, `i${poll}`));
    }
    return { starts, entries, end: polls * everySeconds };
  }

  test('counts no play again, however many polls there were', () => {
    for (const [polls, everySeconds] of [
      [24, 300],
      [500, 2],
    ] as const) {
      const { starts, entries, end } = evening(polls, everySeconds);
      expect(starts.tell(entries)).toEqual([]);
      expect(starts.see((end + 60) * 1000, [])).toEqual([]);
    }
  });

  test('counts no play again that began while the log was read', () => {
    const starts = new UnseenStarts();
    for (const second of [0, 10, 20, 30]) starts.see(second * 1000, second === 20 ? [begun()] : []);
    expect(starts.tell([], 10_000)).toEqual([]);
    starts.see(60_000, []);
    expect(starts.tell([entry(18)], 60_000)).toEqual([]);
  });

  test('counts no play again after a restart, and still what no poll has seen', () => {
    const { starts, entries, end } = evening(24, 300);
    const after = new UnseenStarts(parseStarts(JSON.parse(JSON.stringify(starts.save()))), end * 1000);
    after.see((end + 60) * 1000, []);
    expect(after.tell([...entries, entry(450, 'short')]).map(({ entry }) => entry.itemId)).toEqual(['short']);
  });

  test('leaves out what may have been counted where too much has begun to remember', () => {
    const { starts, entries, end } = evening(1_500, 10);
    expect(starts.save().polls.length).toBe(1_000);
    starts.see((end + 60) * 1000, []);
    const after = new UnseenStarts(parseStarts(JSON.parse(JSON.stringify(starts.save()))));
    after.see((end + 70) * 1000, []);
    for (const one of [starts, after]) {
      const missed = [entry(401, 'long ago'), entry(end - 5, 'lately')];
      expect(one.tell([...entries, ...missed]).map(({ entry }) => entry.itemId)).toEqual(['lately']);
    }
  });

  test('gives a later play of the same item to its own start', () => {
    const polls: Poll[] = Array.from({ length: 400 }, (_, index) => [index * 10]);
    expect(unseen([entry(3)], ...polls, [4_000, begun()], [4_020]).length).toBe(1);
  });
});

describe('a restart of the exporter', () => {
  const restarted = (starts: UnseenStarts, from?: number): UnseenStarts =>
    new UnseenStarts(parseStarts(JSON.parse(JSON.stringify(starts.save()))), from);

  test('loses no start that waits to be judged, and counts none again', () => {
    const before = new UnseenStarts();
    before.see(10_000, [begun('b')]);
    expect(before.tell([entry(9), entry(9, 'b')])).toEqual([]);
    const after = restarted(before);
    expect(after.see(24_000, []).map(({ entry }) => entry)).toEqual([entry(9)]);
    expect(after.see(30_000, [])).toEqual([]);
  });

  test('loses no start that the log has not been asked for', () => {
    const before = new UnseenStarts();
    before.see(0, []);
    before.tell([]);
    for (const second of [10, 20, 30]) before.see(second * 1000, second === 20 ? [begun('b')] : []);
    const after = restarted(before, 30_000);
    after.see(60_000, []);
    expect(after.tell([entry(12, 'b'), entry(13), entry(41)]).map(({ entry }) => entry)).toEqual([
      entry(13),
      entry(41),
    ]);
  });

  test('is no reason to count what was there before anything was kept', () => {
    const after = new UnseenStarts(parseStarts(undefined), 10_000);
    after.see(100_000, []);
    expect(after.tell([entry(9), entry(11)]).map(({ entry }) => entry.id)).toEqual([11]);
  });

  test('keeps no more than what the log has not been held against', () => {
    const starts = new UnseenStarts();
    for (let second = 0; second <= 300; second += 10) starts.see(second * 1000, [known()]);
    starts.tell([]);
    expect(starts.save()).toEqual({ waiting: [], from: 0, polls: [] });
  });

  test('reads what was kept in an older shape', () => {
    const names = { 'u1 b': { begun: 1, ...KIND } };
    const polls = [
      { at: 10_000, returning: false, names: {} },
      { at: 20_000, returning: false, names },
      { at: 30_000, returning: false, names: {} },
    ];
    const after = new UnseenStarts(parseStarts({ waiting: [], polls }), 30_000);
    after.see(60_000, []);
    const found = after.tell([entry(9), entry(12), entry(18, 'b')]);
    expect(found.map(({ entry }) => entry.id)).toEqual([12]);
  });

  test('begins anew where what was kept cannot be read', () => {
    const polls = [{ at: 'x' }, { at: 1, names: 3 }, { at: 2, names: { 'u1 a': { begun: -1 } } }];
    for (const saved of [undefined, 7, { waiting: [{ id: 'x' }], polls }]) {
      expect(new UnseenStarts(parseStarts(saved), 10_000).see(30_000, [])).toEqual([]);
    }
  });
});
