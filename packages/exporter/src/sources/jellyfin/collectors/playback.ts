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
import { ChangedValues } from '../changed-values.ts';
import { PLAYBACK_CATALOGUE, type PlaybackField, playbackFamilies } from '../families/playback.ts';
import { PlayBook, RESUME_MS } from '../plays/play-book.ts';
import { restoreBook, restoreTally, restoreWatch } from '../plays/saved-playback.ts';
import { parseStarts } from '../plays/saved-starts.ts';
import { RETURN_MS, type UnseenStart, UnseenStarts } from '../plays/unseen-starts.ts';
import { endOf, forgottenIn, observed, type PollTimes, peopleOf, turnOf, type Watch } from '../plays/watch-time.ts';
import { transcodingsOf } from '../sessions/watching.ts';
import type { SessionsPoll } from '../shared.ts';
import type { JellyfinState, PlaybackTotals } from '../state.ts';
import { TICKS_PER_MS } from '../ticks.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

const OPTIONS = { ...TRACKER_DEFAULTS, resumeMs: RESUME_MS };

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
  #tracker: TrackerState<Watch> = EMPTY_TRACKER;
  /** As it was last kept. */
  #saved: TrackerState<Watch> = EMPTY_TRACKER;
  readonly #changed: ChangedValues;
  #tally = new Tally<PlaybackField>(['plays', 'seconds', 'streamed']);
  /** Of users by their id, as the privacy policy shows them: kept in no other form. */
  readonly #names = new Map<string, string>();
  #polledAt: number | undefined;
  /** Plays that were there before an outage, and until when they are waited for. */
  readonly #held = new Map<string, number>();

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#changed = new ChangedValues(context.saved);
    context.shared.onSessions((poll) => this.#poll(poll));
    context.shared.onActivity((entries, readAt) => {
      this.#countUnseen(this.#starts.tell(entries, readAt));
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
    this.#starts = new UnseenStarts(parseStarts(saved.get('starts')), polledAt);
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
    const times: PollTimes = { before: this.#polledAt, at: poll.at };
    const playing = new Map(seen.map((one) => [one.key, observed(one, transcodings.get(one.session), times)]));
    const plays = seen.map(({ session, item, key, begun }) => {
      const { mediaType = 'other', method = 'unknown' } = playing.get(key)?.attributes ?? {};
      return { userId: session.userId, item, begun, mediaType, method };
    });
    for (const { userId, begun, mediaType, method } of plays) {
      if (begun) this.#tally.add([userId, mediaType, method], { plays: 1 }, poll.at);
    }
    this.#countUnseen(this.#starts.see(poll.at, plays, poll.afterOutage));
    for (const credit of this.#credit(poll, playing, times)) this.#earn(credit, poll.at);
    this.#polledAt = poll.at;
    this.#save();
  }

  /** The time that the plays have earned. What the poll tells of the time since the last one goes before it. */
  #credit(
    poll: SessionsPoll,
    playing: ReadonlyMap<string, ObservedSession<Watch>>,
    times: PollTimes,
  ): readonly Credit<Watch>[] {
    const { at, sessions } = poll;
    const byId = new Map(sessions.map((session) => [session.id, session]));
    const meanwhile: (Observation<Watch> | undefined)[] = [];
    const held: ObservedSession<Watch>[] = [];
    for (const play of this.#tracker.plays.values()) {
      if (play.endedAt !== undefined) continue;
      const back = playing.get(play.key);
      if (back !== undefined ? this.#stalled(play, back) : !this.#holds(play, poll))
        meanwhile.push(endOf(play.session, byId.get(play.session.attributes.session), times));
      else if (back === undefined) held.push(play.session);
      else {
        if (poll.afterOutage || this.#held.has(play.key)) meanwhile.push(forgottenIn(play.session, back, times));
        meanwhile.push(turnOf(play.session, back, times));
      }
    }
    for (const key of playing.keys()) this.#held.delete(key);
    const observations: Observation<Watch>[] = [
      ...meanwhile.filter((one) => one !== undefined).sort((a, b) => a.at - b.at),
      { at, complete: true, sessions: [...playing.values(), ...held] },
    ];
    return observations.flatMap((observation) => {
      const { state, credits } = track(this.#tracker, observation, OPTIONS);
      this.#tracker = state;
      return credits;
    });
  }

  /** Whether a play that is missing may be about to come back: clients return some seconds after the server does. */
  #holds({ key }: Play<Watch>, { at, afterOutage }: SessionsPoll): boolean {
    if (afterOutage) this.#held.set(key, at + RETURN_MS);
    const until = this.#held.get(key);
    if (until !== undefined && at < until) return true;
    this.#held.delete(key);
    return false;
  }

  /** Whether a play that has come back after an outage did not go on in the meantime. */
  #stalled({ key, session: before }: Play<Watch>, now: ObservedSession<Watch>): boolean {
    if (!this.#held.has(key)) return false;
    const moved = (now.attributes.positionTicks - before.attributes.positionTicks) / TICKS_PER_MS;
    return moved < ((now.confirmedAt ?? 0) - (before.confirmedAt ?? 0)) / 2;
  }

  #earn({ attributes, seconds }: Credit<Watch>, at: number): void {
    const { users, mediaType, method } = attributes;
    for (const [index, user] of users.entries()) {
      this.#tally.add([user, mediaType, method], { seconds, streamed: index === 0 ? seconds : 0 }, at);
    }
  }

  #countUnseen(starts: readonly UnseenStart[]): void {
    for (const { entry, kind } of starts) {
      const { mediaType, method } = kind ?? { mediaType: '', method: 'unknown' };
      this.#tally.add([entry.userId, mediaType, method], { plays: 1 }, entry.date ?? 0);
    }
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
    this.#saved = this.#tracker;
    // While nothing plays, nothing changes: when the last poll was is then not known after a restart.
    const idle = this.#tracker.plays.size === 0;
    const { epoch } = this.#book;
    this.#changed.put('tracker', idle ? { next: this.#tracker.next } : trackerMeta(this.#tracker));
    this.#changed.put('polled', idle ? { epoch } : { at: this.#polledAt, epoch });
    this.#changed.put('starts', this.#starts.save());
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new PlaybackCollector(context);
}
