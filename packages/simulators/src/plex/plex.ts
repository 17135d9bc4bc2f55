import { type Clock, systemClock } from '@media-exporter/metrics';
import type { HttpFaults, SocketFaults } from '../faults/index.ts';
import { seededRandom } from '../random.ts';
import { inDialect } from './api/dialect.ts';
import { Background } from './background.ts';
import { runDemo } from './demo.ts';
import type { SessionHost, SessionOptions } from './host.ts';
import { ACCOUNTS, ITEMS, LIBRARIES, PLAYERS } from './household.ts';
import type { Item, Library } from './library.ts';
import { Listener } from './listener.ts';
import type { Notifications } from './notifications.ts';
import { type Audience, DEFAULT_SETTINGS, type PlayOptions, type SimulatedPlexOptions } from './options.ts';
import type { Account, Player } from './people.ts';
import type { RequestLog } from './requests.ts';
import { SimulatedSession } from './session.ts';
import { PlexState, type ServerSettings } from './state.ts';
import type { Truth } from './truth.ts';

/**
 * A small Plex Media Server on loopback: its HTTP API and its notification socket, with sessions whose life is told by
 * {@link play} and the handles that it returns. What time does, the clock does. Nothing is played by itself.
 */
export class SimulatedPlex {
  readonly clock: Clock;
  /** The owner's. */
  readonly token: string;
  /** What the server says of itself; may be changed at any time. */
  readonly settings: ServerSettings;
  /** What the server does without anybody who plays. */
  readonly background: Background;
  readonly #state: PlexState;
  readonly #listener: Listener;
  readonly #host: SessionHost;
  readonly #players: readonly Player[];
  readonly #timers = new Set<() => void>();
  #lastKey = 0;
  #plays = 0;

  constructor(options: SimulatedPlexOptions = {}) {
    this.clock = options.clock ?? systemClock;
    this.token = options.token ?? 'simulated-plex-token';
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.#players = options.players ?? PLAYERS;
    const state = new PlexState({
      clock: this.clock,
      random: options.random ?? seededRandom(1),
      settings: this.settings,
      token: this.token,
      libraries: options.libraries ?? LIBRARIES,
      accounts: options.accounts ?? ACCOUNTS,
      items: options.items ?? ITEMS,
      bandwidthWindowSeconds: options.bandwidthWindowSeconds ?? 1200,
    });
    this.#state = state;
    this.#listener = new Listener(state, options);
    this.#host = this.#newHost();
    this.background = new Background({
      state,
      after: (delay, task) => this.after(delay, task),
      notify: (type, name, entry) => this.#host.notify(type, name, entry),
    });
    state.measure();
  }

  /** Listens on loopback, on a free port unless told, and lets time do its work. */
  async listen(port = 0): Promise<void> {
    await this.#listener.listen(port);
    this.#every(1000, () => {
      for (const session of [...this.#state.sessions]) session.tick();
    });
    this.#every(5000, () => {
      if (this.up) this.#state.measure();
    });
  }

  async close(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.#listener.close();
  }

  /** Without a slash at the end. */
  get url(): string {
    return this.#listener.url;
  }

  /** False from a restart until the server has started again. */
  get up(): boolean {
    return this.#listener.phase === 'up';
  }

  /** Faults of the HTTP side. */
  get faults(): HttpFaults {
    return this.#listener.faults;
  }

  /** Faults of the WebSocket. */
  get socketFaults(): SocketFaults {
    return this.#listener.socketFaults;
  }

  get notifications(): Notifications {
    return this.#listener.notifications;
  }

  /** What was asked of the server. */
  get requests(): RequestLog {
    return this.#listener.requests;
  }

  /** Those that the server still knows of, killed ones among them. */
  get sessions(): readonly SimulatedSession[] {
    return [...this.#state.sessions];
  }

  get libraries(): readonly Library[] {
    return this.#state.libraries;
  }

  get accounts(): readonly Account[] {
    return this.#state.accounts;
  }

  get players(): readonly Player[] {
    return this.#players;
  }

  /** What really was played and sent, up to now. */
  get truth(): Truth {
    this.#state.settle();
    return this.#state.truth;
  }

  /**
   * Somebody plays something from now on.
   *
   * @throws RangeError when there is no such user, player or item. Error while the server is down.
   */
  play({ user, player, item, ...options }: PlayOptions): SimulatedSession {
    this.#checkUp();
    const audience = this.#audience({ ...(user && { user }), ...(player && { player }) });
    const { sessions } = this.#state;
    const settings: SessionOptions = { location: 'lan', ...options, ...audience, item: this.item(item) };
    const session: SimulatedSession = new SimulatedSession(this.#host, settings, () => sessions.delete(session));
    sessions.add(session);
    return session;
  }

  /** A DLNA client looks through a library: for a moment there is a session that is no play. */
  browse(options: PlayOptions, forMs = 800): SimulatedSession {
    const session = this.play({ ...options, ghost: true });
    this.after(forMs, () => session.stop());
    return session;
  }

  /**
   * The item with this rating key; one that is given is made known first.
   *
   * @throws RangeError when there is none.
   */
  item(item: string | Item): Item {
    if (typeof item !== 'string') {
      this.#state.items.set(item.ratingKey, item);
      return item;
    }
    const known = this.#state.items.get(item);
    if (known === undefined) throw new RangeError('no such item');
    return known;
  }

  /** Bytes that no session takes, such as a download: they stand in /statistics/bandwidth. */
  transmit(bytes: number, { location = 'lan', ...audience }: Audience & Pick<PlayOptions, 'location'> = {}): void {
    const { user, player } = this.#audience(audience);
    const to = { accountID: user.id, deviceID: this.#state.device(player).id, location, owed: 0 };
    this.#state.bandwidth.add(to, this.clock.date(), bytes);
  }

  /**
   * The server goes away: connections are cut and, for `goneForMs`, nobody answers; then it starts and answers 503 for
   * `startsForMs`. Players wait, come back under new session keys that begin at 1 again, in another order than before,
   * and play on. Killed ones do not come back. With `version` it was an upgrade.
   *
   * @throws Error while the server is down.
   */
  restart(
    options: { readonly goneForMs?: number; readonly startsForMs?: number; readonly version?: string } = {},
  ): void {
    this.#checkUp();
    const { goneForMs = 2000, startsForMs = 10_000, version } = options;
    const waiting = [...this.#state.sessions];
    for (const session of waiting) session.disconnect();
    this.#state.sessions.clear();
    this.#state.resources = [];
    this.#listener.phase = 'gone';
    this.#listener.cut();
    this.after(goneForMs, () => {
      this.#listener.phase = 'starting';
    });
    this.after(goneForMs + startsForMs, () => {
      this.#listener.phase = 'up';
      this.#lastKey = 0;
      this.settings.version = version ?? this.settings.version;
      this.#state.measure();
      for (const session of waiting.toReversed()) {
        if (session.ended) continue;
        this.#state.sessions.add(session);
        session.reconnect();
      }
    });
  }

  /** Starts a small household whose five players come and go for ever. */
  runDemo(): void {
    runDemo(this, this.#state.random);
  }

  /** Runs a step of a script after so many milliseconds of the clock, unless the server is closed by then. */
  after(delay: number, task: () => void): void {
    const cancel = this.clock.after(delay, () => {
      this.#timers.delete(cancel);
      task();
    });
    this.#timers.add(cancel);
  }

  #every(interval: number, task: () => void): void {
    this.after(interval, () => {
      task();
      this.#every(interval, task);
    });
  }

  #checkUp(): void {
    if (!this.up) throw new Error('the server is down');
  }

  #audience({ user, player }: Audience): { readonly user: Account; readonly player: Player } {
    const account = this.#state.accounts.find(({ name }) => user === undefined || name === user);
    const device = this.#players.find(({ title }) => player === undefined || title === player);
    if (account === undefined || device === undefined) throw new RangeError('no such user or player');
    return { user: account, player: device };
  }

  #newHost(): SessionHost {
    const state = this.#state;
    return {
      clock: this.clock,
      truth: state.truth,
      bandwidth: state.bandwidth,
      item: (item) => this.item(item),
      library: (id) => state.library(id),
      deviceId: (player) => state.device(player).id,
      newId: () => state.newId(),
      nextKey: () => {
        this.#lastKey += 1;
        return String(this.#lastKey);
      },
      nextPlay: () => {
        this.#plays += 1;
        return this.#plays;
      },
      notify: (type, name, entry) => {
        if (this.#listener.phase !== 'up') return;
        this.#listener.notifications.notify(type, name, inDialect(this.settings.dialect, entry));
      },
    };
  }
}
