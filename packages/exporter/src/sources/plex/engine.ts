import type { Clock } from '@media-exporter/metrics';
import type { SourceUrl } from '../../config/url.ts';
import type { Problem } from '../../errors.ts';
import type { StateScope } from '../../state/store.ts';
import type { HttpClient, TlsOptions } from '../http/http.ts';
import { UndeliveredError } from '../http/request-error.ts';
import type { CollectorStatus } from '../source.ts';
import { PlexClient } from './client.ts';
import { ActivityCollector } from './collectors/activities.ts';
import { LibraryCollector } from './collectors/libraries.ts';
import { ServerCollector } from './collectors/server.ts';
import { SessionCollector } from './collectors/sessions.ts';
import { StatisticsCollector } from './collectors/statistics.ts';
import { PlexCounters } from './counters/counters.ts';
import type { FoldOptions } from './counters/fold.ts';
import { KEYS, recall } from './counters/recall.ts';
import { dispatch } from './dispatch.ts';
import type { NamedLibrary } from './labels.ts';
import { known } from './parse/json.ts';
import type { Notification } from './parse/notification.ts';
import { Pollers } from './pollers.ts';
import { ACTIVITIES_INTERVAL, type Intervals, LIBRARY_DELAY, SESSION_DELAY } from './schedule.ts';
import { Viewing } from './sessions/viewing.ts';
import { NotificationSocket } from './socket.ts';
import type { NamedServer, PlexServer, PlexSession, PlexState, PlexTotals } from './state.ts';
import { Timeline } from './timeline.ts';

export interface EngineOptions {
  /** Asks who is there and who plays. */
  readonly looks: HttpClient;
  /** Asks for all else. */
  readonly work: HttpClient;
  readonly url: SourceUrl;
  readonly tls: TlsOptions;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly state: StateScope;
  readonly intervals: Intervals;
  /** How many labels the native play counters have. */
  readonly labelCount: number;
  /** The mark of the privacy policy. */
  readonly policy: string;
  /** Hides what the privacy policy hides. */
  readonly hide: (session: PlexSession) => PlexSession;
  /** The label values of the native play counters, of a session that was hidden. */
  readonly labels: (session: PlexSession, server: PlexServer, libraries: readonly NamedLibrary[]) => readonly string[];
  /** What an account is called in labels. */
  readonly accountName: (name: string) => string;
  readonly fold: FoldOptions;
  /** Whether any request was answered so far. */
  readonly answered: () => boolean;
  /** Told whether the server answered; with the problem when it did not. */
  readonly onAnswer: (problem: Problem | undefined) => void;
  /** Takes what the log shall tell. */
  readonly warn: (message: string) => void;
  /** Told that something may be different from before. */
  readonly onChange: () => void;
}

/** One Plex server, followed: polls and events become a state and counters. */
export class PlexEngine {
  readonly #options: EngineOptions;
  readonly #timeline: Timeline;
  readonly #server: ServerCollector;
  readonly #libraries: LibraryCollector;
  readonly #sessions: SessionCollector;
  readonly #statistics: StatisticsCollector;
  readonly #activities: ActivityCollector;
  readonly #pollers: Pollers;
  readonly #socket: NotificationSocket;
  #counters: PlexCounters | undefined;
  #lastServer: NamedServer | undefined;
  /** Whether the server did not answer the last time it was asked for its sessions. */
  #down = false;
  #stopped = false;

  constructor(options: EngineOptions) {
    const { looks, clock, random, intervals, warn } = options;
    this.#options = options;
    this.#timeline = new Timeline(clock);
    const looking = new PlexClient(looks);
    const client = new PlexClient(options.work);
    this.#server = new ServerCollector(looking, clock);
    this.#libraries = new LibraryCollector({
      ...{ client, clock, warn },
      libraries: () => this.#server.libraries,
      least: intervals.libraries,
    });
    this.#sessions = new SessionCollector({
      intervals,
      needServer: () => this.#needServer(),
      view: () => this.#view(looking),
      listening: () => this.#socket.connectedAt !== undefined,
      answersOthers: () => this.#pollers.status('server')?.success === true,
      running: () => !this.#stopped,
      onAnswer: (problem) => this.#answer(problem),
      onPause: () => this.#pollers.hurry('sessions'),
    });
    this.#statistics = new StatisticsCollector(client, clock, {
      since: () => this.#counters?.bandwidthSince ?? 0,
      take: (bandwidth, serverNow) => {
        if (!this.#stopped) this.#counters?.countBandwidth(bandwidth, options.accountName, clock.date(), serverNow);
      },
      skip: () => this.#counters?.skipBandwidth(clock.date()),
    });
    this.#activities = new ActivityCollector(client, clock);
    this.#pollers = this.#makePollers();
    this.#socket = new NotificationSocket({
      ...{ url: options.url, tls: options.tls, clock, random },
      secret: () => looks.secret,
      renewSecret: () => looks.renewSecret(),
      onNotification: (notification) => this.#notify(notification),
      onChange: () => this.#turn(),
    });
  }

  /** How the last run of each collector went. */
  get collectors(): readonly CollectorStatus[] {
    return this.#pollers.statuses;
  }

  /** Restores what was kept, and begins. Does not wait for the server. */
  async start(): Promise<void> {
    const { state, labelCount, policy } = this.#options;
    const kept = recall(await state.load(), labelCount, policy);
    if (this.#stopped) return;
    this.#lastServer = kept.server;
    this.#counters = new PlexCounters(state, kept, this.#timeline.now());
    this.#socket.start();
    this.#pollers.start();
  }

  /** Waits until every collector has run once, but for most only a while. Rejects when `deadline` passes first. */
  ready(deadline: AbortSignal): Promise<void> {
    return this.#pollers.ready(deadline);
  }

  /** All that is known now. */
  state(): PlexState {
    const { server, libraries, update, accounts } = this.#server;
    return known<PlexState>({
      ...{ server, update, accounts },
      lastServer: this.#lastServer,
      libraries: libraries && this.#libraries.counted(libraries),
      sessions: this.#sessions.viewing?.sessions,
      resources: this.#statistics.resources,
      activities: this.#activities.activities,
      backgroundJobs: this.#activities.jobs,
      socket: this.#socket.state(),
    });
  }

  /** `undefined` before the state store was read. */
  totals(): PlexTotals | undefined {
    return this.#counters?.totals();
  }

  /** Nothing is counted, asked or kept after this. */
  stop(): void {
    this.#stopped = true;
    this.#socket.stop();
    this.#pollers.stop();
    this.#libraries.stop();
  }

  #makePollers(): Pollers {
    const { clock, random, intervals, answered, onChange } = this.#options;
    const telling = (collect: () => Promise<void>) => async (): Promise<void> => {
      try {
        await collect();
      } finally {
        if (!this.#stopped) onChange();
      }
    };
    const collectLibraries = async (): Promise<void> => {
      await this.#needServer();
      await this.#libraries.collect();
    };
    return new Pollers({
      ...{ clock, random, answered },
      onSilence: (problem) => {
        this.#answer(problem);
        onChange();
      },
      collectors: {
        server: { collect: telling(() => this.#collectServer()), interval: () => intervals.server },
        libraries: { collect: telling(collectLibraries), interval: () => this.#libraries.interval },
        sessions: { collect: telling(() => this.#sessions.collect()), interval: () => this.#sessions.interval },
        statistics: { collect: telling(() => this.#statistics.collect()), interval: () => intervals.statistics },
        activities: { collect: telling(() => this.#activities.collect()), interval: () => ACTIVITIES_INTERVAL },
      },
    });
  }

  async #collectServer(): Promise<void> {
    const before = this.#server.server;
    await this.#server.collect();
    const { server } = this.#server;
    if (server !== undefined) this.#keepName(server);
    if (before !== undefined && (before.id !== server?.id || before.version !== server.version)) {
      this.#counters?.restart();
    }
    if (before !== undefined && before.plexPass !== server?.plexPass) {
      this.#statistics.reset();
      this.#pollers.hurry('statistics');
    }
    if (before !== undefined && this.#libraries.incomplete) this.#pollers.hurry('libraries', LIBRARY_DELAY);
  }

  /** So that a run that begins while the server is down has no series of a server without a name. */
  #keepName({ name, id }: PlexServer): void {
    if (this.#stopped || (name === this.#lastServer?.name && id === this.#lastServer.id)) return;
    this.#lastServer = { name, id };
    this.#options.state.put(KEYS.server, this.#lastServer);
  }

  /** The labels of plays name the server and its libraries, so these come first. */
  async #needServer(): Promise<void> {
    if (this.#server.server === undefined) await this.#pollers.run('server');
    if (this.#server.server !== undefined && this.#server.libraries !== undefined) return;
    const detail = 'the server has not told who it is';
    throw new UndeliveredError(this.#pollers.status('server')?.problem ?? { code: 'MX_UPSTREAM_CONNECT', detail });
  }

  #answer(problem: Problem | undefined): void {
    this.#options.onAnswer(problem);
    if (problem === undefined) this.#socket.welcome();
    // The others may have long waits before them, or have been refused with an old token.
    if (problem === undefined && this.#down) {
      this.#statistics.reset();
      this.#activities.reset();
      this.#options.work.resume();
      this.#pollers.resume();
    }
    this.#down = problem !== undefined;
  }

  #view(client: PlexClient): Viewing {
    const { clock, hide, labels, fold } = this.#options;
    const counters = this.#counters as PlexCounters;
    return new Viewing({
      ...{ client, clock, timeline: this.#timeline, counters, hide },
      libraryKind: (id) => this.#server.libraries?.find((library) => library.id === id)?.kind,
      labels: (session) => {
        const { server, libraries = [] } = this.#server;
        return labels(session, server as PlexServer, libraries);
      },
      listeningSince: () => this.#socket.connectedAt,
      running: () => !this.#stopped,
      onObserved: (at) => counters.fold(at, fold),
    });
  }

  /** The socket came or went: what was told may be out of date, and what was not told was missed. */
  #turn(): void {
    if (this.#stopped) return;
    this.#sessions.viewing?.forgetReports();
    this.#server.forgetReports();
    this.#pollers.hurry('sessions');
    this.#options.onChange();
  }

  #notify(notification: Notification): void {
    if (this.#stopped) return;
    dispatch(notification, {
      viewing: this.#sessions.viewing,
      activities: this.#activities,
      libraries: this.#libraries,
      server: this.#server,
      look: () => this.#pollers.hurry('sessions', SESSION_DELAY),
      count: () => this.#pollers.hurry('libraries', LIBRARY_DELAY),
    });
    this.#options.onChange();
  }
}
