import type { Clock, Collector } from '@media-exporter/metrics';
import type { CollectorFilter } from './collector-filter.ts';
import type { Secret } from './config/secrets.ts';
import type { Settings } from './config/settings.ts';
import { FileWatch, type WatchedFiles } from './config/watch.ts';
import { describeProblem, type Problem, problemsOf } from './errors.ts';
import { type DropInView, Exposition } from './exposition.ts';
import { HeldStore, type OpenedStore } from './held-store.ts';
import { Inventory } from './inventory.ts';
import type { Logger } from './log.ts';
import { type ScrapeOutcome, SelfMetrics } from './self.ts';
import type { Guard } from './server/guard.ts';
import type { LandingSource } from './server/landing.ts';
import { Listeners, type Opened } from './server/listeners.ts';
import { type Application, createHandler, type Scraped, type View, type WebSettings } from './server/routes.ts';
import type { createSource } from './sources/factory.ts';
import type { Source } from './sources/source.ts';
import { keepPseudonymKey } from './state/pseudonym-key.ts';
import type { StateStore } from './state/store.ts';
import { type Surroundings, wantedOf } from './wanted.ts';

export interface ExporterOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  /** The version of Node.js. */
  readonly node: string;
  readonly files: WatchedFiles;
  /** Reads the configuration; throws an ExporterError with all that is wrong. */
  readonly load: () => Promise<Settings>;
  /** Makes a source from its configuration. */
  readonly createSource: typeof createSource;
  /** Opens what is kept over restarts, in a folder; without one there is no place for it. */
  readonly openStore: (dir: string | undefined) => OpenedStore;
  /** From 0 to 1; for jitter. */
  readonly random: () => number;
  /** The metrics of the exporter's own process. */
  readonly process: Collector;
  /** Where the exporter stands in for another one. */
  readonly dropIn?: DropInView;
}

/** Configuration, sources and server in one: what `media-exporter run` runs. */
export class Exporter implements Application {
  readonly version: string;
  readonly #options: ExporterOptions;
  readonly #self: SelfMetrics;
  readonly #watch: FileWatch;
  readonly #listeners: Listeners;
  readonly #inventory: Inventory;
  readonly #exposition: Exposition;
  readonly #store: HeldStore;
  /** Secrets that were read again since the configuration was loaded, by their fingerprints. */
  readonly #renewed = new Map<string, Secret>();
  #settings: Settings | undefined;
  #guard: Guard | undefined;
  #collected = false;
  #draining = false;
  readonly #stopping = Promise.withResolvers<undefined>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ExporterOptions) {
    const { clock, log, version, node, files } = options;
    this.version = version;
    this.#options = options;
    this.#self = new SelfMetrics(clock, version, node);
    this.#inventory = new Inventory(clock, this.#self.dropped);
    const { dropIn } = options;
    this.#exposition = new Exposition({ clock, inventory: this.#inventory, self: this.#self, dropIn });
    this.#exposition.register(options.process);
    const onMetrics = (metrics: Collector): void => this.#exposition.register(metrics);
    this.#store = new HeldStore({ open: options.openStore, onMetrics, log });
    this.#watch = new FileWatch(
      files,
      clock,
      (paths) => {
        log.info({ files: paths }, 'files have changed');
        void this.reload();
      },
      (path) => log.warn({ file: path }, 'a watched file cannot be read any more; what was loaded stays in use'),
    );
    this.#listeners = new Listeners(createHandler(this, clock, log), clock);
  }

  /** Where it listens, as `HOST:PORT`, in the order of the configuration. */
  get addresses(): readonly string[] {
    return this.#listeners.addresses;
  }

  /** How it is spoken to. */
  get scheme(): 'http' | 'https' {
    return this.#guard?.encrypt === undefined ? 'http' : 'https';
  }

  get guard(): Guard | undefined {
    return this.#guard;
  }

  get web(): WebSettings {
    const { web } = this.#current.config;
    const { auth } = web;
    const open = auth.metrics === 'none' || (auth.metrics === undefined && auth.token_file === undefined);
    return {
      ...web,
      telemetryPath: web.telemetry_path,
      // A password or the token was right before.
      open: open || this.#guard?.knowsUsers === true,
      token: this.#current.token,
      seedAtRoot: this.#options.dropIn?.rootMetrics !== undefined,
    };
  }

  get sources(): readonly LandingSource[] {
    return this.#inventory.sources.map((source) => {
      const { up, collectors } = source.snapshot();
      const code = collectors.find((status) => status.problem !== undefined)?.problem?.code;
      return { name: source.id, type: source.type, up, code };
    });
  }

  get unready(): string | undefined {
    if (this.#draining) return 'media-exporter is stopping.';
    return this.#collected ? undefined : 'media-exporter has not collected for the first time yet.';
  }

  /** Values that no log line may contain. */
  get secrets(): readonly string[] {
    if (this.#settings === undefined) return [];
    const { token, pseudonymKey, secrets, webFile } = this.#settings;
    const all = [token, pseudonymKey, ...secrets.values(), ...(webFile?.secrets ?? []), ...this.#renewed.values()];
    return all.flatMap((secret) => (secret === undefined ? [] : [secret.reveal()]));
  }

  /**
   * Loads the configuration, opens the listeners and starts the sources. The first collection goes on after it has
   * resolved. It is given up when the exporter is stopped meanwhile.
   *
   * @throws ExporterError with all that is wrong with the configuration or a listener.
   */
  async start(): Promise<void> {
    await this.#inTurn(() => this.#load());
    if (this.#draining) return;
    const late = new AbortController();
    const cancel = this.#options.clock.after(this.web.scrape_timeout * 1000, () => late.abort());
    void this.#inventory.gather(late.signal).then(() => {
      cancel();
      this.#collected = true;
    });
  }

  /** Loads the configuration again. What is wrong is answered and logged, and then the old one stays in use. */
  async reload(): Promise<readonly Problem[]> {
    try {
      await this.#inTurn(() => this.#load());
      return [];
    } catch (error) {
      return problemsOf(error);
    }
  }

  begin(): (outcome: ScrapeOutcome) => void {
    return this.#self.scrape();
  }

  collectors(view: View): ReadonlyMap<string, string> {
    return this.#exposition.collectors(view);
  }

  scrape(view: View, filter: CollectorFilter | undefined, signal: AbortSignal): Promise<Scraped> {
    return this.#exposition.scrape(view, filter, signal);
  }

  /** Stops taking requests, lets running ones end, and stops the sources. */
  async stop(): Promise<void> {
    this.#draining = true;
    this.#stopping.resolve(undefined);
    this.#watch.close();
    await this.#inTurn(async () => {
      await this.#listeners.close();
      const stopped = await Promise.allSettled(this.#inventory.sources.map((source) => source.stop()));
      for (const end of stopped) {
        if (end.status === 'rejected') this.#options.log.error({ err: end.reason }, 'a source did not stop cleanly');
      }
      await this.#store.close();
    });
  }

  get #current(): Settings {
    if (this.#settings === undefined) throw new Error('The exporter has not been started.');
    return this.#settings;
  }

  /** Reloads and the stop never overlap. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #load(): Promise<void> {
    const { log } = this.#options;
    if (this.#draining && this.#settings !== undefined) return;
    const first = this.#settings === undefined;
    try {
      await this.#watch.refresh();
      let settings = await this.#options.load();
      // Which files there are is known only now: one that has changed since it was read must not be missed.
      if (await this.#watch.know(settings.files)) settings = await this.#options.load();
      await this.#apply(settings);
      if (this.#draining) return;
      this.#self.reloaded(true);
      if (!first) log.info('the configuration was loaded again');
    } catch (error) {
      this.#self.reloaded(false);
      // The first time there is no old configuration to go on with, and the caller shows what is wrong.
      if (!first) {
        for (const problem of problemsOf(error)) {
          log.error(
            { code: problem.code },
            `the configuration was refused, the old one stays: ${describeProblem(problem)}`,
          );
        }
      }
      throw error;
    }
    const { files, config } = this.#current;
    await this.#watch.watch(files, config.reload.interval);
  }

  /** Puts new settings in the place of the old ones. Whatever can fail comes before anything changes. */
  async #apply(loaded: Settings): Promise<void> {
    const { log } = this.#options;
    const guard = await this.#makeGuard(loaded);
    const opened = await this.#listeners.open(loaded.config.web.listen, guard?.encrypt);
    const settings = await this.#unlessStopped(this.#keepKey(loaded));
    if (settings === undefined) return this.#listeners.discard(opened);
    const { added, removed } = await this.#takeSources(settings, opened);
    const before = this.scheme;
    this.#settings = settings;
    this.#guard = guard;
    this.#listeners.secure(guard?.encrypt);
    this.#listeners.take(settings.config.web.listen, opened);
    this.#renewed.clear();
    for (const source of this.#inventory.sources) this.#self.addSource(source.id);
    // Of two sources of one name, the old one writes its state before the new one reads it.
    await Promise.all(removed.map((source) => source.stop()));
    await this.#unlessStopped(Promise.all(added.map((source) => source.start())));
    if (this.#draining) return;
    const { scheme } = this;
    const fresh = scheme === before ? [...opened.values()].map(({ address }) => address) : this.addresses;
    for (const address of fresh) log.info({ address, scheme }, 'listening');
  }

  /** What stands before the routes is loaded only where a web configuration file is given. */
  async #makeGuard({ webFile: file, token }: Settings): Promise<Guard | undefined> {
    if (file === undefined) return undefined;
    const { Guard } = await import('./server/guard.ts');
    return new Guard({ file, token, clock: this.#options.clock, before: this.#guard });
  }

  async #takeSources(
    settings: Settings,
    opened: Opened,
  ): Promise<{ added: readonly Source[]; removed: readonly Source[] }> {
    try {
      const around = this.#surroundings(this.#store.in(settings.config.state.dir));
      const wanted = settings.config.sources.map((source) => wantedOf(source, settings, around));
      return await this.#inventory.apply(wanted, settings.config.labels.max_value_bytes);
    } catch (error) {
      await this.#listeners.discard(opened);
      throw error;
    }
  }

  /**
   * Without a key in the configuration the pseudonyms stay those of the first start. Not in the drop-in modes: the one that
   * can have pseudonyms has no folder of its own.
   */
  async #keepKey(settings: Settings): Promise<Settings> {
    if (!settings.keyIsFresh || this.#options.dropIn !== undefined) return settings;
    const scope = this.#store.in(settings.config.state.dir).scope('privacy');
    return { ...settings, pseudonymKey: await keepPseudonymKey(scope, settings.pseudonymKey) };
  }

  /** Waits for the state no longer than until the stop; then `undefined`. */
  #unlessStopped<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, this.#stopping.promise]);
  }

  #surroundings(store: StateStore): Surroundings {
    const { clock, random, log, createSource } = this.#options;
    return {
      clock,
      random,
      log,
      store,
      createSource,
      onRequest: (source, report) => this.#self.request(source, report),
      onReconnect: (source) => this.#self.reconnect(source),
      onSecret: (secret) => this.#renewed.set(secret.fingerprint(), secret),
    };
  }
}
