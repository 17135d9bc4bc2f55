import type { Family, Metric } from '@media-exporter/metrics';
import {
  type Credit,
  changedPlays,
  EMPTY_TRACKER,
  type Observation,
  type ObservedSession,
  type Play,
  Tally,
  TRACKER_DEFAULTS,
  type TrackerState,
  track,
  trackerMeta,
} from '@media-exporter/model';
import { digest } from '../digest.ts';
import { PLAYBACK_CATALOGUE, type PlaybackField, playbackFamilies } from '../families/playback.ts';
import { restoreBook, restoreTally, restoreWatch } from '../parse/saved-playback.ts';
import { parseStarts } from '../parse/saved-starts.ts';
import { PlayBook, type SeenPlay } from '../play-book.ts';
import type { SessionsPoll } from '../shared.ts';
import type {
  ActivityEntry,
  JellyfinSession,
  JellyfinState,
  PlaybackTotals,
  PlayMethod,
  Transcoding,
} from '../state.ts';
import { TICKS_PER_MS } from '../ticks.ts';
import { UnseenStarts } from '../unseen-starts.ts';
import { methodOf, transcodingsOf } from '../watching.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** What the time of a play is counted under. */
export interface Watch {
  readonly session: string;
  /** The one who is signed in first, then those who watch along. */
  readonly users: readonly string[];
  readonly mediaType: string;
  readonly method: string;
  readonly positionTicks: number;
}

/** How long after an outage of the server a play is waited for. */
const HOLD_MS = 30_000;

const OPTIONS = { ...TRACKER_DEFAULTS, resumeMs: 60_000 };

/** Plays and watched time, from what the polls of the sessions and the activity log show. */
export class PlaybackCollector implements JellyfinCollector {
  readonly name = 'playback';
  readonly follows = 'sessions';
  readonly line = 'fast';
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[] = PLAYBACK_CATALOGUE;
  readonly #context: CollectorContext;
  #book = new PlayBook();
  #starts = new UnseenStarts();
  /** Whether starts that wait were kept. */
  #waited = false;
  #tracker: TrackerState<Watch> = EMPTY_TRACKER;
  /** As it was last kept. */
  #saved: TrackerState<Watch> = EMPTY_TRACKER;
  #tally = new Tally<PlaybackField>(['plays', 'seconds', 'streamed']);
  /** Of users by their id, as the privacy policy shows them: kept in no other form. */
  readonly #names = new Map<string, string>();
  #polledAt: number | undefined;
  /** Plays that were there before an outage, and until when they are waited for. */
  readonly #held = new Map<string, number>();

  constructor(context: CollectorContext) {
    this.#context = context;
    context.shared.onSessions((poll) => this.#poll(poll));
    context.shared.onActivity((entries) => {
      this.#countUnseen(this.#starts.tell(entries));
      this.#save();
    });
  }

  interval(): number {
    return this.#context.settings.interval * 1000;
  }

  async run(): Promise<void> {}

  families(): readonly Family[] {
    const { privacy } = this.#context;
    return playbackFamilies(this.#tally.rows(), (id) => this.#names.get(id) ?? privacy.user(id));
  }

  state(): Partial<JellyfinState> {
    const rows: PlaybackTotals['rows'][number][] = [];
    for (const { labels, amounts } of this.#tally.rows()) {
      const [, mediaType, method] = labels;
      if (method === 'unknown') continue;
      const { plays, streamed: seconds } = amounts;
      rows.push({ mediaType, method, plays, seconds } as PlaybackTotals['rows'][number]);
    }
    return { playback: { rows } };
  }

  restore(saved: ReadonlyMap<string, unknown>): void {
    const { book, polledAt } = restoreBook(saved);
    this.#book = book;
    this.#polledAt = polledAt;
    if (polledAt !== undefined) this.#starts = new UnseenStarts(polledAt, parseStarts(saved.get('starts')));
    this.#waited = saved.has('starts');
    this.#tracker = restoreWatch(saved);
    this.#saved = this.#tracker;
    const { tally, names } = restoreTally(saved);
    this.#tally = tally;
    const users = new Set(Array.from(tally.rows(), ({ labels }) => labels[0]));
    const same = saved.get('names') === this.#policy();
    for (const [id, name] of names) {
      if (same && users.has(id)) this.#names.set(id, name);
      else this.#context.saved.put(`name ${id}`, undefined);
    }
  }

  #poll(poll: SessionsPoll): void {
    const seen = this.#book.see(poll);
    const transcodings = transcodingsOf(poll.sessions);
    for (const { id, name } of seen.flatMap(({ session }) => peopleOf(session))) this.#call(id, name);
    for (const { session, change } of seen) {
      if (change !== 'begun') continue;
      const { mediaType, method } = watchOf(session, transcodings.get(session));
      this.#tally.add([session.userId, mediaType, method], { plays: 1 }, poll.at);
    }
    this.#countUnseen(this.#starts.see(poll.at, seen));
    const observations = seen.map((one) => observed(one, transcodings.get(one.session)));
    for (const credit of this.#credit(poll, seen, observations)) this.#earn(credit, poll.at);
    this.#polledAt = poll.at;
    this.#save();
  }

  /** The time that the plays have earned. Where the poll tells when a play has ended, that goes before its absence. */
  #credit(
    poll: SessionsPoll,
    seen: readonly SeenPlay[],
    playing: readonly ObservedSession<Watch>[],
  ): readonly Credit<Watch>[] {
    const { at, sessions } = poll;
    const checkIns = new Map(sessions.map(({ id, lastCheckIn }) => [id, lastCheckIn]));
    const present = new Map(seen.map((one) => [one.key, one]));
    const ends: { readonly key: string; readonly at: number }[] = [];
    const held: ObservedSession<Watch>[] = [];
    for (const play of this.#tracker.plays.values()) {
      if (play.endedAt !== undefined) continue;
      const back = present.get(play.key);
      if (back !== undefined ? this.#stalled(play, back) : !this.#holds(play, poll))
        ends.push(...this.#endOf(play, at, checkIns.get(play.session.attributes.session)));
      else if (back === undefined) held.push(play.session);
    }
    for (const key of present.keys()) this.#held.delete(key);
    const observations: Observation<Watch>[] = [
      ...ends.sort((a, b) => a.at - b.at).map(({ key, at }) => ({ at, sessions: [], complete: false, ended: [key] })),
      { at, complete: true, sessions: [...playing, ...held] },
    ];
    return observations.flatMap((observation) => {
      const { state, credits } = track(this.#tracker, observation, OPTIONS);
      this.#tracker = state;
      return credits;
    });
  }

  /** Whether a play that is missing may be about to come back: clients return some seconds after the server does. */
  #holds({ key }: Play<Watch>, { at, afterOutage }: SessionsPoll): boolean {
    if (afterOutage) this.#held.set(key, at + HOLD_MS);
    const until = this.#held.get(key);
    if (until !== undefined && at < until) return true;
    this.#held.delete(key);
    return false;
  }

  /** Whether a play that has come back after an outage did not go on in the meantime. */
  #stalled({ key, session: before }: Play<Watch>, { session }: SeenPlay): boolean {
    if (!this.#held.has(key)) return false;
    const moved = ((session.positionTicks ?? 0) - before.attributes.positionTicks) / TICKS_PER_MS;
    return moved < ((session.lastCheckIn ?? 0) - (before.confirmedAt ?? 0)) / 2;
  }

  /** When a play has ended that is not there any more; nothing where only its absence tells. */
  #endOf(play: Play<Watch>, at: number, lastCheckIn = 0): readonly { readonly key: string; readonly at: number }[] {
    const { confirmedAt } = play.session;
    const before = this.#polledAt;
    if (confirmedAt === undefined || before === undefined || at - confirmedAt >= OPTIONS.gapMs) return [];
    const newer = lastCheckIn > confirmedAt ? lastCheckIn : Number.POSITIVE_INFINITY;
    return [{ key: play.key, at: Math.min(at, Math.max(before, Math.min(at - (at - before) / 2, newer))) }];
  }

  #earn({ attributes, seconds }: Credit<Watch>, at: number): void {
    const { users, mediaType, method } = attributes;
    for (const [index, user] of users.entries()) {
      this.#tally.add([user, mediaType, method], { seconds, streamed: index === 0 ? seconds : 0 }, at);
    }
  }

  #countUnseen(entries: readonly ActivityEntry[]): void {
    for (const { userId, date = 0 } of entries) this.#tally.add([userId, '', 'unknown'], { plays: 1 }, date);
  }

  #call(id: string, name: string): void {
    const { privacy, saved } = this.#context;
    const shown = privacy.user(name);
    if (this.#names.get(id) === shown) return;
    this.#names.set(id, shown);
    saved.put(`name ${id}`, shown === '' ? undefined : shown);
    saved.put('names', this.#policy());
  }

  /** Another one under another policy and with another key: names that were kept are not shown then. */
  #policy(): string {
    return this.#context.privacy.user('names');
  }

  /** What one poll changed is put in one turn, so that a play is never kept without what it has earned. */
  #save(): void {
    const { saved } = this.#context;
    for (const [key, row] of this.#tally.takeChanges()) saved.put(`row ${key}`, row);
    for (const [name, play] of this.#book.takeChanges()) saved.put(`play ${name}`, play);
    for (const [id, play] of changedPlays(this.#saved, this.#tracker)) saved.put(`time ${id}`, play);
    if (this.#saved !== this.#tracker) {
      saved.put('tracker', trackerMeta(this.#tracker));
      saved.put('polled', { at: this.#polledAt, epoch: this.#book.epoch });
    }
    this.#saved = this.#tracker;
    const starts = this.#starts.save();
    if (starts !== undefined || this.#waited) saved.put('starts', starts);
    this.#waited = starts !== undefined;
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new PlaybackCollector(context);
}

function watchOf(session: JellyfinSession, transcoding: Transcoding | undefined): Watch {
  const method: PlayMethod | undefined = methodOf(session, transcoding);
  return {
    session: session.id,
    users: [...new Set(peopleOf(session).map(({ id }) => id))],
    mediaType: session.item?.mediaType ?? 'other',
    method: method ?? 'unknown',
    positionTicks: session.positionTicks ?? 0,
  };
}

function observed({ session, item, key }: SeenPlay, transcoding: Transcoding | undefined): ObservedSession<Watch> {
  return {
    key,
    item,
    party: digest(session.userId, session.deviceId),
    playing: !session.paused,
    confirmedAt: session.lastCheckIn ?? 0,
    attributes: watchOf(session, transcoding),
  };
}

function peopleOf({ userId, user, additionalUsers }: JellyfinSession): readonly { id: string; name: string }[] {
  return [{ id: userId, name: user }, ...additionalUsers];
}
