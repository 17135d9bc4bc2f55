import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedPlays, restoreTracker, trackerMeta } from './keep.ts';
import type { ObservedSession, TrackerState } from './observation.ts';
import { EMPTY_TRACKER, TRACKER_DEFAULTS, track } from './track.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function session(key: string, told: Partial<ObservedSession<string>> = {}): ObservedSession<string> {
  return { key, item: `item ${key}`, party: `party ${key}`, playing: true, attributes: `attributes ${key}`, ...told };
}

function see(state: TrackerState<string>, at: number, sessions: ObservedSession<string>[]): TrackerState<string> {
  const options = { ...TRACKER_DEFAULTS, settleMs: 5000 };
  return track(state, { at, sessions, complete: true, epoch: 'e' }, options).state;
}

function evening(): TrackerState<string> {
  const full = {
    bitrateBitsPerSecond: 8000,
    positionSeconds: 3,
    confirmedAt: 900,
    startedAt: 200,
    countsAsPlay: false,
  };
  let state = see(EMPTY_TRACKER, 1000, [session('1'), session('2', full), session('3')]);
  state = see(state, 8000, [session('1'), session('2', full), session('3')]);
  return see(state, 9000, [session('1'), session('2', full), session('4', { positionSeconds: 7 })]);
}

const kept = (state: TrackerState<string>): [unknown, unknown[]] =>
  JSON.parse(JSON.stringify([trackerMeta(state), [...state.plays.values()]])) as [unknown, unknown[]];

describe('a tracker that was kept', () => {
  test('is the same as it was: running, ended and unsettled plays', () => {
    const state = evening();
    const [meta, plays] = kept(state);
    expect(plays).toHaveLength(4);
    expect(restoreTracker(meta, plays, text)).toEqual(state);
    expect(restoreTracker(meta, plays.reverse(), text)).toEqual(state);
  });

  test('gives no id twice, even when its meta is lost', () => {
    const [, plays] = kept(evening());
    expect(restoreTracker(undefined, plays, text).next).toBe(5);
    expect(restoreTracker({ next: 9 }, plays, text).next).toBe(9);
    expect(restoreTracker({ next: -1 }, plays, text).next).toBe(5);
  });

  test.each([
    ['id', '__proto__'],
    ['id', 1],
    ['key', null],
    ['session', {}],
    ['session', null],
    ['counted', 'yes'],
    ['settled', undefined],
    ['seenAt', null],
    ['firstSeenAt', '1'],
    ['creditedTo', 1e300],
    ['endedAt', 'x'],
  ])('leaves out a play whose %s is %j', (field, value) => {
    const [meta, plays] = kept(evening());
    const spoilt = plays.map((play, i) => (i === 0 ? { ...(play as object), [field]: value } : play));
    expect([...restoreTracker(meta, spoilt, text).plays.keys()]).toEqual(['2', '3', '4']);
  });

  test('leaves out plays whose attributes are no longer valid', () => {
    const [meta, plays] = kept(evening());
    const state = restoreTracker(meta, plays, (value) => (value === 'attributes 2' ? 'b' : undefined));
    expect([...state.plays.values()].map(({ session }) => session.attributes)).toEqual(['b']);
  });

  test('is read from anything without throwing, and can go on', () => {
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.anything()), (meta, plays) => {
        const state = restoreTracker(meta, plays, text);
        track(state, { at: 1000, sessions: [session('1')], complete: true });
      }),
    );
  });
});

describe('what has to be saved after a step', () => {
  test('is what changed and what is gone', () => {
    const before = evening();
    const after = see(before, 10_000, [session('2')]);
    expect(new Map([...changedPlays(before, after)])).toEqual(
      new Map([
        ['1', after.plays.get('1')],
        ['2', after.plays.get('2')],
        ['4', undefined],
      ]),
    );
  });

  test('is nothing when nothing was said', () => {
    const state = evening();
    expect(changedPlays(state, track(state, { at: Number.NaN, sessions: [], complete: true }).state).size).toBe(0);
  });

  test('gives, added up, what a restart needs', () => {
    const stored = new Map<string, unknown>();
    let state: TrackerState<string> = EMPTY_TRACKER;
    for (let at = 0; at < 600_000; at += 20_000) {
      const next = see(
        state,
        at,
        at % 60_000 === 0 ? [session('1')] : [session('1'), session(`at ${at - (at % 60_000)}`)],
      );
      for (const [id, play] of changedPlays(state, next)) {
        if (play === undefined) stored.delete(id);
        else stored.set(id, JSON.parse(JSON.stringify(play)));
      }
      state = next;
      expect(restoreTracker(trackerMeta(state), stored.values(), text)).toEqual(state);
    }
    expect(state.plays.size).toBeGreaterThan(1);
  });
});
