import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Attributes, Household, type Scene, type Script, type Truth } from '../../testing/household.ts';
import { restoreTracker, trackerMeta } from './keep.ts';
import type { Credit, Observation, ObservedSession, TrackerState } from './observation.ts';
import { EMPTY_TRACKER, TRACKER_DEFAULTS, track } from './track.ts';

const { gapMs, tailMs } = TRACKER_DEFAULTS;
/** Rounding of sums, in seconds. */
const EPSILON = 1e-6;

const RUNS = { numRuns: 250 };

const SCENE: fc.Arbitrary<Scene> = fc.record(
  {
    state: fc.constantFrom('playing', 'playing', 'paused', 'buffering'),
    milliseconds: fc.integer({ min: 1, max: 60_000 }),
    bitrate: fc.constantFrom(8000, 4_000_000),
    quality: fc.constantFrom('low', 'high'),
    seekTo: fc.integer({ min: 0, max: 9000 }),
  },
  { requiredKeys: ['state', 'milliseconds', 'bitrate', 'quality'] },
);
const SCENE_WITHOUT_SEEK = SCENE.map(({ seekTo: _, ...scene }) => scene);

function scripts(scene: fc.Arbitrary<Scene> = SCENE): fc.Arbitrary<Script[]> {
  const items = fc.array(fc.array(scene, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 });
  return fc.array(fc.record({ startsAt: fc.nat(30_000), items, sameKey: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  });
}

const RESTARTS = fc.array(fc.nat(150_000), { maxLength: 2 });
/** How long a poll may be under way before it is taken, in ms. */
const DELAY = 4000;
/** So short that a play is seen within `tailMs` of its end, also when a late poll was overtaken by events. */
const PERIOD = fc.integer({ min: 1000, max: tailMs - DELAY });

/** An observation on its way: made at one moment, taken at another, perhaps never or twice. */
interface Telling {
  readonly at: number;
  readonly takenAt: number;
  readonly times: number;
  readonly observation: Observation<Attributes>;
}

type Fate = Pick<Telling, 'times'> & { readonly delay: number };

const ON_TIME: Fate = { times: 1, delay: 0 };

function poll(house: Household, at: number, { times, delay }: Fate = ON_TIME): Telling {
  const observation = { at, sessions: house.sessions(at), complete: true, epoch: house.epoch(at) };
  return { at, takenAt: at + delay, times, observation };
}

function events(house: Household, fate: (index: number) => Fate): Telling[] {
  return house.changes().map(({ at, player, endedSlot }, index) => {
    const { times, delay } = fate(index);
    const session = endedSlot === undefined ? house.session(player, at) : undefined;
    const observation = {
      ...{ at, sessions: session === undefined ? [] : [session], complete: false, epoch: house.epoch(at) },
      ...(endedSlot !== undefined && { ended: [house.key(endedSlot, at)] }),
    };
    return { at, takenAt: at + delay, times, observation };
  });
}

/** Polls until all has ended; of the last two none is lost. */
function polls(house: Household, period: number, fate: (index: number) => Fate = () => ON_TIME): Telling[] {
  const count = Math.ceil(house.endsAt / period) + 2;
  return Array.from({ length: count + 1 }, (_, i) => poll(house, i * period, i >= count - 1 ? ON_TIME : fate(i)));
}

interface Outcome {
  readonly credits: readonly Credit<Attributes>[];
  /** The longest time between two polls that were taken in their order, in seconds. */
  readonly interval: number;
  /** The sum of those that were longer than a span that is credited without a proof. */
  readonly outages: number;
}

/** Takes observations as they come in. Every so often the exporter is started anew, and has only what it kept. */
function take(tellings: readonly Telling[], restartEvery: number, offset: (at: number) => number = () => 0): Outcome {
  let state: TrackerState<Attributes> = EMPTY_TRACKER;
  const credits: Credit<Attributes>[] = [];
  const gaps: number[] = [];
  let polledAt = 0;
  const inOrder = tellings
    .flatMap((telling) => Array.from({ length: telling.times }, () => telling))
    .sort((a, b) => a.takenAt - b.takenAt);
  for (const [index, { at, observation }] of inOrder.entries()) {
    const step = track(state, { ...observation, at: observation.at + offset(at) });
    credits.push(...step.credits);
    state = index % restartEvery === 0 ? throughJson(step.state) : step.state;
    if (!observation.complete || at < polledAt) continue;
    gaps.push((at - polledAt) / 1000);
    polledAt = at;
  }
  const outages = gaps.filter((gap) => gap * 1000 > gapMs).reduce((sum, gap) => sum + gap, 0);
  return { credits, interval: Math.max(...gaps), outages };
}

function throughJson(state: TrackerState<Attributes>): TrackerState<Attributes> {
  const kept = JSON.parse(JSON.stringify([trackerMeta(state), [...state.plays.values()]])) as [unknown, unknown[]];
  return restoreTracker(kept[0], kept[1], (value) => value as Attributes);
}

interface Sum {
  readonly plays: number;
  readonly seconds: number;
  readonly bytes: number;
}

function sumOf(credits: readonly Credit<Attributes>[], item: string, quality?: string): Sum {
  const own = credits.filter(
    ({ attributes }) => attributes.item === item && (quality === undefined || attributes.quality === quality),
  );
  const add = (field: 'plays' | 'seconds' | 'bytes') => own.reduce((sum, credit) => sum + credit[field], 0);
  return { plays: add('plays'), seconds: add('seconds'), bytes: add('bytes') };
}

/** That an item was credited no more and no less than its truth, but for so many seconds. */
function expectNear({ seconds }: Sum, truth: Truth, over: number, under: number): void {
  expect(seconds - truth.seconds).toBeLessThanOrEqual(over + EPSILON);
  expect(truth.seconds - seconds).toBeLessThanOrEqual(under + EPSILON);
}

describe('when events tell of every change', () => {
  test('plays, seconds and bytes are exactly the truth, also with repeated events, late polls and restarts', () => {
    const fates = fc.func(fc.record({ times: fc.constantFrom(1, 2), delay: fc.constantFrom(0, 0, 500, DELAY) }));
    fc.assert(
      fc.property(scripts(), RESTARTS, PERIOD, fates, fc.integer({ min: 1, max: 9 }), (script, restarts, ...rest) => {
        const [period, fate, restartEvery] = rest;
        const house = new Household(script, restarts);
        const tellings = [
          ...restarts.map((at) => poll(house, at)),
          ...events(house, (index) => ({ times: fate(index).times, delay: 0 })),
          // A poll that is under way while the server starts anew would tell of keys of the time before.
          ...polls(house, period, (index) => (restarts.length > 0 ? ON_TIME : { ...fate(index) })),
        ];
        const { credits } = take(tellings, restartEvery);
        for (const truth of house.truths()) {
          const sum = sumOf(credits, truth.item);
          expect(sum.plays).toBe(truth.seconds > 0 ? 1 : 0);
          expectNear(sum, truth, 0, 0);
          expect(Math.abs(sum.bytes - truth.bytes)).toBeLessThan(1e-3);
          for (const [quality, seconds] of house.qualities(truth.item)) {
            expect(Math.abs(sumOf(credits, truth.item, quality).seconds - seconds)).toBeLessThan(EPSILON);
          }
        }
      }),
      RUNS,
    );
  });
});

describe('when only polls tell', () => {
  test('every play that a poll saw playing counts once, and no other', () => {
    const lost = fc.func(fc.constantFrom(1, 1, 0, 2));
    fc.assert(
      fc.property(scripts(), RESTARTS, PERIOD, lost, fc.integer({ min: 1, max: 9 }), (script, restarts, ...rest) => {
        const [period, times, restartEvery] = rest;
        const house = new Household(script, restarts);
        const tellings = polls(house, period, (index) => ({ times: times(index), delay: 0 }));
        const { credits } = take(tellings, restartEvery);
        const taken = tellings.filter((telling) => telling.times > 0);
        const seen = taken.flatMap(({ observation }) => observation.sessions.filter(({ playing }) => playing));
        for (const { item } of house.truths()) {
          expect(sumOf(credits, item).plays).toBe(seen.some((session) => session.item === item) ? 1 : 0);
        }
      }),
      RUNS,
    );
  });

  test('seconds are the truth within one interval for each change that no event told of', () => {
    const fates = fc.func(
      fc.record({ times: fc.constantFrom(1, 1, 0, 2), delay: fc.constantFrom(0, 0, 0, 500, DELAY, 20_000) }),
    );
    fc.assert(
      fc.property(scripts(), RESTARTS, PERIOD, fates, fc.integer({ min: 1, max: 9 }), (script, restarts, ...rest) => {
        const [period, fate, restartEvery] = rest;
        const house = new Household(script, restarts);
        const late = (index: number): Fate => ({ ...fate(index), ...(restarts.length > 0 && { delay: 0 }) });
        const tellings = [...polls(house, period, late), ...events(house, (index) => late(index + 1000))];
        const { credits, interval, outages } = take(tellings, restartEvery);
        for (const truth of house.truths()) {
          const sum = sumOf(credits, truth.item);
          expect(sum.plays).toBeLessThanOrEqual(1);
          const under = interval * (truth.starts + 1 + restarts.length) + outages;
          expectNear(sum, truth, interval * truth.stops, under);
        }
      }),
      RUNS,
    );
  });

  test('a clock that jumps costs or earns no more than the jump, a minute or an interval', () => {
    const jumps = fc.array(fc.record({ at: fc.nat(150_000), by: fc.integer({ min: -4_000_000, max: 4_000_000 }) }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(scripts(SCENE_WITHOUT_SEEK), PERIOD, jumps, (script, period, jumped) => {
        const house = new Household(script);
        const offset = (at: number) => jumped.reduce((sum, jump) => sum + (jump.at <= at ? jump.by : 0), 0);
        const { credits, interval } = take(polls(house, period), 3, (at) => offset(at) + 1e9);
        const bounded = (by: number) => Math.min(Math.abs(by), gapMs) / 1000;
        const forward = jumped.filter(({ by }) => by > 0).reduce((sum, { by }) => sum + bounded(by), 0);
        const back = jumped.reduce((sum, { by }) => sum + bounded(by) + 2 * interval, 0);
        for (const truth of house.truths()) {
          const sum = sumOf(credits, truth.item);
          expect(sum.plays).toBeLessThanOrEqual(1);
          expectNear(sum, truth, interval * truth.stops + forward, interval * (truth.starts + 1) + back);
        }
      }),
      RUNS,
    );
  });
});

describe('when players report', () => {
  const REPORT = 10_000;
  const LIFE = fc.record({ startsAt: fc.nat(20_000), milliseconds: fc.integer({ min: 1, max: 400_000 }) });

  /** Polls of one player that plays from its start and reports every 10 s; the server keeps it for `heldFor` after. */
  function watch(startsAt: number, milliseconds: number, heldFor: number, period: number): readonly Credit<string>[] {
    const endsAt = startsAt + milliseconds;
    let state: TrackerState<string> = EMPTY_TRACKER;
    const credits: Credit<string>[] = [];
    for (let at = 0; at <= endsAt + heldFor + 2 * period; at += period) {
      const there = at >= startsAt && at < endsAt + heldFor;
      const reported = Math.min(at, endsAt - 1) - startsAt;
      const session: ObservedSession<string> = {
        ...{ key: '1', item: 'film', party: 'ann', playing: true, attributes: 'a' },
        // The server goes on moving the position of a player that has died.
        positionSeconds: (at - startsAt) / 1000,
        confirmedAt: startsAt + reported - (reported % REPORT),
      };
      const step = track(state, { at, sessions: there ? [session] : [], complete: true });
      credits.push(...step.credits);
      state = step.state;
    }
    return credits;
  }

  const secondsOf = (credits: readonly Credit<string>[]) => credits.reduce((sum, { seconds }) => sum + seconds, 0);

  test('one that was killed is credited up to its last report and 15 s more at most', () => {
    fc.assert(
      fc.property(LIFE, PERIOD, fc.integer({ min: 0, max: 300_000 }), ({ startsAt, milliseconds }, period, heldFor) => {
        const lastReport = milliseconds - 1 - ((milliseconds - 1) % REPORT);
        const seconds = secondsOf(watch(startsAt, milliseconds, heldFor, period));
        expect(seconds).toBeLessThanOrEqual((lastReport + tailMs) / 1000 + EPSILON);
        if (heldFor > gapMs + REPORT + period) expect(seconds).toBeLessThanOrEqual(lastReport / 1000 + EPSILON);
      }),
      RUNS,
    );
  });

  test('one that stops is credited what it played, but for one and a half intervals', () => {
    fc.assert(
      fc.property(LIFE, fc.integer({ min: 1000, max: REPORT }), ({ startsAt, milliseconds }, period) => {
        const seconds = secondsOf(watch(startsAt, milliseconds, 0, period));
        expect(seconds - milliseconds / 1000).toBeLessThanOrEqual(period / 2000 + EPSILON);
        expect(milliseconds / 1000 - seconds).toBeLessThanOrEqual((period * 1.5) / 1000 + EPSILON);
      }),
      RUNS,
    );
  });
});
