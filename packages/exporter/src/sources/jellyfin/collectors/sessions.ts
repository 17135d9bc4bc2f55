import type { Family, Metric } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { NOW_PLAYING_CATALOGUE, nowPlayingFamilies } from '../families/now-playing.ts';
import { reasonTotals, SESSIONS_CATALOGUE, sessionsFamilies } from '../families/sessions.ts';
import { readSessions } from '../parse/read-sessions.ts';
import type { ActiveSession, JellyfinSession, JellyfinState } from '../state.ts';
import { type TranscodeView, TranscodeWatch } from '../transcode-watch.ts';
import { activeSession, countActiveUsers, isConfirmed, transcodingOf } from '../watching.ts';
import { type CollectorContext, type JellyfinCollector, STALE_INTERVALS } from './collector.ts';

/** An answer that takes longer or is larger is asked for less often. */
const HEAVY = { milliseconds: 250, bytes: 3_000_000 };
/** How many heavy answers in a row are no accident. */
const HEAVY_IN_A_ROW = 3;
const HEAVY_INTERVAL = 30_000;

const REASON_TOTALS = 'reason_totals';

/** Who is connected, who plays what, and what is transcoded for whom. Tells the others of each poll. */
export class SessionsCollector implements JellyfinCollector {
  readonly name = 'sessions';
  readonly line = 'fast';
  readonly keeps = true;
  readonly catalogue: readonly Metric[];
  readonly #context: CollectorContext;
  readonly #watch = new TranscodeWatch();
  readonly #reasonTotals = new Map<string, number>();
  #last: Poll | undefined;
  #heavy = 0;
  /** Whether the server was away since the last good poll. */
  #away = false;
  #outages = 0;

  constructor(context: CollectorContext) {
    this.#context = context;
    const series = context.settings.session_series ? NOW_PLAYING_CATALOGUE : [];
    this.catalogue = [...SESSIONS_CATALOGUE, ...series];
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
    // Counters stay when the sessions are not known.
    if (last === undefined) return this.#reasonTotals.size === 0 ? [] : [reasonTotals(this.#reasonTotals)];
    const { privacy, settings } = this.#context;
    const { sessions, active, activeUsers, view } = last;
    const clients = sessions.map(({ client }) => client);
    return [
      ...sessionsFamilies({ ...view, clients, active, activeUsers, reasonTotals: this.#reasonTotals }, privacy),
      ...(settings.session_series ? nowPlayingFamilies(active, privacy) : []),
    ];
  }

  state(): Partial<JellyfinState> {
    const last = this.#known();
    if (last === undefined) return {};
    const { sessions, active, activeUsers, view } = last;
    return { sessions: { sessions, active, activeUsers, transcodes: view.transcodes } };
  }

  restore(saved: ReadonlyMap<string, unknown>): void {
    const totals = saved.get(REASON_TOTALS);
    if (typeof totals !== 'object' || totals === null) return;
    for (const [reason, value] of Object.entries(totals)) {
      if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) this.#reasonTotals.set(reason, value);
    }
  }

  /** The last poll, unless it is too old to be true. */
  #known(): Poll | undefined {
    const { clock, shared } = this.#context;
    if (this.#last === undefined || shared.up === false) return undefined;
    return clock.now() - this.#last.polledAt > STALE_INTERVALS * this.interval() ? undefined : this.#last;
  }

  #take(sessions: readonly JellyfinSession[], at: number): void {
    const { clock, shared } = this.#context;
    const active: ActiveSession[] = [];
    for (const session of sessions) {
      const { item } = session;
      if (item === undefined || !isConfirmed(session, at)) continue;
      active.push(activeSession(session, item, transcodingOf(session, sessions)));
    }
    const view = this.#watch.look(sessions, clock.now());
    this.#countReasons(view);
    this.#last = { polledAt: clock.now(), sessions, active, activeUsers: countActiveUsers(sessions, at), view };
    const afterOutage = this.#away || shared.outages !== this.#outages;
    this.#away = false;
    this.#outages = shared.outages;
    shared.tellSessions({ at, sessions, afterOutage });
  }

  #countReasons({ begun }: TranscodeView): void {
    const reasons = begun.flatMap(({ transcoding }) => [...new Set(transcoding.reasons)]);
    if (reasons.length === 0) return;
    for (const reason of reasons) this.#reasonTotals.set(reason, (this.#reasonTotals.get(reason) ?? 0) + 1);
    this.#context.saved.put(REASON_TOTALS, Object.fromEntries(this.#reasonTotals));
  }
}

interface Poll {
  /** By the own clock. */
  readonly polledAt: number;
  readonly sessions: readonly JellyfinSession[];
  readonly active: readonly ActiveSession[];
  readonly activeUsers: number;
  readonly view: TranscodeView;
}

export function create(context: CollectorContext): JellyfinCollector {
  return new SessionsCollector(context);
}

/** Refused, or 503: what a server that is started anew answers. A slow one is still the same. */
function isAway(error: unknown): boolean {
  return error instanceof ExporterError && (error.status === 503 || error.code === 'MX_UPSTREAM_CONNECT');
}
