import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '@media-exporter/metrics';
import { type Answer, HttpFaults, SocketFaults } from '../faults/index.ts';
import { type Random, seededRandom } from '../mediasoup/random.ts';
import { ActivityLog } from './activity.ts';
import { answer, endpointOf } from './api/routes.ts';
import { DIALECTS, type Dialect, type JellyfinVersion } from './dialect.ts';
import { Encoder } from './encoder.ts';
import { callerOf, credentialsOf, takesLegacy } from './gate.ts';
import type { Item } from './item.ts';
import { Library, type LibraryOptions } from './library.ts';
import { LogFiles } from './log-files.ts';
import { type Account, type AccountOptions, accountOf, HOUSEHOLD } from './people.ts';
import { type Phase, type RestartOptions, stepsOf } from './phases.ts';
import { type PlayHost, type PlaySettings, SimulatedPlay } from './play.ts';
import { Port } from './port.ts';
import { RequestLog } from './requests.ts';
import { ServerLog } from './server-log.ts';
import { sessionJson } from './session.ts';
import { Sessions } from './sessions.ts';
import { setupAnswer } from './setup.ts';
import { EventSocket, type Topic } from './socket.ts';
import type { ServerSettings, ServerState } from './state.ts';
import { Tasks } from './tasks.ts';
import { idOf, type Json, pick } from './text.ts';
import { Truth } from './truth.ts';

export interface SimulatedJellyfinOptions {
  readonly clock?: Clock;
  readonly version?: JellyfinVersion;
  /** The API key. */
  readonly token?: string;
  readonly libraries?: readonly LibraryOptions[];
  readonly accounts?: readonly AccountOptions[];
  readonly settings?: Partial<ServerSettings>;
  /** The base URL of the server's network settings: `/jellyfin`. */
  readonly basePath?: string;
  /** PEM, for https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The log files are written there too. */
  readonly logDirectory?: string;
  /** The server's clock is so far ahead. Milliseconds. */
  readonly clockAheadMs?: number;
  readonly random?: Random;
}

export interface PlayOptions extends Omit<PlaySettings, 'user' | 'device' | 'item' | 'queue'> {
  /** The name of the user. Defaults to the first. */
  readonly user?: string;
  readonly client?: string;
  readonly clientVersion?: string;
  /** The device's name. */
  readonly device?: string;
  /** Made from client and device unless told. Two clients may have the same. */
  readonly deviceId?: string;
  readonly address?: string;
  /** Defaults to the first item of the first library. */
  readonly item?: Item;
  readonly queue?: readonly Item[];
}

const LIBRARIES: readonly LibraryOptions[] = [
  { name: 'Movies', kind: 'movies', items: 40, boxSets: 1, emptyEvery: 20 },
  { name: 'Shows', kind: 'tvshows', items: 72 },
  { name: 'Music', kind: 'music', items: 60 },
  { name: 'Home Videos & Photos', kind: 'homevideos', items: 5 },
];

const SETTINGS: Omit<ServerSettings, 'version'> = {
  name: 'Simulated Jellyfin',
  productName: 'Jellyfin Server',
  pendingRestart: false,
  wizardCompleted: true,
  legacyAuth: undefined,
  hardwareAcceleration: 'none',
  hardwareEncoding: true,
  metrics: true,
  extraSeries: 240,
  residentBytes: 418_979_840,
  freeBytes: 78_040_109_056,
  usedBytes: 192_513_064_960,
  localized: false,
  plugins: [
    { name: 'AudioDB', version: '1.0.0.0', status: 'Active' },
    { name: 'Playback Reporting', version: '17.0.0.0', status: 'Disabled' },
  ],
};

/**
 * A small Jellyfin on loopback: its HTTP API and its socket, with the clients whose life is told by {@link play} and the
 * handles that it returns. What time does, the clock does. Nothing is played by itself.
 */
export class SimulatedJellyfin {
  /** What the server says of itself; may be changed at any time. */
  readonly settings: ServerSettings;
  readonly token: string;
  readonly dialect: Dialect;
  /** Faults of the HTTP side. */
  readonly faults: HttpFaults;
  /** Faults of the socket. */
  readonly socketFaults: SocketFaults = new SocketFaults();
  readonly requests: RequestLog = new RequestLog();
  readonly libraries: readonly Library[];
  readonly accounts: Account[];
  readonly activity: ActivityLog;
  readonly tasks: Tasks;
  readonly logs: LogFiles;
  readonly #clock: Clock;
  readonly #ahead: number;
  readonly #basePath: string;
  readonly #scheme: 'http' | 'https';
  readonly #keys: Set<string>;
  readonly #port: Port;
  readonly #truth: Truth = new Truth();
  readonly #plays = new Set<SimulatedPlay>();
  readonly #sessions: Sessions;
  readonly #encoder: Encoder;
  readonly #socket: EventSocket;
  readonly #state: ServerState;
  readonly #timers = new Set<() => void>();
  readonly #ownRequests = new Map<string, number>();
  #phase: Phase = 'ready';
  #processStart: number;
  #bytesSent = 0;

  constructor(options: SimulatedJellyfinOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#ahead = options.clockAheadMs ?? 0;
    this.dialect = DIALECTS[options.version ?? '12.0'];
    this.settings = { ...SETTINGS, version: this.dialect.version, ...options.settings };
    this.token = options.token ?? idOf('key', 'simulated');
    this.#keys = new Set([this.token]);
    this.libraries = (options.libraries ?? LIBRARIES).map((library) => new Library(library));
    this.accounts = (options.accounts ?? HOUSEHOLD).map(accountOf);
    this.#basePath = options.basePath ?? '';
    this.#scheme = options.tls === undefined ? 'http' : 'https';
    this.faults = new HttpFaults(this.#clock, options.random ?? seededRandom(1));
    const date = (): number => this.date;
    this.#processStart = this.date;
    this.logs = new LogFiles(date, options.logDirectory);
    const log = new ServerLog(this.logs, date);
    this.activity = new ActivityLog(date, () => this.#socket.tell('ActivityLogEntry'));
    this.tasks = new Tasks({
      clock: this.#clock,
      date,
      activity: this.activity,
      dialect: this.dialect,
      changed: () => this.#socket.tell('ScheduledTasksInfo'),
      localized: this.settings.localized,
    });
    this.#sessions = new Sessions({
      clock: this.#clock,
      date,
      activity: this.activity,
      log,
      hasJob: (playSessionId) => this.#encoder.has(playSessionId),
      ping: (playSessionId) => this.#encoder.ping(playSessionId),
      changed: () => this.#socket.tell('Sessions'),
    });
    this.#encoder = new Encoder({
      clock: this.#clock,
      date,
      files: this.logs,
      log,
      truth: this.#truth,
      hardware: () => (this.dialect.since1010 ? this.settings.hardwareAcceleration : undefined),
      attach: (deviceId, info) => this.#sessions.attach(deviceId, info),
      position: (playSessionId) => [...this.#plays].find((play) => play.playSessionId === playSessionId)?.position,
    });
    this.#state = this.#newState();
    this.#socket = new EventSocket({
      clock: this.#clock,
      faults: this.socketFaults,
      data: (topic) => this.#topic(topic),
      changed: (listening, clean) => this.#listens(listening, clean),
    });
    this.#port = new Port(
      {
        request: (request, response) => this.#serve(request, response),
        upgrade: (request, socket, head) => this.#upgrade(request, socket, head),
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
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#sessions.clear();
    this.#encoder.abandon();
    this.#socket.drop();
    await this.#port.close();
  }

  /** What answers on the port now. */
  get phase(): Phase {
    return this.#phase;
  }

  /** How many listen on the socket. */
  get listeners(): number {
    return this.#socket.connected;
  }

  /** When the port is as the phase wants it. A clock that a test turns does not wait for the operating system. */
  get settled(): Promise<void> {
    return this.#port.settled;
  }

  /** What really was played and encoded, up to now. */
  get truth(): Truth {
    for (const play of this.#plays) play.settle();
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
   * The user of this name.
   *
   * @throws RangeError when there is none.
   */
  account(name: string): Account {
    const account = this.accounts.find((candidate) => candidate.name === name);
    if (account === undefined) throw new RangeError('no such user');
    return account;
  }

  /**
   * Somebody plays something from now on.
   *
   * @throws RangeError when there is no such user.
   */
  play({
    user,
    client = 'Jellyfin Web',
    clientVersion = '1.0',
    device = 'Chrome',
    ...options
  }: PlayOptions = {}): SimulatedPlay {
    const { deviceId = idOf('device', client, device), address = '192.168.1.20', item, ...settings } = options;
    const play = new SimulatedPlay(this.#playHost(), {
      ...settings,
      user: this.account(user ?? this.accounts[0]?.name ?? ''),
      device: { client, version: clientVersion, name: device, id: deviceId, address },
      item: item ?? this.#firstItem(),
    });
    this.#plays.add(play);
    return play;
  }

  /** Somebody signs in and looks around without playing anything. */
  browse({
    user,
    client = 'Jellyfin Web',
    clientVersion = '1.0',
    device = 'Firefox',
    address = '192.168.1.21',
  }: PlayOptions = {}): void {
    const account = this.account(user ?? this.accounts[0]?.name ?? '');
    this.#signIn(
      { client, version: clientVersion, name: device, id: idOf('device', client, device), address },
      account,
    );
  }

  /** Somebody tries a wrong password. */
  failLogin(user: string): void {
    if (this.#phase !== 'ready') return;
    this.account(user).failedLogins += 1;
    const entry = {
      type: 'AuthenticationFailed',
      name: `Failed login attempt from ${user}`,
      severity: 'Error',
    } as const;
    this.activity.add({ ...entry, shortOverview: 'IP address: 192.168.1.30' });
  }

  /** A new user; that its password was set is logged too. */
  addUser(options: AccountOptions): Account {
    const account = accountOf(options);
    this.accounts.push(account);
    this.activity.add({ type: 'UserCreated', name: `User ${account.name} has been created` });
    this.activity.add({ type: 'UserPasswordChanged', name: `Password has been changed for user ${account.name}` });
    return account;
  }

  /** @throws RangeError when there is no such user. */
  removeUser(name: string): void {
    this.accounts.splice(this.accounts.indexOf(this.account(name)), 1);
    this.activity.add({ type: 'UserDeleted', name: `User ${name} has been deleted` });
  }

  /** The API key is no longer good, or another is. */
  setKeys(...keys: readonly string[]): void {
    this.#keys.clear();
    for (const key of keys) this.#keys.add(key);
  }

  /**
   * The server goes down, and through the phases of a start comes back without its sessions. Tasks that run are aborted.
   * Players report on as soon as it is there.
   */
  restart(options: RestartOptions = {}): void {
    const kind = options.kind ?? 'in-place';
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.truth; // what was watched until now
    this.tasks.abort();
    this.#socket.drop();
    this.#sessions.clear();
    this.#encoder.abandon();
    const steps = stepsOf(this.dialect, options);
    if (kind !== 'in-place' || !this.dialect.restartsInProcess) this.#newProcess(steps[0]?.ms ?? 0);
    let after = 0;
    for (const { phase, ms } of steps) {
      this.#after(after, () => this.#enter(phase));
      after += ms;
    }
    this.#after(after, () => this.#enter('ready'));
  }

  #firstItem(): Item {
    const library = this.libraries[0];
    if (library === undefined) throw new RangeError('no library');
    return library.item(0);
  }

  #newProcess(inMs: number): void {
    this.#processStart = this.date + inMs;
    this.#bytesSent = 0;
    this.#ownRequests.clear();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    if (phase === 'closed') void this.#port.close();
    else void this.#port.open();
    if (phase === 'ready') this.tasks.startUp();
  }

  #playHost(): PlayHost {
    const known = (device: { readonly client: string; readonly id: string }): Account[] | undefined =>
      this.#sessions.list.find((session) => session.device.client === device.client && session.device.id === device.id)
        ?.additional;
    return {
      clock: this.#clock,
      truth: this.#truth,
      signIn: (device, user) => this.#signIn(device, user),
      report: (kind, device, user, report) => {
        if (this.#phase !== 'ready') return;
        user.lastActivity = this.date;
        this.#sessions[kind](device, user, report);
      },
      transcode: (device, item, playSessionId, from, options) => {
        if (this.#phase !== 'ready') return false;
        this.#encoder.start({ deviceId: device.id, item, playSessionId, from, options });
        return true;
      },
      endTranscode: (playSessionId) => {
        if (this.#phase === 'ready') this.#encoder.stop(playSessionId);
      },
      together: (device) => known(device) ?? [],
      join: (device, name) => {
        known(device)?.push(this.account(name));
      },
      leave: (device, name) => {
        const others = known(device);
        others?.splice(0, others.length, ...others.filter((account) => account.name !== name));
      },
      signOut: (device) => {
        if (this.#phase === 'ready') this.#sessions.remove(device);
      },
    };
  }

  #signIn(device: SimulatedPlay['device'], user: Account): void {
    if (this.#phase !== 'ready') return;
    user.lastLogin = this.date;
    user.lastActivity = this.date;
    this.#sessions.touch(device, user);
    const shortOverview = `IP address: ${device.address}`;
    this.activity.add({
      type: 'AuthenticationSucceeded',
      name: `${user.name} successfully authenticated`,
      userId: user.id,
      shortOverview,
    });
  }

  #topic(topic: Topic): Json {
    if (topic === 'ActivityLogEntry') return [];
    if (topic === 'ScheduledTasksInfo') return this.tasks.json().filter(({ IsHidden }) => IsHidden === false);
    return this.#sessions.list.map((session) => sessionJson(session, this.#state));
  }

  /** The listeners of an API key are one session of nobody, which outlives those that were dropped. */
  #listens(listening: boolean, clean: boolean): void {
    const device = {
      client: 'media-exporter',
      version: this.settings.version,
      name: 'Jellyfin Server',
      id: this.#state.id,
      address: '127.0.0.1',
    };
    if (listening) this.#sessions.touch(device, undefined).active = true;
    else if (this.#socket.connected > 0) return;
    else if (clean) this.#sessions.remove(device);
    else this.#sessions.touch(device, undefined).active = !this.dialect.since12;
  }

  #newState(): ServerState {
    const self = this;
    return {
      id: idOf('server', this.settings.name),
      dialect: this.dialect,
      settings: this.settings,
      accounts: this.accounts,
      libraries: this.libraries,
      sessions: this.#sessions,
      encoder: this.#encoder,
      activity: this.activity,
      tasks: this.tasks,
      files: this.logs,
      date: () => this.date,
      get address() {
        return self.url;
      },
      get process() {
        const seconds = (self.date - self.#processStart) / 1000;
        return {
          startedAt: self.#processStart,
          cpuSeconds: Math.round(seconds * 50 + self.requests.count() * 2) / 1000,
          requests: self.#ownRequests,
          bytesSent: self.#bytesSent,
        };
      },
    };
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const url = new URL(request.url?.replace(/^\/\//, '/%2F') ?? '/', 'http://localhost');
    const path = this.#inside(url.pathname);
    const endpoint = endpointOf(path ?? url.pathname) ?? path ?? url.pathname;
    const { token, form } = credentialsOf(
      request.headers,
      url.searchParams,
      takesLegacy(this.dialect, this.settings.legacyAuth),
    );
    const caller = callerOf(token, this.#keys, this.accounts);
    const release = this.requests.hold(endpoint);
    response.once('close', release);
    const method = request.method ?? 'GET';
    const query = url.search.replace(/(api_?key=)[^&]*/gi, '$1…');
    this.requests.add({ at: this.#clock.now(), method, endpoint, query, token: form });
    this.faults.respond(endpoint, response, () => {
      const called = { method, query: url.searchParams, headers: request.headers, caller };
      return this.#dress(this.#answer(url.pathname, path, called), endpoint);
    });
  }

  #answer(whole: string, path: string | undefined, request: Parameters<typeof answer>[2]): Answer {
    if (path === undefined) {
      // Only /health is sent to its prefixed self, all else to the page of the web client.
      const location = endpointOf(whole) === '/health' ? `${this.url}/health` : `${this.url}/web/`;
      return { status: 302, headers: { location }, body: '' };
    }
    if (this.#phase === 'setup') return setupAnswer(this.#state, path);
    return answer(this.#state, path, request, this.#phase === 'ready');
  }

  /** The path behind the base path and the old prefixes; undefined outside of them. */
  #inside(path: string): string | undefined {
    const base = this.#basePath.toLowerCase();
    if (base !== '' && path.toLowerCase() !== base && !path.toLowerCase().startsWith(`${base}/`)) return undefined;
    const inner = path.slice(base.length) || '/';
    return this.dialect.embyPrefixes ? inner.replace(/^\/(emby|mediabrowser)(?=\/)/i, '') : inner;
  }

  /** What every answer carries: the date of the server, and how long it took until the answer began. */
  #dress(plain: Answer, endpoint: string): Answer {
    const key = `${plain.status} ${endpoint.slice(1)}`;
    this.#ownRequests.set(key, (this.#ownRequests.get(key) ?? 0) + 1);
    this.#bytesSent += plain.body.length;
    const timed = this.#phase !== 'setup' && plain.status !== 302;
    const took = (0.2 + plain.body.length / 100_000 + pick(1000, key, this.#bytesSent) / 10_000).toFixed(4);
    return {
      ...plain,
      headers: {
        date: new Date(this.date).toUTCString(),
        server: 'Kestrel',
        ...(timed && { 'x-response-time-ms': took }),
        ...plain.headers,
      },
    };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that goes away in the middle is no error of the server.
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', 'http://localhost');
    const status = this.socketFaults.refusal ?? this.#refusal(request, url);
    if (status === undefined) {
      this.#socket.accept(request, socket, head);
      return;
    }
    const text = `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\nServer: Kestrel\r\n`;
    socket.end(`${text}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  /** The status that turns a listener away: 403, and not 401, for a token that is not good. */
  #refusal({ headers }: IncomingMessage, url: URL): number | undefined {
    if (this.#phase !== 'ready') return 503;
    if (this.#inside(url.pathname)?.toLowerCase() !== '/socket') return 404;
    const { token } = credentialsOf(headers, url.searchParams, takesLegacy(this.dialect, this.settings.legacyAuth));
    return callerOf(token, this.#keys, this.accounts).kind === 'none' ? 403 : undefined;
  }

  #after(delay: number, task: () => void): void {
    if (delay === 0) {
      task();
      return;
    }
    const cancel = this.#clock.after(delay, () => {
      this.#timers.delete(cancel);
      task();
    });
    this.#timers.add(cancel);
  }
}
