import type { Family, Metric } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { NOW_PLAYING_CATALOGUE, nowPlayingFamilies } from '../families/now-playing.ts';
import { SESSION_INFO_CATALOGUE, sessionInfoFamilies } from '../families/session-info.ts';
import { reasonTotals, SESSIONS_CATALOGUE, sessionsFamilies } from '../families/sessions.ts';
import { SPEED_CATALOGUE, speedFamilies } from '../families/transcode-speeds.ts';
import { amount, fields, list } from '../parse/json.ts';
import { readSessions } from '../parse/read-sessions.ts';
import { isStartedAnew } from '../sessions/started-anew.ts';
import {
  activeSession,
  countUsers,
  isBrowsing,
  isConfirmed,
  isEncoding,
  transcodingsOf,
} from '../sessions/watching.ts';
import type { SessionsPoll } from '../shared.ts';
import type { ActiveSession, JellyfinSession, JellyfinState } from '../state.ts';
import { type TranscodeSpeed, transcodeSpeeds } from '../transcodes/speeds.ts';
import { type TranscodeView, TranscodeWatch } from '../transcodes/transcode-watch.ts';
import { type CollectorContext, type JellyfinCollector, STALE_INTERVALS } from './collector.ts';

/** An answer that takes longer or is larger is asked for less often. */
const HEAVY = { milliseconds: 250, bytes: 3_000_000 };
/** How many heavy answers in a row are no accident. */
const HEAVY_IN_A_ROW = 3;
const HEAVY_INTERVAL = 30_000;

/** For so long after a poll silence goes on; beyond it, reports may have come that no poll has shown. */
const LONGEST_AGE = 15_000;

/** Servers know some thirty reasons. What they make up beyond so many, or longer than any, is `other`. */
const MOST_REASONS = 100;
const LONGEST_REASON = 64;

const TOTALS = 'transcodes';

/** Who is connected, who plays what, and what is transcoded for whom. Tells the others of each poll. */
export class SessionsCollector implements JellyfinCollector {
  readonly name = 'sessions';
  readonly line = 'fast';
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[];
  readonly #context: CollectorContext;
  #watch = new TranscodeWatch();
  readonly #reasonTotals = new Map<string, number>();
  /** Whether there was a look: what was there at the first one has begun before. */
  #looked = false;
  #speeds: ReadonlyMap<string, TranscodeSpeed> = new Map();
  #last: Poll | undefined;
  #poll: SessionsPoll | undefined;
  #heavy = 0;
  /** Whether the server was away since the last good poll. */
  #away = false;
  #outages = 0;

  constructor(context: CollectorContext) {
    this.#context = context;
    context.shared.active = () => this.#known()?.active;
    const { session_series } = context.settings;
    this.catalogue = [
      ...SESSIONS_CATALOGUE,
      ...SPEED_CATALOGUE,
      ...(session_series ? [...NOW_PLAYING_CATALOGUE, ...SESSION_INFO_CATALOGUE] : []),
    ];
  }

  interval(): number {
    const usual = this.#context.settings.interval * 1000;
    return this.#heavy >= HEAVY_IN_A_ROW ? Math.max(usual, HEAVY_INTERVAL) : usual;
  }

  async run(): Promise<void> {
    const { client, clock, shared } = this.#context;
    const started = clock.now();
    const answer = await client.chunks(ENDPOINTS.sessions, readSessions).catch((error: unknown) => {
      if (isAway(error)) this.#away = true;
      throw error;
    });
    const { sessions, bytes } = answer.value;
    const heavy = clock.now() - started > HEAVY.milliseconds || bytes > HEAVY.bytes;
    this.#heavy = heavy ? this.#heavy + 1 : 0;
    shared.serverClock.tell(answer.date);
    this.#take(sessions, shared.serverClock.now());
  }

  families(): readonly Family[] {
    const last = this.#known();
    const { privacy, settings } = this.#context;
    // Counters stay when the sessions are not known.
    const counters = reasonTotals(this.#reasonTotals);
    if (last === undefined) return [counters];
    const { sessions, active, present, view } = last;
    const clients = sessions.map(({ client }) => client);
    return [
      ...sessionsFamilies({ ...view, clients, active, activeUsers: countUsers(present) }, privacy),
      ...speedFamilies(this.#speeds.values()),
      counters,
      ...(settings.session_series
        ? [...nowPlayingFamilies(active, privacy), ...sessionInfoFamilies(present, privacy)]
        : []),
    ];
  }

  state(): Partial<JellyfinState> {
    const last = this.#known();
    if (last === undefined) return {};
    const { sessions, active, present, view } = last;
    const transcodes = view.transcodes.map((one) => {
      const ratio = this.#speeds.get(one.session.id)?.ratio;
      return ratio === undefined ? one : { ...one, speedRatio: ratio };
    });
    return { sessions: { sessions, active, activeUsers: countUsers(present), transcodes } };
  }

  restore(saved: ReadonlyMap<string, unknown>): void {
    const { reasons, active } = fields(saved.get(TOTALS)) ?? {};
    this.#looked = reasons !== undefined;
    for (const [reason, value] of Object.entries(fields(reasons) ?? {})) {
      const total = amount(value);
      if (total !== undefined) this.#addReason(this.#reasonName(reason), total);
    }
    this.#watch = new TranscodeWatch(list(active).filter((name) => typeof name === 'string'));
  }

  /** The last poll without those who have been silent for too long by now, unless it is too old, or lost, to be true. */
  #known(): Poll | undefined {
    const { clock, shared } = this.#context;
    const last = this.#recent();
    if (last === undefined || shared.up === false || shared.outages !== this.#outages) return undefined;
    const now = last.at + Math.min(clock.now() - last.polledAt, LONGEST_AGE);
    const active = last.active.filter(({ session }) => isConfirmed(session, now));
    return { ...last, active, present: last.present.filter((one) => isConfirmed(one, now) || isBrowsing(one, now)) };
  }

  /** The last poll, unless it was more than three intervals ago. */
  #recent(): Poll | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const age = this.#context.clock.now() - last.polledAt;
    return age > STALE_INTERVALS * this.interval() ? undefined : last;
  }

  #take(sessions: readonly JellyfinSession[], at: number): void {
    const { clock, shared } = this.#context;
    const before = this.#recent();
    const active: ActiveSession[] = [];
    const transcodings = transcodingsOf(sessions);
    for (const session of sessions) {
      const { item } = session;
      if (item === undefined || !isConfirmed(session, at)) continue;
      active.push(activeSession(session, item, transcodings.get(session)));
    }
    const view = this.#watch.look(sessions, clock.now());
    this.#count(view);
    const present = [...active.map(({ session }) => session), ...sessions.filter((one) => isBrowsing(one, at))];
    this.#last = { polledAt: clock.now(), at, sessions, active, present, view };
    const away = this.#away || shared.outages !== this.#outages;
    const afterOutage = away || (before !== undefined && isStartedAnew(before.sessions, sessions));
    this.#away = false;
    this.#outages = shared.outages;
    const poll: SessionsPoll = { at, sessions, afterOutage };
    this.#speeds = this.#poll === undefined ? new Map() : transcodeSpeeds(this.#poll, poll);
    this.#poll = poll;
    shared.tellSessions(poll);
  }

  /** What was there at the very first look has begun before, and is not counted. */
  #count({ begun }: TranscodeView): void {
    if (this.#looked && begun.length === 0) return;
    if (this.#looked) {
      for (const { transcoding } of begun.filter((one) => isEncoding(one.transcoding))) {
        // Name by name: each may be the last one that there is room for.
        const counted = new Set<string>();
        for (const reason of transcoding.reasons) {
          const name = this.#reasonName(reason);
          if (!counted.has(name)) this.#addReason(name, 1);
          counted.add(name);
        }
      }
    }
    this.#looked = true;
    const totals = { reasons: Object.fromEntries(this.#reasonTotals), active: this.#watch.names };
    this.#context.saved.put(TOTALS, totals);
  }

  #reasonName(reason: string): string {
    if (this.#reasonTotals.has(reason)) return reason;
    return this.#reasonTotals.size < MOST_REASONS && reason.length <= LONGEST_REASON ? reason : 'other';
  }

  #addReason(name: string, amount: number): void {
    this.#reasonTotals.set(name, (this.#reasonTotals.get(name) ?? 0) + amount);
  }
}

interface Poll {
  /** By the own clock. */
  readonly polledAt: number;
  /** By the server's clock. */
  readonly at: number;
  readonly sessions: readonly JellyfinSession[];
  readonly active: readonly ActiveSession[];
  /** Those that play, in the same order, and those where somebody browses. */
  readonly present: readonly JellyfinSession[];
  readonly view: TranscodeView;
}

export function create(context: CollectorContext): JellyfinCollector {
  return new SessionsCollector(context);
}

/** Refused, or 503: what a server that is started anew answers. A slow one is still the same. */
function isAway(error: unknown): boolean {
  return error instanceof ExporterError && (error.status === 503 || error.code === 'MX_UPSTREAM_CONNECT');
}
