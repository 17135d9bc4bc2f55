import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { ServerClock } from '../server-clock.ts';
import type { JellyfinSession } from '../state.ts';
import { PlayBook } from './play-book.ts';
import { restoreBook } from './saved-playback.ts';

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

/** Polls in turn, each with its second and its sessions; answers which plays began. */
function begun(...polls: readonly (readonly [second: number, sessions: readonly JellyfinSession[], away?: boolean])[]) {
  const book = new PlayBook();
  return polls.map(([second, sessions, afterOutage = false]) =>
    book.see({ at: second * 1000, sessions, afterOutage }).map(({ begun }) => begun),
  );
}

describe('a play', () => {
  test('begins once and goes on', () => {
    expect(begun([0, [session('a', 5)]], [10, [session('a', 15)]])).toEqual([[true], [false]]);
  });

  test('that is there is the same where polls failed for some minutes, though its player has sought back', () => {
    expect(begun([0, [session('a', 500)]], [300, [session('a', 90)]])).toEqual([[true], [false]]);
  });

  test('of the next item is another one', () => {
    expect(begun([0, [session('a', 5)]], [10, [session('b', 2)]])).toEqual([[true], [true]]);
  });

  test('of another person at the same device is another one', () => {
    expect(begun([0, [session('a', 5)]], [10, [session('a', 15, { userId: 'u2' })]])).toEqual([[true], [true]]);
  });

  test('that comes back within a minute and goes on is the same', () => {
    expect(begun([0, [session('a', 5)]], [10, []], [70, [session('a', 9)]])).toEqual([[true], [], [false]]);
  });

  test('that comes back later, or from the start, is another one', () => {
    expect(begun([0, [session('a', 5)]], [10, []], [71, [session('a', 9)]])[2]).toEqual([true]);
    expect(begun([0, [session('a', 50)]], [10, []], [20, [session('a', 2)]])[2]).toEqual([true]);
  });

  test('that was there before the server was away is the same, wherever it goes on', () => {
    const polls = begun([0, [session('a', 50)]], [40, [], true], [50, [session('a', 45)]]);
    expect(polls).toEqual([[true], [], [false]]);
  });

  test('that was there before the server was away is the same, though its client was silent for some minutes', () => {
    const [, , , back] = begun([0, [session('a', 50)]], [40, [], true], [200, []], [300, [session('a', 50)]]);
    expect(back).toEqual([false]);
  });

  test('is forgotten when ten thousand have ended since, each paused until its session went', () => {
    const book = new PlayBook();
    const pausedOn = (id: string) => session('a', 50, { id, paused: true, lastCheckIn: 0 });
    const many = Array.from({ length: 10_000 }, (_, index) => pausedOn(`many-${index}`));
    const polls: JellyfinSession[][] = [[pausedOn('first')], [], many, [], [pausedOn('many-0'), pausedOn('first')]];
    const seen = polls.map((sessions, turn) => book.see({ at: turn * 10_000, sessions, afterOutage: false }));
    expect(seen.at(-1)?.map(({ session: { id }, begun }) => [id, begun])).toEqual([
      ['many-0', false],
      ['first', true],
    ]);
    expect([...book.takeChanges().values()].filter((play) => play !== undefined)).toHaveLength(10_000 + 1);
  });

  describe('that is paused', () => {
    const paused = (second: number) => session('a', 50, { paused: true, lastCheckIn: second * 1000 });
    const { item: _, ...idle } = paused(8);
    const silent = [
      [0, [session('a', 50)]],
      [10, [paused(8)]],
      [600, [idle]],
    ] as const;

    test('and given up by the server is the same when it goes on hours later, wherever that is', () => {
      for (const position of [50, 900, 20])
        expect(begun(...silent, [7190, []], [7200, [session('a', position)]])[4]).toEqual([false]);
    });

    test('and given up by the server is another one when it may have begun anew, or after a day', () => {
      expect(begun(...silent, [7190, []], [7200, [session('a', 4)]])[4]).toEqual([true]);
      expect(begun(...silent, [90_000, []], [90_010, [session('a', 50)]])[4]).toEqual([true]);
    });

    test('and lost with the server is the same when it goes on hours later', () => {
      const polls = begun([0, [session('a', 50)]], [10, [paused(8)]], [40, [], true], [7200, [session('a', 50)]]);
      expect(polls[3]).toEqual([false]);
    });

    test('and gone with its session is the same when it goes on hours later', () => {
      expect(begun([0, [session('a', 50)]], [10, [paused(8)]], [20, []], [7200, [session('a', 50)]])[3]).toEqual([
        false,
      ]);
    });

    test('is known again after a restart of the exporter', () => {
      const first = new PlayBook();
      for (const [second, sessions] of [...silent.slice(0, 2), [20, []] as const])
        first.see({ at: second * 1000, sessions, afterOutage: false });
      const kept = [...first.takeChanges()].map(([name, play]) => [`play ${name}`, JSON.parse(JSON.stringify(play))]);
      const { book } = restoreBook(new Map(kept as [string, unknown][]));
      const [play] = book.see({ at: 7_200_000, sessions: [session('a', 50)], afterOutage: false });
      expect(play?.begun).toBe(false);
    });

    test('and stopped by its client is another one when it comes back', () => {
      const polls = begun([0, [session('a', 50)]], [10, [paused(8)]], [20, [idle]], [700, [session('a', 50)]]);
      expect(polls[3]).toEqual([true]);
    });
  });

  test('is none before the client has said how it plays', () => {
    const { method: _, ...silent } = session('a', 0);
    expect(begun([0, [silent]], [10, [session('a', 5)]])).toEqual([[], [true]]);
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
    expect(second.see(at(3600, 1000))[0]?.begun).toBe(false);
    expect(new PlayBook(first.epoch, kept).see(at(3600, 2))[0]?.begun).toBe(true);
  });
});

test('the silence of a client is the longest that it has played on in, also after a restart of the exporter', () => {
  const silences: number[] = [];
  let kept = new Map<string, unknown>();
  const see = (second: number, reported: number, position: number, paused = false) => {
    const { book } = restoreBook(kept);
    const item = {
      id: 'a',
      type: 'Movie',
      mediaType: 'movie',
      title: 'a',
      streams: [],
      runTimeTicks: 6_000 * SECOND,
    } as const;
    const playing = session('a', position, { item, lastCheckIn: reported * 1000, paused });
    const [play] = book.see({ at: second * 1000, sessions: [playing], afterOutage: false });
    silences.push((play?.silentMs ?? 0) / 1000);
    kept = new Map([...book.takeChanges()].map(([name, known]) => [`play ${name}`, JSON.parse(JSON.stringify(known))]));
  };
  see(10, 3, 7);
  see(40, 3, 37);
  see(50, 48, 47);
  see(60, 58, 57);
  // One that died, and plays on from there, and one that was paused.
  see(110, 58, 107);
  see(120, 118, 60);
  see(130, 121, 61, true);
  see(190, 121, 61, true);
  see(200, 198, 63);
  expect(silences).toEqual([0, 0, 37, 37, 37, 37, 37, 37, 37]);
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
