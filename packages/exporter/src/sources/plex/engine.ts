import type { Clock } from '@media-exporter/metrics';
import type { SourceUrl } from '../../config/url.ts';
import { ExporterError, type Problem } from '../../errors.ts';
import type { StateScope } from '../../state/store.ts';
import type { HttpClient, TlsOptions } from '../http.ts';
import { Poller } from '../poll.ts';
import { Round, untilAborted } from '../round.ts';
import type { CollectorStatus } from '../source.ts';
import { PlexClient } from './client.ts';
import { ActivityCollector } from './collectors/activities.ts';
import { LibraryCollector } from './collectors/libraries.ts';
import { type KnownLibrary, ServerCollector } from './collectors/server.ts';
import { StatisticsCollector } from './collectors/statistics.ts';
import { PlexCounters } from './counters/counters.ts';
import type { FoldOptions } from './counters/fold.ts';
import { KEYS, recall } from './counters/recall.ts';
import { dispatch } from './dispatch.ts';
import type { NamedLibrary } from './labels.ts';
import type { Notification } from './parse/notification.ts';
import type { Bandwidth } from './parse/statistics.ts';
import {
  ACTIVITIES_INTERVAL,
  COLLECTORS,
  COUNT_PATIENCE,
  type CollectorName,
  DEAF_INTERVAL,
  type Intervals,
  LIBRARY_DELAY,
  LIMITS,
  SESSION_DELAY,
} from './schedule.ts';
import { Viewing } from './sessions/viewing.ts';
import { NotificationSocket } from './socket.ts';
import type { LibraryKind, NamedServer, PlexServer, PlexSession, PlexState, PlexTotals } from './state.ts';
import { Timeline } from './timeline.ts';

export interface EngineOptions {
  readonly http: HttpClient;
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
  readonly #statistics: StatisticsCollector;
  readonly #activities: ActivityCollector;
  readonly #rounds: Readonly<Record<CollectorName, Round>>;
  readonly #pollers: Readonly<Record<CollectorName, Poller>>;
  readonly #socket: NotificationSocket;
  readonly #started = Promise.withResolvers<void>();
  #counters: PlexCounters | undefined;
  #viewing: Viewing | undefined;
  #lastServer: NamedServer | undefined;
  /** What the socket told of the way in from outside; goes before what the server says when asked. */
  #reachable: boolean | undefined;
  #firstCount: Promise<void> = Promise.resolve();
  /** Whether the server did not answer the last time it was asked for its sessions. */
  #down = false;
  #stopped = false;

  constructor(options: EngineOptions) {
    const { http, clock, random, intervals } = options;
    this.#options = options;
    this.#timeline = new Timeline(clock);
    const client = new PlexClient(http);
    this.#server = new ServerCollector(client, clock);
    this.#libraries = new LibraryCollector({
      ...{ client, clock, warn: options.warn },
      libraries: () => this.#server.libraries,
      least: intervals.libraries,
    });
    this.#statistics = new StatisticsCollector(client, clock, this.#bandwidthCounter());
    this.#activities = new ActivityCollector(client, clock);
    const round = (name: CollectorName, work: () => Promise<void>): Round =>
      new Round(name, clock, () => this.#work(work));
    this.#rounds = {
      server: round('server', () => this.#collectServer()),
      libraries: round('libraries', async () => {
        await this.#needServer();
        await this.#libraries.collect();
      }),
      sessions: round('sessions', () => this.#collectSessions(client)),
      statistics: round('statistics', () => this.#statistics.collect()),
      activities: round('activities', () => this.#activities.collect()),
    };
    const poller = (name: CollectorName, interval: () => number): Poller =>
      new Poller({ clock, random, round: this.#rounds[name], interval, ...LIMITS[name] });
    this.#pollers = {
      server: poller('server', () => intervals.server),
      libraries: poller('libraries', () => this.#libraries.interval),
      sessions: poller('sessions', () => this.#sessionInterval()),
      statistics: poller('statistics', () => intervals.statistics),
      activities: poller('activities', () => ACTIVITIES_INTERVAL),
    };
    this.#socket = new NotificationSocket({
      url: options.url,
      tls: options.tls,
      clock,
      random,
      secret: () => http.secret,
      renewSecret: () => http.renewSecret(),
      onNotification: (notification) => this.#notify(notification),
      onChange: () => this.#turn(),
    });
  }

  /** How the last run of each collector went. */
  get collectors(): readonly CollectorStatus[] {
    return COLLECTORS.flatMap((name) => this.#rounds[name].status ?? []);
  }

  /** Restores what was kept, and begins. Does not wait for the server. */
  async start(): Promise<void> {
    const { state, labelCount, policy } = this.#options;
    const kept = recall(await state.load(), labelCount, policy);
    if (this.#stopped) return;
    this.#lastServer = kept.server;
    this.#counters = new PlexCounters(state, kept, this.#timeline.now());
    this.#socket.start();
    const { libraries, ...others } = this.#pollers;
    const first = Promise.all(Object.values(others).map((poller) => poller.start()));
    this.#firstCount = libraries.start();
    void first.then(() => this.#started.resolve());
  }

  /** Waits until every collector has run once, and for long counts only a while. Rejects when `deadline` passes first. */
  async ready(deadline: AbortSignal): Promise<void> {
    await untilAborted(this.#started.promise, deadline);
    if (this.#rounds.libraries.status !== undefined) return;
    const patience = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(COUNT_PATIENCE, patience.resolve);
    await untilAborted(Promise.race([this.#firstCount, patience.promise]), deadline).finally(cancel);
  }

  /** All that is known now. */
  state(): PlexState {
    const server = this.#server.server;
    const libraries = this.#server.libraries;
    const parts: { -readonly [K in keyof PlexState]: PlexState[K] | undefined } = {
      server: server && this.#reachable !== undefined ? { ...server, remoteAccess: this.#reachable } : server,
      lastServer: this.#lastServer,
      libraries: libraries && this.#libraries.counted(libraries),
      sessions: this.#viewing?.sessions,
      resources: this.#statistics.resources,
      activities: this.#activities.activities,
      backgroundJobs: this.#activities.jobs,
      update: this.#server.update,
      accounts: this.#server.accounts,
      socket: this.#socket.state(),
    };
    return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as unknown as PlexState;
  }

  /** `undefined` before the state store was read. */
  totals(): PlexTotals | undefined {
    return this.#counters?.totals();
  }

  /** Nothing is counted, asked or kept after this. */
  stop(): void {
    this.#stopped = true;
    this.#socket.stop();
    for (const poller of Object.values(this.#pollers)) poller.stop();
    this.#libraries.stop();
    this.#started.resolve();
  }

  async #work(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } finally {
      if (!this.#stopped) this.#options.onChange();
    }
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
      this.#pollers.statistics.hurry();
    }
    if (before !== undefined && this.#libraries.incomplete) this.#pollers.libraries.hurry();
  }

  /** So that a run that begins while the server is down has no series of a server without a name. */
  #keepName({ name, id }: PlexServer): void {
    if (this.#stopped || (name === this.#lastServer?.name && id === this.#lastServer.id)) return;
    this.#lastServer = { name, id };
    this.#options.state.put(KEYS.server, this.#lastServer);
  }

  /** The labels of plays name the server and its libraries, so these come first. */
  async #needServer(): Promise<{ server: PlexServer; libraries: readonly KnownLibrary[] }> {
    if (this.#server.server === undefined) await this.#rounds.server.run(new AbortController().signal);
    const { server, libraries } = this.#server;
    if (server !== undefined && libraries !== undefined) return { server, libraries };
    const detail = 'the server has not told who it is';
    throw new ExporterError(this.#rounds.server.status?.problem ?? { code: 'MX_UPSTREAM_CONNECT', detail });
  }

  async #collectSessions(client: PlexClient): Promise<void> {
    try {
      await this.#needServer();
      if (this.#stopped) return;
      this.#viewing ??= this.#view(client);
      await this.#viewing.collect();
      this.#answer(undefined);
    } catch (error) {
      if (!this.#stopped) this.#answer(this.#failureOf(error));
      // Another collector has failed just before: the server was not asked, and need not be left alone for that.
      if (error instanceof ExporterError && error.code === 'MX_UPSTREAM_PAUSED') this.#pollers.sessions.hurry();
      throw error;
    }
  }

  /** What tells that the server does not answer. A Plex that only refuses to tell its sessions does. */
  #failureOf(error: unknown): Problem | undefined {
    if (!(error instanceof ExporterError)) return { code: 'MX_INTERNAL', detail: 'the sessions could not be read' };
    const refused = [403, 404].includes(error.status ?? 0);
    return refused && this.#rounds.server.status?.success === true ? undefined : error.problems[0];
  }

  #answer(problem: Problem | undefined): void {
    this.#options.onAnswer(problem);
    if (problem === undefined) this.#socket.welcome();
    // The others may have long waits before them, or have been refused with an old token.
    if (problem === undefined && this.#down) {
      this.#statistics.reset();
      this.#activities.reset();
      for (const poller of Object.values(this.#pollers)) poller.hurry();
    }
    this.#down = problem !== undefined;
  }

  #view(client: PlexClient): Viewing {
    const { clock, hide, labels, fold } = this.#options;
    const counters = this.#counters as PlexCounters;
    return new Viewing({
      client,
      clock,
      timeline: this.#timeline,
      counters,
      libraryKind: (id): LibraryKind | undefined => this.#server.libraries?.find((library) => library.id === id)?.kind,
      hide,
      labels: (session) => {
        const { server, libraries = [] } = this.#server;
        return labels(session, server as PlexServer, libraries);
      },
      listeningSince: () => this.#socket.connectedAt,
      running: () => !this.#stopped,
      onObserved: (at) => counters.fold(at, fold),
    });
  }

  #bandwidthCounter(): ConstructorParameters<typeof StatisticsCollector>[2] {
    const engine = this;
    return {
      get since() {
        return engine.#counters?.bandwidthSince ?? 0;
      },
      take: (bandwidth: Bandwidth, serverNow: number | undefined) => {
        const { accountName, clock } = engine.#options;
        if (engine.#stopped) return;
        engine.#counters?.countBandwidth(bandwidth, accountName, clock.date(), serverNow);
      },
      skip: () => engine.#counters?.skipBandwidth(engine.#options.clock.date()),
    };
  }

  #sessionInterval(): number {
    const { sessions, idle } = this.#options.intervals;
    const listening = this.#socket.connectedAt !== undefined;
    if (this.#viewing?.busy === true) return sessions;
    if (listening) return idle;
    // Nobody would tell that a paused session goes on.
    return this.#viewing?.occupied === true ? sessions : Math.min(idle, DEAF_INTERVAL);
  }

  /** The socket came or went: what was told may be out of date, and what was not told was missed. */
  #turn(): void {
    if (this.#stopped) return;
    this.#viewing?.forgetReports();
    this.#reachable = undefined;
    this.#pollers.sessions.hurry();
    this.#options.onChange();
  }

  #notify(notification: Notification): void {
    if (this.#stopped) return;
    dispatch(notification, {
      viewing: this.#viewing,
      activities: this.#activities,
      libraries: this.#libraries,
      server: this.#server,
      look: () => this.#pollers.sessions.hurry(SESSION_DELAY),
      count: () => this.#pollers.libraries.hurry(LIBRARY_DELAY),
      reachable: (reachable) => {
        this.#reachable = reachable;
      },
    });
    this.#options.onChange();
  }
}
