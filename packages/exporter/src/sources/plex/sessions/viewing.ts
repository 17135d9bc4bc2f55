import type { Clock } from '@media-exporter/metrics';
import type { Observation } from '@media-exporter/model';
import type { PlexClient } from '../client.ts';
import type { PlayerReport } from '../parse/notification.ts';
import type { RawTranscode } from '../parse/transcode.ts';
import type { LibraryKind, PlexSession } from '../state.ts';
import type { Timeline } from '../timeline.ts';
import { SessionBook } from './book.ts';
import { hasFile } from './classify.ts';
import { FileResolutions } from './files.ts';
import { joinSession, observeSession, type PlayAttributes } from './join.ts';
import type { KnownSession } from './known-session.ts';

export interface ViewingOptions {
  readonly client: PlexClient;
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly counters: SessionCounters;
  readonly libraryKind: (id: string) => LibraryKind | undefined;
  /** Hides what the privacy policy hides. */
  readonly hide: (session: PlexSession) => PlexSession;
  /** The label values of the native play counters. */
  readonly labels: (session: PlexSession) => readonly string[];
  /** Since when the socket is connected, by the clock's `now`. */
  readonly listeningSince: () => number | undefined;
  /** False once nothing may be counted any more. */
  readonly running: () => boolean;
  /** Told after an observation of all sessions. */
  readonly onObserved: (at: number) => void;
}

/** What sessions are counted by. */
export interface SessionCounters {
  /** Takes what was seen of sessions. */
  observe(observation: Omit<Observation<PlayAttributes>, 'epoch'>): void;
  /** Counts what happened `times` times. */
  count(event: 'bufferingEvents' | 'errorEvents', times: number): void;
}

/** After so many failures in a row the sessions are not known any more. */
const FAILURES = 2;

/** Who plays what: answers and reports become the sessions that are shown, and observations that are counted. */
export class Viewing {
  readonly #options: ViewingOptions;
  readonly #files: FileResolutions;
  readonly #book = new SessionBook();
  #answered = false;
  #failures = 0;
  /** Since when no event is told, if it is not known that the server is there. */
  #deafSince: number | undefined;

  constructor(options: ViewingOptions) {
    this.#options = options;
    this.#files = new FileResolutions(options.client, options.clock);
  }

  /** Absent before the first answer, and when answers fail. */
  get sessions(): readonly PlexSession[] | undefined {
    if (!this.#answered) return undefined;
    return [...this.#book.values()].map((session) => this.#join(session));
  }

  /** Whether time runs for somebody. */
  get busy(): boolean {
    return this.#book.busy;
  }

  /** Whether there is any session, were it paused. */
  get occupied(): boolean {
    return this.#book.size > 0;
  }

  /** Asks the server for all sessions. */
  async collect(): Promise<void> {
    const { client, timeline, counters } = this.#options;
    const asked = timeline.now();
    try {
      const answer = await client.sessions();
      // Before the first observation of a session, so that its labels do not change right after it.
      await this.#files.lookUp(answer.filter(hasFile).map(({ ratingKey }) => ratingKey));
      if (!this.#options.running()) return;
      const at = timeline.now();
      const halted = this.#book.take(answer, asked, at);
      this.#answered = true;
      this.#failures = 0;
      this.#deafSince = undefined;
      for (const known of halted) {
        const session = this.#observe(known, Number.NEGATIVE_INFINITY);
        counters.observe({ at: known.confirmedAt, complete: false, sessions: [session] });
      }
      const all = [...this.#book.values()];
      // Where a player told of another item meanwhile, only the next answer has it.
      const sure = all.filter(({ raw }) => !this.#book.isDoubted(raw.sessionKey));
      const sessions = sure.map((known) => this.#observe(known));
      counters.observe({ at, complete: sure.length === all.length, sessions });
      this.#options.onObserved(at);
    } catch (error) {
      this.#failures += 1;
      // Without its socket too, it is not only slow.
      if (this.#deafSince !== undefined) this.#book.interrupt(this.#deafSince);
      if (this.#failures >= FAILURES) this.#answered = false;
      throw error;
    }
  }

  /** Takes what a player reported; answers whether the server should be asked early. */
  report(report: PlayerReport): boolean {
    const { timeline, counters } = this.#options;
    const at = timeline.now();
    const { changed, ended, look, buffering = false, error = false } = this.#book.report(report, at);
    counters.count('bufferingEvents', buffering ? 1 : 0);
    counters.count('errorEvents', error ? 1 : 0);
    const session = changed === undefined ? undefined : this.#book.get(changed);
    if (session !== undefined || ended !== undefined) {
      counters.observe({
        at,
        complete: false,
        sessions: session === undefined ? [] : [this.#observe(session)],
        ...(ended === undefined ? {} : { ended: [ended] }),
      });
    }
    return look;
  }

  /** Takes news of a transcode; answers whether the server should be asked early. */
  transcode(event: 'start' | 'update' | 'end', transcode: RawTranscode): boolean {
    // After an end the session may go on without it, which only an answer tells.
    return event === 'end' ? this.#book.has(transcode) : !this.#book.transcode(transcode);
  }

  /** Told that events may have been lost; until the next answer, whether the server is still there is open. */
  forgetReports(): void {
    this.#deafSince ??= this.#options.timeline.now();
    this.#book.forgetReports();
  }

  /** @param listeningSince since when what players report is heard, by the timeline. */
  #join(session: KnownSession, listeningSince = this.#listeningSince()): PlexSession {
    const { libraryKind, hide } = this.#options;
    const fileResolution = (ratingKey: string): string | undefined => this.#files.get(ratingKey);
    return hide(joinSession(session, { libraryKind, fileResolution, listeningSince }));
  }

  #listeningSince(): number | undefined {
    const since = this.#options.listeningSince();
    return since === undefined ? undefined : this.#options.timeline.of(since);
  }

  #observe(known: KnownSession, listeningSince?: number): ReturnType<typeof observeSession> {
    const session = this.#join(known, listeningSince);
    return observeSession(known, session, this.#options.labels(session));
  }
}
