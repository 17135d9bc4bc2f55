import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { parseStarts } from './parse/saved-starts.ts';
import { PlayBook } from './play-book.ts';
import { ServerClock } from './server-clock.ts';
import type { ActivityEntry, JellyfinSession } from './state.ts';
import { UnseenStarts } from './unseen-starts.ts';

const SECOND = 10_000_000;

function session(item: string, positionSeconds: number, more: Partial<JellyfinSession> = {}): JellyfinSession {
  return {
    id: 's1',
    userId: 'u1',
    user: 'ann',
    client: 'Web',
    clientVersion: '1',
    device: 'Chrome',
    deviceId: 'd1',
    paused: false,
    method: 'directplay',
    additionalUsers: [],
    item: { id: item, type: 'Movie', mediaType: 'movie', title: item, streams: [] },
    positionTicks: positionSeconds * SECOND,
    ...more,
  };
}

/** Polls in turn, each with its second and its sessions; answers what became of the plays. */
function changes(
  ...polls: readonly (readonly [second: number, sessions: readonly JellyfinSession[], away?: boolean])[]
) {
  const book = new PlayBook();
  return polls.map(([second, sessions, afterOutage = false]) =>
    book.see({ at: second * 1000, sessions, afterOutage }).map(({ change }) => change),
  );
}

describe('a play', () => {
  test('begins once and goes on', () => {
    expect(changes([0, [session('a', 5)]], [10, [session('a', 15)]])).toEqual([['begun'], ['going_on']]);
  });

  test('of the next item is another one', () => {
    expect(changes([0, [session('a', 5)]], [10, [session('b', 2)]])).toEqual([['begun'], ['begun']]);
  });

  test('of another person at the same device is another one', () => {
    expect(changes([0, [session('a', 5)]], [10, [session('a', 15, { userId: 'u2' })]])).toEqual([['begun'], ['begun']]);
  });

  test('that comes back within a minute and goes on is the same', () => {
    expect(changes([0, [session('a', 5)]], [10, []], [70, [session('a', 9)]])).toEqual([['begun'], [], ['resumed']]);
  });

  test('that comes back later, or from the start, is another one', () => {
    expect(changes([0, [session('a', 5)]], [10, []], [71, [session('a', 9)]])[2]).toEqual(['begun']);
    expect(changes([0, [session('a', 50)]], [10, []], [20, [session('a', 2)]])[2]).toEqual(['begun']);
  });

  test('that was there before the server was away is the same, wherever it goes on', () => {
    const polls = changes([0, [session('a', 50)]], [40, [], true], [50, [session('a', 45)]]);
    expect(polls).toEqual([['begun'], [], ['resumed']]);
  });

  test('is none before the client has said how it plays', () => {
    const { method: _, ...silent } = session('a', 0);
    expect(changes([0, [silent]], [10, [session('a', 5)]])).toEqual([[], ['begun']]);
  });

  test('is known again after a restart of the exporter', () => {
    const first = new PlayBook();
    first.see({ at: 0, sessions: [session('a', 5)], afterOutage: false });
    const kept = [...first.takeChanges()].flatMap(([name, play]) =>
      play === undefined ? [] : [[name, play] as const],
    );
    const second = new PlayBook(first.epoch, kept);
    const at = (second: number, position: number) => ({
      at: second * 1000,
      sessions: [session('a', position)],
      afterOutage: false,
    });
    expect(second.see(at(3600, 1000))[0]?.change).toBe('going_on');
    expect(new PlayBook(first.epoch, kept).see(at(3600, 2))[0]?.change).toBe('begun');
  });
});

describe('a start that the activity log tells of', () => {
  const entry = (second: number, item = 'a', more: Partial<ActivityEntry> = {}): ActivityEntry => ({
    id: second,
    type: 'VideoPlayback',
    severity: 'Information',
    date: second * 1000,
    userId: 'u1',
    itemId: item,
    ...more,
  });

  function unseen(
    entries: readonly ActivityEntry[],
    ...polls: readonly (readonly [number, readonly JellyfinSession[]])[]
  ) {
    const book = new PlayBook();
    const starts = new UnseenStarts();
    const found = polls.flatMap(([second, sessions]) => {
      const at = second * 1000;
      return starts.see(at, book.see({ at, sessions, afterOutage: false }));
    });
    return [...found, ...starts.tell(entries)].length;
  }

  test('was seen when a poll shows its play', () => {
    expect(unseen([entry(3)], [0, []], [10, [session('a', 7)]], [20, []])).toBe(0);
  });

  test('was not seen when its play was over before the next poll', () => {
    expect(unseen([entry(3)], [0, []], [10, []])).toBe(1);
    expect(unseen([entry(3), entry(6)], [0, []], [10, [session('a', 4)]])).toBe(1);
  });

  test('is not judged before a poll must have shown it', () => {
    const starts = new UnseenStarts();
    expect(starts.tell([entry(3)])).toEqual([]);
    expect(starts.see(6_000, [])).toEqual([]);
    expect(starts.see(10_000, []).length).toBe(1);
  });

  test('is no play of its own where one goes on from where it was', () => {
    expect(unseen([entry(15)], [10, [session('a', 5)]], [20, [session('a', 15)]])).toBe(0);
  });

  test('is another play where the item began anew between two polls', () => {
    expect(unseen([entry(15)], [10, [session('a', 50)]], [20, [session('a', 5)]])).toBe(1);
    expect(unseen([entry(18)], [10, [session('a', 50)]], [20, [session('a', 1)]], [30, [session('a', 11)]])).toBe(1);
    // Without it that was a seek.
    expect(unseen([], [10, [session('a', 50)]], [20, [session('a', 5)]])).toBe(0);
  });

  test('was seen by the first good poll after an outage', () => {
    expect(unseen([entry(15)], [10, []], [300, [session('a', 280)]])).toBe(0);
  });

  test('from before a restart of the exporter was told of then', () => {
    const starts = new UnseenStarts(10_000);
    starts.see(100_000, []);
    expect(starts.tell([entry(9), entry(11)]).map(({ id }) => id)).toEqual([11]);
  });

  test('is not lost by a restart while it waits, nor counted when it was seen before that', () => {
    const book = new PlayBook();
    const before = new UnseenStarts();
    before.see(10_000, book.see({ at: 10_000, sessions: [session('b', 1)], afterOutage: false }));
    expect(before.tell([entry(9), entry(9, 'b')])).toEqual([]);
    const saved = JSON.parse(JSON.stringify(before.save()));
    const after = new UnseenStarts(10_000, parseStarts(saved));
    expect(after.see(20_000, []).map(({ itemId }) => itemId)).toEqual(['a']);
    expect(after.save()).toBeUndefined();
  });

  test('is nothing where what was kept cannot be read', () => {
    for (const saved of [undefined, 7, { waiting: [{ id: 'x' }], polls: [{ at: 'x' }, { at: 1, names: 3 }] }]) {
      const starts = new UnseenStarts(10_000, parseStarts(saved));
      expect(starts.see(20_000, [])).toEqual([]);
    }
  });

  test('is none when it is something else, or nobody began it', () => {
    const others = [entry(3, 'a', { type: 'VideoPlaybackStopped' }), entry(3, 'a', { userId: '' })];
    expect(unseen(others, [0, []], [10, []])).toBe(0);
  });
});

describe("the server's clock", () => {
  test('is set by the dates of its answers when it is another one than ours', () => {
    const clock = new ManualClock();
    const server = new ServerClock(clock);
    expect(server.now()).toBe(clock.date());
    server.tell(clock.date() + 300_000);
    expect(Math.abs(server.now() - (clock.date() + 300_000))).toBeLessThanOrEqual(500);
  });

  test('is not moved by the fractions that a date lacks', () => {
    const clock = new ManualClock();
    const server = new ServerClock(clock);
    for (let second = 0; second < 100; second += 1) {
      clock.advance(990);
      const before = server.now();
      server.tell(Math.floor(clock.date() / 1000) * 1000);
      server.tell(undefined);
      expect(server.now()).toBe(before);
    }
  });
});
