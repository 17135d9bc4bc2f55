import { systemClock } from '@media-exporter/metrics';
import { HttpFaults, SocketFaults } from '../faults/index.ts';
import { type Random, seededRandom } from '../random.ts';
import { ActivityLog } from './activity.ts';
import { DIALECTS, type Dialect } from './dialect.ts';
import type { Item } from './library/item.ts';
import { Library } from './library/library.ts';
import { Lifecycle } from './lifecycle.ts';
import { LogFiles } from './logs/log-files.ts';
import { ServerLog } from './logs/server-log.ts';
import { type ClientOptions, LIBRARIES, type PlayOptions, type SimulatedJellyfinOptions } from './options.ts';
import { HOUSEHOLD, People } from './people.ts';
import { Clients } from './plays/clients.ts';
import type { SimulatedPlay } from './plays/play.ts';
import { Sessions } from './plays/sessions.ts';
import { runDemo } from './scenarios/demo.ts';
import { SETTINGS, type ServerSettings } from './settings.ts';
import type { ServerState } from './state.ts';
import { Tasks } from './tasks.ts';
import { idOf } from './text.ts';
import { Timeline } from './timeline.ts';
import { Encoder } from './transcoding/encoder.ts';
import { Front } from './transport/front.ts';
import { listenersOf } from './transport/listeners.ts';
import type { Phase, RestartOptions } from './transport/phases.ts';
import { Port } from './transport/port.ts';
import { RequestLog } from './transport/requests.ts';
import { EventSocket } from './transport/socket.ts';
import { Truth } from './truth.ts';

/**
 * A small Jellyfin on loopback: its HTTP API and its socket, with the clients whose life is told by {@link play} and the
 * handles that it returns. What time does, the clock does. Nothing is played by itself.
 */
export class SimulatedJellyfin {
  /** What the server says of itself; may be changed at any time. */
  readonly settings: ServerSettings;
  /** The API key. */
  readonly token: string;
  readonly dialect: Dialect;
  /** Faults of the HTTP side. */
  readonly faults: HttpFaults;
  /** Faults of the socket. */
  readonly socketFaults: SocketFaults = new SocketFaults();
  readonly requests: RequestLog = new RequestLog();
  readonly libraries: readonly Library[];
  readonly people: People;
  readonly activity: ActivityLog;
  readonly tasks: Tasks;
  /** The log directory. */
  readonly logs: LogFiles;
  readonly #clock: Timeline;
  readonly #random: Random;
  readonly #ahead: number;
  readonly #basePath: string;
  readonly #scheme: 'http' | 'https';
  readonly #keys: Set<string>;
  readonly #truth: Truth = new Truth();
  readonly #sessions: Sessions;
  readonly #encoder: Encoder;
  readonly #state: ServerState;
  readonly #clients: Clients;
  readonly #socket: EventSocket;
  readonly #front: Front;
  readonly #port: Port;
  readonly #life: Lifecycle;

  constructor(options: SimulatedJellyfinOptions = {}) {
    const clock = new Timeline(options.clock ?? systemClock);
    this.#clock = clock;
    this.#ahead = options.clockAheadMs ?? 0;
    this.dialect = DIALECTS[options.version ?? '12.0'];
    const { dialect } = this;
    this.settings = { ...SETTINGS, version: dialect.version, ...options.settings };
    this.token = options.token ?? idOf('key', 'simulated');
    this.#keys = new Set([this.token]);
    this.libraries = (options.libraries ?? LIBRARIES).map((library) => new Library(library));
    this.#basePath = options.basePath ?? '';
    this.#scheme = options.tls === undefined ? 'http' : 'https';
    this.#random = options.random ?? seededRandom(1);
    this.faults = new HttpFaults(clock, this.#random);
    const date = (): number => this.date;
    this.#life = new Lifecycle({
      clock,
      date,
      dialect,
      entered: (phase) => this.#entered(phase),
      processEnded: () => this.#front.forget(),
    });
    this.logs = new LogFiles(date, options.logDirectory);
    const log = new ServerLog(this.logs, date);
    this.activity = new ActivityLog(date, () => this.#socket.tell('ActivityLogEntry'));
    const { activity, settings } = this;
    this.people = new People(options.accounts ?? HOUSEHOLD, activity, () => this.#life.ready);
    this.tasks = new Tasks({
      clock,
      date,
      activity,
      dialect,
      settings,
      changed: () => this.#socket.tell('ScheduledTasksInfo'),
    });
    this.#sessions = new Sessions({
      clock,
      date,
      activity,
      log,
      hasJob: (playSessionId) => this.#encoder.has(playSessionId),
      ping: (playSessionId) => this.#encoder.ping(playSessionId),
      changed: () => this.#socket.tell('Sessions'),
    });
    this.#encoder = new Encoder({
      clock,
      date,
      files: this.logs,
      log,
      truth: this.#truth,
      hardware: () => (dialect.since1010 ? settings.hardwareAcceleration : undefined),
      attach: (deviceId, info) => this.#sessions.attach(deviceId, info),
      position: (playSessionId) => this.#clients.position(playSessionId),
    });
    this.#state = this.#newState();
    this.#clients = new Clients({
      clock,
      date,
      activity,
      truth: this.#truth,
      sessions: this.#sessions,
      encoder: this.#encoder,
      ready: () => this.#life.ready,
      account: (name) => this.people.account(name),
    });
    this.#socket = new EventSocket({
      clock,
      faults: this.socketFaults,
      ...listenersOf(this.#state, () => this.#socket.connected),
    });
    this.#front = new Front({
      clock,
      state: this.#state,
      basePath: this.#basePath,
      keys: this.#keys,
      faults: this.faults,
      socketFaults: this.socketFaults,
      requests: this.requests,
      socket: this.#socket,
      phase: () => this.#life.phase,
    });
    this.#port = new Port(
      {
        request: (request, response) => this.#front.request(request, response),
        upgrade: (request, socket, head) => this.#front.upgrade(request, socket, head),
        connection: () => {
          this.requests.connections += 1;
        },
      },
      options.tls,
    );
    this.tasks.startUp();
  }

  /** The server's date, milliseconds since the epoch. */
  get date(): number {
    return this.#clock.date() + this.#ahead;
  }

  /** Listens on loopback, on a free port unless told. */
  async listen(port = 0): Promise<void> {
    await this.#port.open(port);
  }

  /** Without a slash at the end. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port.number}${this.#basePath}`;
  }

  async close(): Promise<void> {
    this.#clock.clear();
    this.#socket.drop();
    await this.#port.close();
  }

  /** What answers on the port now. */
  get phase(): Phase {
    return this.#life.phase;
  }

  /** When the port is as the phase wants it. A clock that a test turns does not wait for the operating system. */
  get settled(): Promise<void> {
    return this.#port.settled;
  }

  /** How many listen on the socket. */
  get listeners(): number {
    return this.#socket.connected;
  }

  /** Cuts the connections of the socket without a close frame. */
  dropListeners(): void {
    this.#socket.drop();
  }

  /** What really was played and encoded, up to now. */
  get truth(): Truth {
    this.#clients.settle();
    return this.#truth;
  }

  /**
   * An item of a library, by the library's name and its number.
   *
   * @throws RangeError when there is none.
   */
  item(library: string, number: number): Item {
    const found = this.libraries.find(({ name }) => name === library);
    if (found === undefined) throw new RangeError('no such library');
    return found.item(number);
  }

  /**
   * Somebody plays something from now on.
   *
   * @throws RangeError when there is no such user, and no item where none is told.
   */
  play(options: PlayOptions = {}): SimulatedPlay {
    const { item = this.libraries[0]?.item(0) } = options;
    if (item === undefined) throw new RangeError('no library');
    return this.#clients.play({ ...options, item });
  }

  /**
   * Somebody signs in and looks around without playing anything.
   *
   * @throws RangeError when there is no such user.
   */
  browse(options: ClientOptions = {}): void {
    this.#clients.browse(options);
  }

  /** These API keys are good from now on, and no others. */
  setKeys(...keys: readonly string[]): void {
    this.#keys.clear();
    for (const key of keys) this.#keys.add(key);
  }

  /**
   * The server goes down, and through the phases of a start comes back without its sessions. Tasks that run are aborted.
   * Players report on as soon as it is there.
   */
  restart(options: RestartOptions = {}): void {
    this.#clients.settle();
    this.tasks.abort();
    this.#socket.drop();
    this.#sessions.clear();
    this.#encoder.abandon();
    this.#life.restart(options);
  }

  /** Starts a small household that plays without an end. */
  runDemo(): void {
    runDemo(this, this.#random);
  }

  /** @internal Runs a task of a script by the server's clock, unless the server is closed before. */
  after(delay: number, task: () => void): void {
    this.#clock.after(delay, task);
  }

  #entered(phase: Phase): void {
    if (phase === 'closed') void this.#port.close();
    else void this.#port.open();
    if (phase === 'ready') this.tasks.startUp();
  }

  #newState(): ServerState {
    const self = this;
    return {
      id: idOf('server', this.settings.name),
      dialect: this.dialect,
      settings: this.settings,
      people: this.people,
      libraries: this.libraries,
      sessions: this.#sessions,
      activity: this.activity,
      tasks: this.tasks,
      files: this.logs,
      truth: this.#truth,
      ageOf: (at) => this.#clock.now() - at,
      date: () => this.date,
      get address() {
        return self.url;
      },
      get process() {
        const seconds = Math.max(0, (self.date - self.#life.processStart) / 1000);
        const { answered, bytesSent } = self.#front;
        const cpuSeconds = Math.round(seconds * 50 + [...answered.values()].length) / 1000;
        return { startedAt: self.#life.processStart, cpuSeconds, requests: answered, bytesSent };
      },
    };
  }
}
