import { describe, expect, test } from 'vitest';
import { Bench, session } from '../../testing/bench.ts';
import { track } from './track.ts';

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
