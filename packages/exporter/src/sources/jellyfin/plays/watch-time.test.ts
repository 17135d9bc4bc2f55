import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { create } from '../collectors/playback.ts';
import type { JellyfinSession } from '../state.ts';
import { answering, T0 } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';

const SECOND_TICKS = 10_000_000;

/** A session in a poll; times are seconds. */
interface Shown {
  /** Absent: nothing plays. */
  readonly item?: string;
  readonly reported: number;
  /** As the server shows it: its timer moves it on. */
  readonly position?: number;
  readonly paused?: boolean;
  /** When the client last asked for anything. */
  readonly active?: number;
  /** Absent: ann. */
  readonly userId?: string;
  /** Whether ben watches along. */
  readonly along?: boolean;
  /** Has no length. */
  readonly live?: boolean;
}

function sessionOf(shown: Shown): JellyfinSession {
  const { item, reported, position = 0, paused = false, active, userId = 'u1', along = false, live = false } = shown;
  return {
    ...{ id: 's1', userId, user: userId === 'u1' ? 'ann' : 'ben' },
    ...{ client: 'Web', clientVersion: '1', device: 'Chrome', deviceId: 'd1' },
    ...{ paused, additionalUsers: along ? [{ id: 'u2', name: 'ben' }] : [], lastCheckIn: T0 + reported * 1000 },
    ...(active !== undefined && { lastActivity: T0 + active * 1000 }),
    ...(item !== undefined && {
      item: {
        ...{ id: item, type: 'Movie', mediaType: 'movie' as const, title: item, streams: [] },
        ...(!live && { runTimeTicks: 6_000 * SECOND_TICKS }),
      },
      method: 'directplay' as const,
      positionTicks: position * SECOND_TICKS,
    }),
  };
}

type Polled = readonly [second: number, shown?: Shown, afterOutage?: boolean];

/** The seconds that ann has earned at the end of some polls, each with its second; the first one shows an empty server. */
function earned(...polls: readonly Polled[]): number {
  return earnedBy('ann', polls);
}

function earnedBy(user: string, polls: readonly Polled[]): number {
  return follow([[0], ...polls]).earned(user);
}

function follow(polls: readonly Polled[], kept?: ReadonlyMap<string, unknown>) {
  const context = testContext(
    answering(() => []),
    new ManualClock(),
  );
  const collector = create(context);
  if (kept !== undefined) collector.restore?.(kept);
  for (const [second, shown, afterOutage = false] of polls) {
    const sessions = shown === undefined ? [] : [sessionOf(shown)];
    context.shared.tellSessions({ at: T0 + second * 1000, sessions, afterOutage });
  }
  const earned = (user: string): number => values(collector.families(), 'jellyfin_user_watch_time_seconds')[user] ?? 0;
  return { kept: context.kept, earned };
}

const IDLE = { reported: 23, active: 27 };

describe('the time of a play', () => {
  const two = [
    [10, { item: 'a', reported: 3, position: 7 }],
    [20, { item: 'a', reported: 13, position: 17 }],
  ] as const;

  test('begins with its start, though the client has reported since', () => {
    expect(earned([10, { item: 'a', reported: 8, position: 7 }])).toBe(5);
  });

  test('begins with the first report that is seen where the item was resumed in the middle', () => {
    expect(earned([10, { item: 'a', reported: 8, position: 607 }])).toBe(0);
  });

  test('ends with the last that its client asked for', () => {
    expect(earned(...two, [30, IDLE])).toBe(24);
  });

  test('ends so too where it was waited for after an outage', () => {
    expect(earned(...two, [30, IDLE, true], [40, IDLE], [50, IDLE], [60, IDLE])).toBe(24);
  });

  test('ends half-way between two polls where the session is gone', () => {
    expect(earned(...two, [30])).toBe(22);
  });

  test('ends with the start of the next item', () => {
    expect(earned(...two, [30, { item: 'b', reported: 28, position: 2 }])).toBe(25);
    const next = { item: 'b', reported: 28, position: 2 };
    // Both: 15 s after its last report, and the second from its own start.
    expect(earned(...two, [30, next], [40, { ...next, reported: 38, position: 12 }])).toBe(35);
  });

  test('ends when it is paused, though the paused client reports on', () => {
    expect(earned(...two, [30, { item: 'a', reported: 28, position: 14, paused: true }])).toBe(14);
  });

  test('goes on when it is resumed, though the client has reported since', () => {
    const paused = { item: 'a', reported: 20, position: 17, paused: true };
    expect(earned(...two, [20.5, paused], [30, { item: 'a', reported: 28, position: 23 }])).toBe(17 + 4);
  });

  test('is not told by a position that was sought', () => {
    expect(earned(...two, [30, { item: 'a', reported: 28, position: 500, paused: true }])).toBe(25);
    expect(earned(...two, [30, { item: 'a', reported: 28, position: 2, paused: true }])).toBe(25);
    const paused = { item: 'a', reported: 20, position: 17, paused: true };
    expect(earned(...two, [20.5, paused], [30, { item: 'a', reported: 28, position: 900 }])).toBe(17 + 7.5);
  });
});

describe('the time of a play whose client reports seldom', () => {
  const first = [10, 20, 30, 40].map((at) => [at, { item: 'a', reported: 3, position: at - 3 }] as const);
  const second = [50, 60, 70, 80].map((at) => [at, { item: 'a', reported: 48, position: at - 3 }] as const);

  test('ends with the last that it asked for, however long after its last report', () => {
    expect(earned(...first, [50, { reported: 3, active: 44 }])).toBe(41);
    expect(earned(...first, ...second, [90, { reported: 48, active: 88 }])).toBe(85);
  });

  test('ends so too where it has reported just before', () => {
    const third = [90, { item: 'a', reported: 48, position: 87 }] as const;
    const end = [100, { reported: 93, active: 97 }] as const;
    expect(earned(...first, ...second, third, end)).toBe(94);
    const { kept } = follow([[0], ...first, ...second, third]);
    expect(follow([end], kept).earned('ann'), 'after a restart of the exporter').toBe(94);
  });

  test('ends with the start of the next item', () => {
    expect(earned(...first, ...second, [90, { item: 'b', reported: 88, position: 4 }])).toBe(83 + 2);
  });

  test('is whole where it is of a channel that tells no position', () => {
    const channel = [10, 20, 30, 40].map(
      (at) => [at, { item: 'a', reported: 3, position: at - 3, live: true }] as const,
    );
    const later = [50, 90].map((at) => [at, { item: 'a', reported: 48, position: at - 48, live: true }] as const);
    expect(earned(...channel, ...later, [100, { reported: 93, active: 97 }])).toBe(94);
  });
});

describe('the time between polls that are far apart', () => {
  const two = [
    [10, { item: 'a', reported: 3, position: 7 }],
    [20, { item: 'a', reported: 13, position: 17 }],
  ] as const;

  test('is what the player has moved on', () => {
    expect(earned(...two, [200, { item: 'a', reported: 193, position: 204 }])).toBe(190);
    expect(earned(...two, [200, { item: 'a', reported: 193, position: 107 }])).toBe(100);
  });

  test('is a minute at most where they are so far apart that the server may have moved a dead player on', () => {
    expect(earned(...two, [320, { item: 'a', reported: 313, position: 317 }])).toBe(70);
  });

  test('is no longer than it was, however far the player has sought', () => {
    expect(earned(...two, [200, { item: 'a', reported: 193, position: 3_000 }])).toBe(190);
  });

  test('is nothing where the play is over: nobody knows whether it was paused', () => {
    expect(earned(...two, [200, { reported: 93, active: 150 }])).toBe(10);
  });

  test('is a minute at most where the player has sought back, and where that of a channel tells no position', () => {
    expect(earned(...two, [200, { item: 'a', reported: 193, position: 9 }])).toBe(70);
    const live = { item: 'a', reported: 13, live: true };
    expect(earned([20, live], [200, { ...live, reported: 193, position: 7 }])).toBe(60);
    expect(earned([20, { ...live, position: 17 }], [200, { ...live, reported: 193, position: 197 }])).toBe(190);
  });

  test('ends with a pause, and begins with the end of one', () => {
    const paused = { item: 'a', reported: 193, position: 110, paused: true };
    expect(earned(...two, [200, paused])).toBe(110);
    const before = { item: 'a', reported: 23, position: 27, paused: true };
    expect(earned(...two, [30, before], [200, { item: 'a', reported: 193, position: 134 }])).toBe(20 + 100);
  });

  test('is nothing where the player had died before, and has not moved on', () => {
    const dead = [80, { item: 'a', reported: 13, position: 77 }] as const;
    expect(earned(...two, dead, [300, { item: 'a', reported: 295, position: 15 }])).toBe(10);
  });
});

test('who watches along earns nothing that is reported after the server has forgotten him', () => {
  const polls = [
    [10, { item: 'a', reported: 3, position: 7, along: true }],
    [20, { item: 'a', reported: 13, position: 17, along: true }],
    [60, { item: 'a', reported: 57, position: 60 }, true],
  ] as const;
  expect(earnedBy('ann', polls)).toBe(54);
  expect(earnedBy('ben', polls)).toBe(10);
  const late = [...polls.slice(0, 2), [50, { reported: -1e6 }, true] as const, [60, polls[2][1]] as const];
  expect(earnedBy('ann', late)).toBe(54);
  expect(earnedBy('ben', late)).toBe(10);
});

describe('a player that has died', () => {
  const dead = [
    [10, { item: 'a', reported: 3, position: 7 }],
    [20, { item: 'a', reported: 13, position: 17 }],
    [80, { item: 'a', reported: 13, position: 77 }],
  ] as const;

  test('earns nothing beyond its last report', () => {
    expect(earned(...dead)).toBe(10);
    expect(earned(...dead, [300, { reported: 13, active: 299 }])).toBe(10);
  });

  test('does not earn until somebody signs in at its device', () => {
    const silent = [...dead.slice(0, 2), [60, { item: 'a', reported: 13, position: 57 }] as const];
    // Its tail, and no more.
    expect(earned(...silent, [70, { reported: -1e6, active: 65 }])).toBe(25);
    expect(earned(...silent, [70, { reported: 13, active: 65, userId: 'u2' }])).toBe(25);
    expect(earned(...silent, [70, { reported: 63, active: 65 }])).toBe(25);
    expect(earned(...silent, [70, { item: 'b', reported: 63, position: 9 }])).toBe(25 + 2);
  });

  test('earns nothing for the time in between when it plays again soon', () => {
    const silent = [...dead.slice(0, 2), [40, { item: 'a', reported: 13, position: 37 }] as const];
    expect(earned(...silent, [50, { item: 'a', reported: 45, position: 15 }])).toBe(10);
    expect(earned(...silent, [50, { item: 'a', reported: 45, position: 5 }])).toBe(10);
    // One that only did not report is another thing.
    expect(earned(...silent, [50, { item: 'a', reported: 45, position: 47 }])).toBe(42);
  });

  test('earns nothing for the time in between when it plays again', () => {
    expect(earned(...dead, [90, { item: 'a', reported: 85, position: 15 }])).toBe(10);
    expect(earned(...dead, [90, { item: 'a', reported: 85, position: 5 }])).toBe(10);
  });
});
