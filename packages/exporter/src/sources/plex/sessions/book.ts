import type { PlayerReport } from '../parse/notification.ts';
import type { RawSession } from '../parse/sessions.ts';
import type { RawTranscode } from '../parse/transcode.ts';
import { isTheme, playbackState } from './classify.ts';
import { byPlay, follow, itemOf, type KnownSession, playOf, positionTells } from './known-session.ts';
import type { Reaction } from './reaction.ts';
import { Strangers } from './strangers.ts';

const NOTHING: Reaction = { look: false };

/** How long a session that was told to have stopped may linger in answers. */
const LINGERS = 60_000;
const LINGERS_WITHOUT_POSITION = 15_000;

interface Doubt {
  readonly ratingKey: string;
  readonly at: number;
}

interface Stop {
  readonly item: string;
  readonly positionMilliseconds: number | undefined;
  readonly at: number;
}

/**
 * The sessions of a server, joined of answers of `/status/sessions`, which are the truth, and of reports of players on
 * the socket, which are exact in time and may be lost.
 */
export class SessionBook {
  readonly #sessions = new Map<string, KnownSession>();
  readonly #strangers = new Strangers();
  readonly #stops = new Map<string, Stop>();
  /** Sessions of which an event told another item than the answers: one asked for later says which is right. */
  readonly #doubts = new Map<string, Doubt>();
  /** Items that events call by another key than the answers do. */
  readonly #aliases = new Map<string, string>();
  /** Sessions that nobody plays. */
  #themes: ReadonlySet<string> = new Set();
  /** Since when the server is gone, and with it perhaps what players played. */
  #goneSince: number | undefined;
  /** When players first reported that they play again after that. */
  readonly #returns = new Map<string, number>();

  values(): Iterable<KnownSession> {
    return this.#sessions.values();
  }

  /** Whether it may have ended: its player told of another item since the last answer was asked for. */
  isDoubted(sessionKey: string): boolean {
    return this.#doubts.has(sessionKey);
  }

  get(sessionKey: string): KnownSession | undefined {
    return this.#sessions.get(sessionKey);
  }

  /** Whether something plays or is about to, so that time runs. */
  get busy(): boolean {
    return [...this.#sessions.values()].some(({ state }) => state !== 'paused');
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Forgets what was told by events: after a gap in them, only an answer tells. */
  forgetReports(): void {
    this.#strangers.clear();
    this.#stops.clear();
    this.#doubts.clear();
  }

  /** Told that the server is gone since then. Until the next answer, reports say only that something ended. */
  interrupt(since: number): void {
    this.#goneSince ??= since;
  }

  /**
   * Takes a whole answer. It was asked for at `asked`, and is of `at`: what players reported in between is newer. Answers
   * how far those sessions had come that the server was gone for.
   */
  take(answer: readonly RawSession[], asked: number, at: number): readonly KnownSession[] {
    const caught: KnownSession[] = [];
    this.#themes = new Set(answer.filter(isTheme).map((raw) => raw.sessionKey));
    const sessions = answer.filter((raw) => !isTheme(raw) && !this.#lingers(raw, asked, at));
    const before = new Map(this.#sessions);
    this.#sessions.clear();
    const predecessors = this.#goneSince === undefined ? undefined : byPlay(before.values());
    for (const raw of sessions) {
      const old = before.get(raw.sessionKey);
      const same = old !== undefined && itemOf(old.raw) === itemOf(raw);
      this.#settleDoubt(raw, same, asked);
      const session = same ? follow(old, raw, asked, at) : this.#open(raw, at);
      const halted = this.#halt(same ? old : predecessors?.get(playOf(raw)), session, at);
      if (halted !== undefined) caught.push(halted);
      this.#sessions.set(raw.sessionKey, halted === undefined ? session : this.#back(session, at));
    }
    this.#goneSince = undefined;
    this.#returns.clear();
    for (const key of this.#aliases.keys()) if (!this.#sessions.has(key)) this.#aliases.delete(key);
    for (const [key, doubt] of this.#doubts) if (doubt.at < asked) this.#doubts.delete(key);
    this.#strangers.asked(at);
    return caught.sort((a, b) => a.confirmedAt - b.confirmedAt);
  }

  /** Takes what a player reported at `at`. */
  report(report: PlayerReport, at: number): Reaction {
    const { sessionKey, state } = report;
    if (this.#themes.has(sessionKey)) return NOTHING;
    const session = this.#sessions.get(sessionKey);
    if (state !== 'stopped') this.#stops.delete(sessionKey);
    if (session === undefined) return this.#strangers.report(report, at);
    const isOther = this.#isOther(session, report);
    if (state === 'stopped') {
      // A stop of what it played before may come late.
      const ends = !isOther || this.#doubts.get(sessionKey)?.ratingKey === report.ratingKey;
      return ends ? this.#stop(session, report, at) : { look: true };
    }
    if (isOther) return this.#doubt(session, report, at);
    if (this.#doubts.has(sessionKey)) return NOTHING;
    if (this.#goneSince !== undefined) {
      if (state === 'playing' && !this.#returns.has(sessionKey)) this.#returns.set(sessionKey, at);
      return NOTHING;
    }
    const next = playbackState(state) ?? session.state;
    const { positionMilliseconds = session.positionMilliseconds } = report;
    this.#sessions.set(sessionKey, {
      ...session,
      state: next,
      confirmedAt: at,
      reportedAt: at,
      ...(positionMilliseconds === undefined ? {} : { positionMilliseconds }),
    });
    const error = state === 'error';
    const buffering = next === 'buffering' && session.state !== 'buffering';
    return { changed: sessionKey, look: error || next !== session.state, buffering, error };
  }

  /** Takes news of a running transcode; answers whether a session has it. */
  transcode(transcode: RawTranscode): boolean {
    for (const [key, session] of this.#sessions) {
      if (session.raw.transcode?.id !== transcode.id) continue;
      // An update leaves out what has not changed.
      const merged = { ...session.raw.transcode, ...transcode };
      this.#sessions.set(key, { ...session, raw: { ...session.raw, transcode: merged } });
      return true;
    }
    return false;
  }

  /** Whether a session has this transcode. */
  has(transcode: RawTranscode): boolean {
    return [...this.#sessions.values()].some(({ raw }) => raw.transcode?.id === transcode.id);
  }

  #open(raw: RawSession, at: number): KnownSession {
    const stranger = this.#strangers.take(raw.sessionKey, raw.ratingKey);
    const { positionMilliseconds } = raw;
    return {
      raw,
      state: playbackState(raw.state) ?? stranger?.state ?? 'playing',
      seenAt: at,
      confirmedAt: stranger?.at ?? at,
      ...(positionMilliseconds === undefined ? {} : { positionMilliseconds }),
      ...(stranger === undefined ? {} : { reportedAt: stranger.at }),
      ...(stranger?.playingSince === undefined ? {} : { startedAt: stranger.playingSince }),
    };
  }

  #lingers(raw: RawSession, asked: number, at: number): boolean {
    const stop = this.#stops.get(raw.sessionKey);
    if (stop === undefined) return false;
    if (stop.at >= asked) return true;
    const { positionMilliseconds } = raw;
    const behind =
      positionMilliseconds === undefined || stop.positionMilliseconds === undefined
        ? at - stop.at < LINGERS_WITHOUT_POSITION
        : positionMilliseconds <= stop.positionMilliseconds && at - stop.at < LINGERS;
    if (behind && stop.item === itemOf(raw)) return true;
    this.#stops.delete(raw.sessionKey);
    return false;
  }

  #stop(session: KnownSession, { positionMilliseconds }: PlayerReport, at: number): Reaction {
    const { sessionKey } = session.raw;
    this.#sessions.delete(sessionKey);
    this.#doubts.delete(sessionKey);
    // The last position of an answer may be ahead of what the player says when it stops.
    const furthest = Math.max(positionMilliseconds ?? -1, session.positionMilliseconds ?? -1);
    const position = furthest < 0 ? undefined : furthest;
    this.#stops.set(sessionKey, { item: itemOf(session.raw), positionMilliseconds: position, at });
    if (this.#stops.size > 1000) this.#stops.delete(this.#stops.keys().next().value as string);
    return { ended: sessionKey, look: true };
  }

  #isOther({ raw }: KnownSession, { sessionKey, ratingKey }: PlayerReport): boolean {
    // Live TV goes from one programme to the next under one key, and is named by that.
    if (raw.live || ratingKey === '' || ratingKey === raw.ratingKey) return false;
    return this.#aliases.get(sessionKey) !== ratingKey;
  }

  #doubt({ raw }: KnownSession, report: PlayerReport, at: number): Reaction {
    const { sessionKey } = raw;
    const { ratingKey } = report;
    const first = this.#doubts.get(sessionKey)?.ratingKey !== ratingKey;
    if (first) this.#doubts.set(sessionKey, { ratingKey, at });
    this.#strangers.report(report, at);
    return first ? { ended: sessionKey, look: true } : NOTHING;
  }

  /**
   * The session as it stood when its player could not go on: by how far it came, or else when the server went.
   * `undefined` where there was no stop.
   */
  #halt(old: KnownSession | undefined, now: KnownSession, at: number): KnownSession | undefined {
    if (this.#goneSince === undefined || old?.state !== 'playing') return undefined;
    const moved = (now.positionMilliseconds ?? 0) - (old.positionMilliseconds ?? 0);
    const halted = positionTells(old) && moved >= 0 ? old.confirmedAt + moved : this.#goneSince;
    const until = Math.max(halted, old.seenAt, old.reportedAt ?? 0);
    return until < at ? { ...old, state: 'buffering', confirmedAt: until } : undefined;
  }

  /** A session after a stop: what it plays from its return on is confirmed later. */
  #back(session: KnownSession, at: number): KnownSession {
    return { ...session, confirmedAt: session.startedAt ?? this.#returns.get(session.raw.sessionKey) ?? at };
  }

  #settleDoubt(raw: RawSession, same: boolean, asked: number): void {
    const doubt = this.#doubts.get(raw.sessionKey);
    if (!same || doubt === undefined || doubt.at >= asked) return;
    this.#aliases.set(raw.sessionKey, doubt.ratingKey);
    this.#strangers.forget(raw.sessionKey);
  }
}
