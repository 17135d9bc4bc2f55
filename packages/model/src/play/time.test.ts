import { describe, expect, test } from 'vitest';
import { Bench, session } from '../../testing/bench.ts';

const MIN = 60;

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
