import { describe, expect, test } from 'vitest';
import type { Credit, Observation, ObservedSession, TrackerOptions, TrackerState } from './observation.ts';
import { EMPTY_TRACKER, TRACKER_DEFAULTS, track } from './track.ts';

type Session = ObservedSession<string>;

const MIN = 60;

/** A player of one session; what is told of it is merged in. Times are in seconds here. */
function session(told: Partial<Session> & { confirmed?: number; started?: number } = {}): Session {
  const { confirmed, started, ...rest } = told;
  return {
    ...{ key: '1', item: 'film', party: 'ann', playing: true, attributes: 'a' },
    ...rest,
    ...(confirmed !== undefined && { confirmedAt: confirmed * 1000 }),
    ...(started !== undefined && { startedAt: started * 1000 }),
  };
}

/** A tracker and the sum of its credits. */
class Bench {
  state: TrackerState<string> = EMPTY_TRACKER;
  credits: Credit<string>[] = [];
  readonly options: TrackerOptions;

  constructor(options: Partial<TrackerOptions> = {}) {
    this.options = { ...TRACKER_DEFAULTS, ...options };
  }

  /** Takes an observation at a time in seconds; complete, unless it is told otherwise. */
  see(at: number, sessions: Session[], told: Partial<Observation<string>> = {}): this {
    const step = track(this.state, { at: at * 1000, sessions, complete: true, ...told }, this.options);
    this.state = step.state;
    this.credits.push(...step.credits);
    return this;
  }

  event(at: number, sessions: Session[], told: Partial<Observation<string>> = {}): this {
    return this.see(at, sessions, { complete: false, ...told });
  }

  get plays(): number {
    return this.credits.reduce((sum, { plays }) => sum + plays, 0);
  }

  get seconds(): number {
    return this.credits.reduce((sum, { seconds }) => sum + seconds, 0);
  }

  secondsOf(attributes: string): number {
    return this.credits.filter((one) => one.attributes === attributes).reduce((sum, { seconds }) => sum + seconds, 0);
  }

  get bytes(): number {
    return this.credits.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

describe('a play', () => {
  test('counts once, when it is first seen playing', () => {
    const bench = new Bench().see(0, [session({ playing: false })]);
    expect(bench.plays).toBe(0);
    bench.see(10, [session()]).see(20, [session()]);
    expect(bench.plays).toBe(1);
  });

  test('ends, and another begins, when its key has another item', () => {
    const bench = new Bench()
      .see(0, [session({ attributes: 'a' })])
      .see(10, [session({ item: 'next', attributes: 'b' })]);
    expect([bench.plays, bench.secondsOf('a')]).toEqual([2, 10]);
    bench.see(20, [session({ item: 'next', attributes: 'b' })]);
    expect(bench.secondsOf('b')).toBe(10);
  });

  test('ends, and another begins, when its key belongs to another party', () => {
    expect(new Bench().see(0, [session()]).see(10, [session({ party: 'bob' })]).plays).toBe(2);
  });

  test('is split between two items at the moment that the second was told of', () => {
    const bench = new Bench().see(0, [session({ attributes: 'a' })]);
    bench.see(10, [session({ item: 'next', attributes: 'b', started: 7 })]);
    expect([bench.secondsOf('a'), bench.secondsOf('b')]).toEqual([7, 3]);
  });

  test('goes on when it flickers, without the time that it was away', () => {
    const bench = new Bench().see(0, [session()]).see(10, []).see(20, [session()]).see(30, [session()]);
    expect([bench.plays, bench.seconds]).toEqual([1, 20]);
  });

  test('goes on when it flickers, without the time that it was away, also when its start is known', () => {
    const bench = new Bench()
      .see(0, [session({ started: 0 })])
      .see(10, [])
      .see(20, [session({ started: 0 })]);
    expect([bench.plays, bench.seconds]).toEqual([1, 10]);
  });

  test('that came back has its time from the event that told of it', () => {
    const bench = new Bench()
      .see(0, [session()])
      .event(8, [], { ended: ['1'] })
      .see(30, [session({ started: 25 })]);
    expect([bench.plays, bench.seconds]).toEqual([1, 13]);
  });

  test('is no new play when a late report comes after its end', () => {
    const bench = new Bench()
      .see(0, [session()])
      .event(8, [], { ended: ['1'] })
      .event(9, [session()])
      .see(10, []);
    expect([bench.plays, bench.seconds]).toEqual([1, 9]);
  });

  test('is forgotten after the time in which it may come back, and then a new one', () => {
    const bench = new Bench().see(0, [session()]).see(10, []).see(311, []);
    expect(bench.state.plays.size).toBe(0);
    expect(bench.see(320, [session()]).plays).toBe(2);
  });

  test('under another key is a new one', () => {
    expect(new Bench().see(0, [session()]).see(10, [session({ key: '2' })]).plays).toBe(2);
  });

  test('is left alone by an event of another one', () => {
    const bench = new Bench()
      .see(0, [session()])
      .event(5, [session({ key: '2', party: 'bob' })])
      .see(10, [session()]);
    expect([bench.plays, bench.seconds]).toEqual([2, 15]);
  });

  test('that is no play of its own has seconds and no count', () => {
    const bench = new Bench().see(0, [session({ countsAsPlay: false })]).see(10, [session({ countsAsPlay: false })]);
    expect([bench.plays, bench.seconds]).toEqual([0, 10]);
  });

  test('has an id of its own, also under a key that was used before', () => {
    const bench = new Bench()
      .see(0, [session()])
      .see(10, [session({ item: 'b' })])
      .see(20, [session({ item: 'c' })]);
    expect(new Set(bench.credits.map(({ play }) => play)).size).toBe(3);
  });
});

describe('a restart of the server', () => {
  test('lets a play go on under another key', () => {
    const bench = new Bench().see(0, [session()], { epoch: 'a' }).see(10, [session({ key: '2' })], { epoch: 'b' });
    expect([bench.plays, bench.seconds]).toEqual([1, 10]);
  });

  test('lets a play go on that was already missing before the restart was known', () => {
    const bench = new Bench().see(0, [session()], { epoch: 'a' }).see(10, [], { epoch: 'a' });
    bench.see(60, [session({ key: '2' })], { epoch: 'b' }).see(70, [session({ key: '2' })], { epoch: 'b' });
    expect([bench.plays, bench.seconds]).toEqual([1, 20]);
  });

  test('keeps plays apart whose keys were exchanged', () => {
    const [ann, bob] = [session({ attributes: 'ann' }), session({ key: '2', party: 'bob', attributes: 'bob' })];
    const bench = new Bench().see(0, [ann, bob], { epoch: 'a' });
    bench.see(
      10,
      [
        { ...bob, key: '1' },
        { ...ann, key: '2' },
      ],
      { epoch: 'b' },
    );
    expect([bench.plays, bench.secondsOf('ann'), bench.secondsOf('bob')]).toEqual([2, 10, 10]);
  });

  test('that an event tells of ends what it does not tell of', () => {
    const bench = new Bench().see(0, [session()], { epoch: 'a' });
    bench.event(10, [session({ key: '9', party: 'bob' })], { epoch: 'b' });
    expect([...bench.state.plays.values()].map(({ endedAt }) => endedAt)).toEqual([10_000, undefined]);
    expect(bench.see(20, [session({ key: '4' })], { epoch: 'b' }).plays).toBe(2);
  });

  test('is none when the epoch becomes known only later', () => {
    const bench = new Bench().see(0, [session()]).see(10, [session({ key: '2' })], { epoch: 'a' });
    expect(bench.plays).toBe(2);
  });
});

describe('time between two observations', () => {
  test('belongs to the state that it began with', () => {
    const bench = new Bench()
      .see(0, [session()])
      .see(10, [session({ playing: false })])
      .see(20, [session()]);
    expect(bench.seconds).toBe(10);
  });

  test('has the attributes and the bitrate that it began with', () => {
    const bench = new Bench().see(0, [session({ attributes: 'a', bitrateBitsPerSecond: 8000 })]);
    bench.see(10, [session({ attributes: 'b', bitrateBitsPerSecond: 16_000 })]).see(20, [session({ attributes: 'c' })]);
    bench.see(30, [session({ attributes: 'c' })]);
    expect([bench.secondsOf('a'), bench.secondsOf('b'), bench.secondsOf('c')]).toEqual([10, 10, 10]);
    expect(bench.bytes).toBe(30_000);
  });

  test('is credited up to the end, but not long after the play was last seen', () => {
    expect(new Bench().see(0, [session()]).see(10, []).seconds).toBe(10);
    expect(new Bench().see(0, [session()]).see(40, []).seconds).toBe(15);
  });

  test('is credited once when an observation is repeated', () => {
    const bench = new Bench().see(0, [session()]);
    for (let i = 0; i < 3; i++)
      bench
        .see(10, [session()])
        .event(10, [session()])
        .event(10, [], { ended: ['1', '1'] });
    expect([bench.plays, bench.seconds]).toEqual([1, 10]);
  });

  test('begins when an event told of the session, but not before it was known not to be there', () => {
    expect(new Bench().see(10, [session({ started: 4 })]).seconds).toBe(6);
    expect(new Bench().see(7, []).see(10, [session({ started: 4 })]).seconds).toBe(3);
    expect(new Bench().see(10, [session({ started: 4, playing: false })]).seconds).toBe(0);
  });

  test('in an outage is what the position proves', () => {
    const at = (positionSeconds: number) => [session({ positionSeconds })];
    expect(new Bench().see(0, at(100)).see(10 * MIN, at(400)).seconds).toBe(300);
    expect(new Bench().see(0, at(100)).see(10 * MIN, at(5000)).seconds).toBe(600);
    expect(new Bench().see(0, at(100)).see(10 * MIN, at(100)).seconds).toBe(0);
  });

  test('in an outage without such a proof is a minute at most', () => {
    expect(
      new Bench().see(0, [session({ positionSeconds: 500 })]).see(10 * MIN, [session({ positionSeconds: 3 })]).seconds,
    ).toBe(60);
    expect(new Bench().see(0, [session()]).see(10 * MIN, [session()]).seconds).toBe(60);
  });
});

describe('a session that settles first', () => {
  const settling = (): Bench => new Bench({ settleMs: 5000 });

  test('earns nothing when it vanishes before', () => {
    const bench = settling().see(0, [session()]).see(3, [session()]).see(10, []);
    expect([bench.plays, bench.seconds, bench.state.plays.size]).toEqual([0, 0, 0]);
  });

  test('gets all its time when it has settled, under the attributes that it had', () => {
    const bench = settling()
      .see(0, [session({ attributes: 'a' })])
      .see(3, [session({ attributes: 'b' })]);
    expect(bench.credits).toEqual([]);
    bench.see(6, [session({ attributes: 'b' })]);
    expect([bench.plays, bench.secondsOf('a'), bench.secondsOf('b')]).toEqual([1, 3, 3]);
  });

  test('settles by the event that ends it, which proves that it was there', () => {
    const bench = settling()
      .see(0, [session()])
      .event(8, [], { ended: ['1'] });
    expect([bench.plays, bench.seconds]).toEqual([1, 8]);
  });

  test('settles from the moment that an event told of it', () => {
    expect(settling().see(10, [session({ started: 4 })]).plays).toBe(1);
  });

  test('keeps all time, however often its attributes change', () => {
    const bench = new Bench({ settleMs: 20_000 });
    for (let at = 0; at <= 20; at++) bench.see(at, [session({ attributes: `a${at}` })]);
    expect([bench.plays, bench.seconds]).toEqual([1, 20]);
  });
});

describe('time that the player confirms', () => {
  test('is credited up to its last report', () => {
    const bench = new Bench().see(10, [session({ confirmed: 8 })]).see(20, [session({ confirmed: 18 })]);
    expect(bench.seconds).toBe(10);
    expect(bench.see(30, [session({ confirmed: 18 })]).seconds).toBe(10);
  });

  test('is no longer credited when the player has died, whatever the server says', () => {
    const bench = new Bench().see(0, [session({ confirmed: 0, positionSeconds: 0 })]);
    for (let at = 10; at <= 180; at += 10) bench.see(at, [session({ confirmed: 5, positionSeconds: at })]);
    expect(bench.see(190, []).seconds).toBe(5);
  });

  test('has a tail up to half-way between two observations when the play is gone', () => {
    const bench = new Bench()
      .see(0, [])
      .see(10, [session({ confirmed: 8 })])
      .see(20, []);
    expect(bench.seconds).toBe(7);
  });

  test('has a tail up to the event that ends the play, of 15 s at most', () => {
    const seen = () => new Bench().see(0, []).see(10, [session({ confirmed: 8 })]);
    expect(seen().event(14, [], { ended: ['1'] }).seconds).toBe(6);
    expect(seen().event(40, [], { ended: ['1'] }).seconds).toBe(15);
    expect(seen().event(100, [], { ended: ['1'] }).seconds).toBe(0);
  });

  test('has a tail up to the report of the item that follows', () => {
    const bench = new Bench().see(10, [session({ confirmed: 8, attributes: 'a' })]);
    bench.see(20, [session({ confirmed: 16, item: 'next', attributes: 'b' })]);
    bench.see(30, [session({ confirmed: 26, item: 'next', attributes: 'b' })]);
    expect([bench.secondsOf('a'), bench.secondsOf('b')]).toEqual([8, 10]);
  });

  test('is not what passed while the play was paused', () => {
    const bench = new Bench().see(0, [session({ confirmed: 0 })]).see(10, [session({ confirmed: 9, playing: false })]);
    bench.see(20, [session({ confirmed: 9 })]).see(30, [session({ confirmed: 28 })]);
    expect(bench.seconds).toBe(9 + 18);
  });

  test('passes into time that is only seen, and back', () => {
    const bench = new Bench()
      .see(0, [session({ confirmed: 0 })])
      .see(10, [session()])
      .see(20, [session()]);
    expect(bench.seconds).toBe(10);
    bench.see(30, [session({ confirmed: 29 })]);
    expect(bench.seconds).toBe(19);
  });

  test('is not lost when only events tell of reports', () => {
    const bench = new Bench().event(0, [session({ confirmed: 0 })]);
    for (let at = 10; at <= 100; at += 10) bench.see(at - 5, [session()]).event(at, [session({ confirmed: at })]);
    expect(bench.seconds).toBe(100);
  });

  test('may come from a clock a little ahead, but not from far in the future', () => {
    const near = new Bench().see(0, [session({ confirmed: 1 })]).see(10, [session({ confirmed: 11 })]);
    expect(near.seconds).toBe(10);
    const far = new Bench().see(0, [session({ confirmed: 0 })]).see(10, [session({ confirmed: 1e6 })]);
    expect(far.see(20, [session({ confirmed: 19 })]).seconds).toBe(9);
  });

  test('is not taken away when a report goes back, nor credited again', () => {
    const bench = new Bench().see(0, [session({ confirmed: 0 })]).see(10, [session({ confirmed: 9 })]);
    bench.see(20, [session({ confirmed: 2 })]).see(30, [session({ confirmed: 29 })]);
    expect(bench.seconds).toBe(29);
  });

  test('between rare reports is measured from one report to the next', () => {
    const bench = new Bench().see(0, [session({ confirmed: 0, positionSeconds: 0 })]);
    for (let at = 10; at < 90; at += 10) bench.see(at, [session({ confirmed: 0, positionSeconds: at })]);
    expect(bench.see(90, [session({ confirmed: 90, positionSeconds: 90 })]).seconds).toBe(90);
  });
});

describe('whatever an observation holds', () => {
  test('a late one says nothing about what is known better', () => {
    const bench = new Bench().see(0, [session()]).event(10, [session({ playing: false })]);
    bench
      .see(9, [])
      .see(9, [session()])
      .see(20, [session({ playing: false })]);
    expect([bench.plays, bench.seconds]).toEqual([1, 10]);
  });

  test('a late one does not bring back what has ended since', () => {
    const bench = new Bench()
      .see(0, [session()])
      .event(10, [], { ended: ['1'] })
      .see(9, [session()])
      .see(20, []);
    expect([bench.plays, bench.seconds]).toEqual([1, 10]);
  });

  test('a clock that is set back costs the span in which it was, and no more', () => {
    const bench = new Bench().see(10_000, [session()]).see(10_010, [session()]).see(500, [session()]);
    expect(bench.seconds).toBe(10);
    expect(bench.see(510, [session()]).see(520, []).seconds).toBe(30);
  });

  test('a clock that is set forward earns a minute at most', () => {
    const bench = new Bench()
      .see(0, [session()])
      .see(1e7, [session()])
      .see(1e7 + 10, [session()]);
    expect(bench.seconds).toBe(70);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300])(
    'a time of %s says nothing',
    (at) => {
      const bench = new Bench().see(0, [session()]);
      const { state } = bench;
      expect(bench.see(at, []).state).toBe(state);
    },
  );

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -5])('numbers of %s are unknown ones', (bad) => {
    const odd = session({ positionSeconds: bad, bitrateBitsPerSecond: bad });
    const bench = new Bench().see(100, [odd]).see(110, [odd]).see(10_000, [odd]);
    expect([bench.plays, bench.seconds, bench.bytes]).toEqual([1, 70, 0]);
  });

  test.each([Number.NaN, Number.NEGATIVE_INFINITY, 101_000])('a start at %s is an unknown one', (startedAt) => {
    expect(new Bench().see(100, [session({ startedAt })]).seconds).toBe(0);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a confirmation of %s confirms nothing', (confirmedAt) => {
    const bench = new Bench();
    for (let at = 0; at <= 50; at += 10) bench.see(at, [session({ confirmedAt })]);
    expect(bench.seconds).toBe(0);
    expect(bench.see(60, [session({ confirmed: 58 })]).seconds).toBe(8);
  });

  test('of two sessions under one key the first counts', () => {
    const both = [session(), session({ item: 'other' })];
    const bench = new Bench().see(0, both).see(10, both).see(20, both);
    expect([bench.plays, bench.seconds]).toEqual([1, 20]);
  });
});

describe('what is remembered', () => {
  test('is not changed by a step', () => {
    const { state } = new Bench().see(0, [session()]);
    const before = JSON.stringify([...state.plays]);
    track(state, { at: 10_000, sessions: [session({ item: 'b' })], complete: true });
    expect(JSON.stringify([...state.plays])).toBe(before);
  });

  test('keeps the objects of plays that nothing was said about', () => {
    const bench = new Bench().see(0, [session(), session({ key: '2', party: 'bob' })]).see(10, [session()]);
    const ended = bench.state.plays.get('2');
    bench.see(20, [session()]);
    expect(bench.state.plays.get('2')).toBe(ended);
    const running = bench.state.plays.get('1');
    bench.event(25, [session({ key: '3', party: 'eve' })]);
    expect(bench.state.plays.get('1')).toBe(running);
  });

  test('is bounded: those that ended first go first', () => {
    const bench = new Bench({ maxPlays: 3 });
    for (let i = 0; i < 5; i++) bench.see(i, [session({ key: `${i}` })]);
    expect([...bench.state.plays.values()].map(({ key }) => key)).toEqual(['2', '3', '4']);
  });

  test('is bounded while more sessions run than fit, without counting any of them again and again', () => {
    const many = Array.from({ length: 5 }, (_, i) => session({ key: `${i}`, party: `p${i}` }));
    const bench = new Bench({ maxPlays: 3 });
    for (let at = 0; at < 50; at += 10) bench.see(at, many);
    expect([bench.plays, bench.state.plays.size]).toEqual([3, 3]);
  });
});
