import type {
  Credit,
  Earned,
  Observation,
  ObservedSession,
  Play,
  TrackerOptions,
  TrackerState,
} from './observation.ts';
import { rewind } from './rewind.ts';
import { cleanSession, isTime, NEVER } from './session.ts';
import { advance, begin, type Clocked, earn, tail } from './time.ts';

export const TRACKER_DEFAULTS: TrackerOptions = { settleMs: 0, resumeMs: 300_000, gapMs: 60_000, tailMs: 15_000 };

export const EMPTY_TRACKER: TrackerState<never> = { next: 1, plays: new Map() };

const MAX_PLAYS = 10_000;
/** Attributes that change more often than this before a play settles are not told apart. */
const MAX_PENDING = 8;

/**
 * Takes one observation: answers what is remembered from now on, and what the plays have earned.
 *
 * A play is known by its key, item and party. It counts once, and goes on when it comes back within `resumeMs`, so that
 * a session that flickers or reports after its end is no new play. Never throws and never credits a moment twice,
 * whatever the observations hold: one that is older than what is known of a play says nothing about it, and one without
 * a valid time says nothing at all.
 *
 * When events tell of every change, the sum of a play is exactly what was played. When only polls tell, with `I` between
 * two of them at most, a play that ceased to play `n` times, its end included, gets at most `n * I` too much, and at most
 * `(n + 1) * I` too little; besides, an `I` for each restart of the server, and what an outage longer than `gapMs` does not
 * prove. A clock that jumps adds at most `gapMs`, or takes away at most `gapMs` and two `I`. Where players report
 * (`confirmedAt`), a play goes at most `tailMs` beyond the last report, and one without pauses that reports at least every
 * 10 s is right within 1.5 `I`.
 */
export function track<A>(
  state: TrackerState<A>,
  observation: Observation<A>,
  options: TrackerOptions = TRACKER_DEFAULTS,
): { readonly state: TrackerState<A>; readonly credits: readonly Credit<A>[] } {
  const { at } = observation;
  if (!isTime(at)) return { state, credits: [] };
  const setBack = state.at !== undefined && at < state.at - options.gapMs;
  return new Step(setBack ? rewind(state, at) : state, observation, options).take();
}

/** One step of the tracker: what changes while an observation is taken. */
class Step<A> {
  readonly #before: TrackerState<A>;
  readonly #observation: Observation<A>;
  readonly #options: TrackerOptions;
  readonly #at: number;
  readonly #epoch: string | undefined;
  readonly #restarted: boolean;
  readonly #plays: Map<string, Play<A>>;
  readonly #credits: Credit<A>[] = [];
  /** Running plays as they were before, by key. */
  readonly #running = new Map<string, Play<A>>();
  /** Plays that may come back, by item and party, in the order in which they began. */
  readonly #resumable = new Map<string, Play<A>[]>();
  /** Plays that the observation says something about. */
  readonly #touched = new Set<string>();
  readonly #ended: ReadonlySet<string>;
  #next: number;
  #room: number;

  constructor(state: TrackerState<A>, observation: Observation<A>, options: TrackerOptions) {
    const late = state.at !== undefined && observation.at < state.at;
    this.#before = state;
    this.#observation = observation;
    this.#options = options;
    this.#at = observation.at;
    this.#epoch = late ? state.epoch : (observation.epoch ?? state.epoch);
    this.#restarted = state.epoch !== undefined && this.#epoch !== state.epoch;
    this.#plays = new Map(state.plays);
    this.#ended = new Set(observation.ended);
    this.#next = state.next;
    for (const play of state.plays.values()) {
      if (play.endedAt === undefined) this.#running.set(play.key, play);
      if (play.endedAt === undefined && !this.#restarted) continue;
      const alike = this.#resumable.get(nameOf(play));
      if (alike === undefined) this.#resumable.set(nameOf(play), [play]);
      else alike.push(play);
    }
    this.#room = (options.maxPlays ?? MAX_PLAYS) - this.#running.size;
  }

  take(): { readonly state: TrackerState<A>; readonly credits: readonly Credit<A>[] } {
    const { sessions, complete } = this.#observation;
    const seen = new Set<string>();
    for (const given of sessions) {
      if (seen.has(given.key)) continue;
      seen.add(given.key);
      this.#see(cleanSession(given, this.#at, this.#options.tailMs));
    }
    for (const [key, play] of this.#running) {
      const told = this.#ended.has(key);
      if (!told && !complete && !this.#restarted) continue;
      if (!this.#touched.has(play.id) && play.seenAt <= this.#at) this.#end(play, { at: this.#at, exact: told });
    }
    this.#forget();
    const { at = this.#at, completeAt } = this.#before;
    const completed = complete ? Math.max(completeAt ?? this.#at, this.#at) : completeAt;
    const state: TrackerState<A> = {
      at: Math.max(at, this.#at),
      ...(completed !== undefined && { completeAt: completed }),
      ...(this.#epoch !== undefined && { epoch: this.#epoch }),
      next: this.#next,
      plays: this.#plays,
    };
    return { state, credits: this.#credits };
  }

  #see(session: ObservedSession<A>): void {
    const running = this.#running.get(session.key);
    if (running !== undefined && !this.#touched.has(running.id)) {
      if (running.seenAt > this.#at) return;
      if (nameOf(running) === nameOf(session)) {
        this.#goOn(running, session);
        return;
      }
    }
    let notBefore = this.#before.completeAt ?? Number.NEGATIVE_INFINITY;
    const earlier = this.#earlier(session);
    const knownAt = earlier === undefined ? notBefore : Math.max(notBefore, earlier.endedAt ?? earlier.seenAt);
    if (knownAt > this.#at) return;
    // After a restart the key may mean another session, and the play that had it may be there under another one.
    if (running !== undefined && !this.#restarted && !this.#touched.has(running.id)) {
      notBefore = Math.max(notBefore, this.#replace(running, session));
    }
    if (earlier === undefined) this.#start(session, notBefore);
    else if (earlier.endedAt === undefined) this.#goOn(earlier, session);
    else this.#resume(earlier, session, notBefore);
  }

  /** The play that a session continues although its key does not have it now. */
  #earlier(session: ObservedSession<A>): Play<A> | undefined {
    const alike = this.#resumable.get(nameOf(session)) ?? [];
    const open = alike.filter(
      ({ id, endedAt }) =>
        !this.#touched.has(id) && (endedAt === undefined || this.#at - endedAt <= this.#options.resumeMs),
    );
    const sameKey = open.findLast(({ key, endedAt }) => key === session.key && endedAt !== undefined);
    return sameKey ?? open.findLast(({ epoch }) => epoch !== undefined && epoch !== this.#epoch);
  }

  #start(session: ObservedSession<A>, notBefore: number): void {
    if (this.#room <= 0) return;
    this.#room--;
    const id = String(this.#next++);
    const { key, item, party } = session;
    const at = this.#at;
    const fresh = { id, key, item, party, session, seenAt: at, firstSeenAt: at, counted: false, settled: false };
    const clocked = begin(session, at, notBefore, this.#options);
    this.#keep({ ...fresh, creditedTo: at }, session, clocked, earn(session, clocked.played));
  }

  #resume(play: Play<A>, session: ObservedSession<A>, notBefore: number): void {
    if (this.#room <= 0) return;
    this.#room--;
    const { endedAt = this.#at, ...rest } = play;
    const { startedAt, ...unstarted } = session;
    // A start from before its end is the start of the play, not of its return.
    const back = startedAt !== undefined && startedAt > endedAt ? session : unstarted;
    const clocked = begin(back, this.#at, Math.max(notBefore, endedAt), this.#options);
    this.#keep(rest, session, clocked, earn(session, clocked.played));
  }

  #goOn(play: Play<A>, session: ObservedSession<A>): void {
    const clocked = advance(play, session, this.#at, this.#options);
    const gone = this.#keep(play, session, clocked, earn(play.session, clocked.played));
    if (this.#ended.has(session.key)) this.#end(gone, { at: this.#at, exact: true });
  }

  #keep(play: Play<A>, session: ObservedSession<A>, clocked: Clocked, earned: Earned<A>): Play<A> {
    const { creditedTo, creditedPosition } = clocked;
    const { epoch, creditedPosition: _, ...rest } = play;
    const known = this.#epoch ?? epoch;
    const next: Play<A> = {
      ...rest,
      key: session.key,
      session,
      seenAt: this.#at,
      creditedTo,
      ...(creditedPosition !== undefined && { creditedPosition }),
      ...(known !== undefined && { epoch: known }),
    };
    return this.#put(this.#settle(this.#credit(next, earned), this.#at));
  }

  /** Ends the play whose key another one has taken. Answers up to when it has played. */
  #replace(play: Play<A>, successor: ObservedSession<A>): number {
    const { startedAt, confirmedAt } = successor;
    const start = startedAt ?? (confirmedAt === NEVER ? undefined : confirmedAt);
    if (this.#ended.has(play.key)) return this.#end(play, { at: this.#at, exact: true });
    if (start === undefined || start < play.seenAt) return this.#end(play, { at: this.#at, exact: false });
    return this.#end(play, { at: start, exact: true });
  }

  #end(play: Play<A>, { at, exact }: { readonly at: number; readonly exact: boolean }): number {
    const played = tail(play, { at, exact, completeAt: this.#before.completeAt }, this.#options);
    const credited = this.#credit(play, earn(play.session, played));
    // Only what is known to have been there until its end can still settle by it.
    const last = exact ? this.#settle(credited, at) : credited;
    this.#touched.add(play.id);
    this.#room++;
    const creditedTo = Math.max(play.creditedTo, this.#at);
    if (last.settled) this.#plays.set(play.id, { ...last, endedAt: this.#at, creditedTo });
    else this.#plays.delete(play.id);
    return Math.max(play.creditedTo, Math.min(at, play.creditedTo + played));
  }

  #credit(play: Play<A>, earned: Earned<A>): Play<A> {
    const { pending } = play;
    if (play.settled) {
      if (earned.seconds > 0) this.#credits.push({ play: play.id, plays: 0, ...earned });
      return play;
    }
    if (pending === undefined && !play.session.playing) return play;
    return { ...play, pending: earned.seconds > 0 ? added(pending ?? [], earned) : (pending ?? []) };
  }

  /** Gives a play what it has earned, and counts it, once it was there for long enough and has played. */
  #settle(play: Play<A>, at: number): Play<A> {
    const { session, pending, id } = play;
    let { settled, counted } = play;
    if (!settled && pending !== undefined && at - (session.startedAt ?? play.firstSeenAt) >= this.#options.settleMs) {
      settled = true;
      for (const earned of pending) this.#credits.push({ play: id, plays: 0, ...earned });
    }
    if (settled && !counted && session.countsAsPlay !== false) {
      counted = true;
      this.#credits.push({ play: id, plays: 1, attributes: session.attributes, seconds: 0, bytes: 0 });
    }
    if (settled === play.settled && counted === play.counted) return play;
    const { pending: _, ...rest } = play;
    return { ...rest, settled, counted };
  }

  #put(play: Play<A>): Play<A> {
    this.#plays.set(play.id, play);
    this.#touched.add(play.id);
    return play;
  }

  #forget(): void {
    const ended = [...this.#plays.values()].filter(({ endedAt }) => endedAt !== undefined);
    for (const { id, endedAt = 0 } of ended) if (this.#at - endedAt > this.#options.resumeMs) this.#plays.delete(id);
    const surplus = this.#plays.size - (this.#options.maxPlays ?? MAX_PLAYS);
    if (surplus <= 0) return;
    const oldest = ended.filter(({ id }) => this.#plays.has(id)).sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    for (const { id } of oldest.slice(0, surplus)) this.#plays.delete(id);
  }
}

/** What a play is of: tells plays apart that have the same key. */
function nameOf({ item, party }: { readonly item: string; readonly party: string }): string {
  return `${item.length} ${item}${party}`;
}

function added<A>(pending: readonly Earned<A>[], earned: Earned<A>): readonly Earned<A>[] {
  if (pending.length < MAX_PENDING) return [...pending, earned];
  const last = pending[pending.length - 1] ?? earned;
  const sum = { ...earned, seconds: last.seconds + earned.seconds, bytes: last.bytes + earned.bytes };
  return [...pending.slice(0, -1), sum];
}
