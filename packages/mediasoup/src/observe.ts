import { type Collector, type Family, type Metric, Registry } from '@media-exporter/metrics';
import { NameCache } from './addresses.ts';
import { AGGREGATED_CATALOGUE, aggregatedFamilies } from './catalogue/aggregated.ts';
import { DEFAULT_CATALOGUE, defaultFamilies } from './catalogue/default.ts';
import { STREAM_CATALOGUE, seedCatalogue, seedFamilies, streamFamilies } from './catalogue/seed.ts';
import { Census } from './census.ts';
import { Directory } from './directory.ts';
import { SfuError } from './errors.ts';
import { clearIdentity, type Identity, pseudonymousIdentity } from './identity.ts';
import { makeMapping } from './mapping.ts';
import { checkOptions, checkServeOptions, type ObserveOptions, type ServeOptions, type Settings } from './options.ts';
import { Poller } from './poll.ts';
import { QualityTable } from './quality.ts';
import { WorkerQueue } from './queue.ts';
import { RtpTable } from './rtp.ts';
import { type SfuServer, startServer } from './server/server.ts';
import { isRecord, isWorker, type Mediasoup, type MediasoupWorker } from './shapes.ts';
import { type SnapshotSources, takeSnapshot } from './snapshot.ts';
import type { RequestOutcome, SfuState } from './state.ts';
import type { TreeContext } from './tree/context.ts';
import { observerOf, Tree } from './tree/tree.ts';

/** Watches an SFU in its own process. A collector, to be registered anywhere or served by itself. */
export interface SfuObserver extends Collector {
  /**
   * Follows a worker that was made before observing began. Of what it has already, only as much is seen as its version
   * of mediasoup leaves readable.
   *
   * @throws SfuError `MX_SFU_WORKER` for anything else.
   */
  addWorker(worker: unknown): void;
  /** Asks the workers, unless that was done less than a period ago; one poll serves all who ask for it. Never rejects. */
  poll(signal?: AbortSignal): Promise<void>;
  /** The state now. Objects that closed are gone from it at once; what comes from polls is as old as the last one. */
  state(): SfuState;
  /**
   * Serves `/metrics`, `/health`, `/rooms`, `/peers` and `/stats`. May be called more than once.
   *
   * @throws SfuError `MX_SFU_OPTION`, `MX_SFU_LISTEN`, `MX_SFU_SOCKET_IN_USE` or `MX_SFU_CLOSED`.
   */
  serve(options?: ServeOptions): Promise<SfuServer>;
  /** Stops listening to mediasoup and closes all servers. */
  close(): Promise<void>;
}

/** When an SFU still has no worker after this long, its observer is probably that of another copy of mediasoup, in milliseconds. */
const NO_WORKER_MS = 60_000;

/**
 * Begins to observe. Call it before the first worker is made, with the module that makes it.
 *
 * @throws SfuError `MX_SFU_MEDIASOUP` or `MX_SFU_OPTION`.
 */
export function observe(mediasoup: Mediasoup, options: ObserveOptions = {}): SfuObserver {
  const emitter = observerOf(mediasoup);
  if (emitter === undefined) throw new SfuError('MX_SFU_MEDIASOUP', typeof mediasoup);
  const settings = checkOptions(options);
  const requests: Record<RequestOutcome, number> = { success: 0, failure: 0, closed: 0, timeout: 0, skipped: 0 };
  const context = makeContext(settings, requests);
  const tree = new Tree(context, emitter);
  const { clock, period, process, readMemory } = settings;
  const { directory } = context;
  const poller = new Poller({ clock, period, tree, directory, process, readMemory, requests });
  const version = isRecord(mediasoup) && 'version' in mediasoup ? mediasoup.version : undefined;
  return new Observer(settings, tree, poller, {
    ...{ clock, context, poller, process, tree },
    since: clock.date() / 1000,
    mediasoup: typeof version === 'string' ? version : undefined,
    detail: settings.detail,
  });
}

function makeContext(settings: Settings, requests: Record<RequestOutcome, number>): TreeContext {
  const { clock, concurrency, deadline, detail, quiet } = settings;
  const identity = makeIdentity(settings);
  const mapping = makeMapping(settings.mapping);
  const bytes = { received: 0, sent: 0 };
  const totals = { messages: 0, bytes: 0 };
  return {
    ...{ identity, mapping, quiet },
    streams: detail.streams,
    census: new Census(),
    directory: new Directory(mapping, identity),
    rtp: new RtpTable(),
    quality: new QualityTable(),
    transportBytes: {
      webrtc: { type: 'webrtc', ...bytes },
      plain: { type: 'plain', ...bytes },
      pipe: { type: 'pipe', ...bytes },
      direct: { type: 'direct', ...bytes },
    },
    dataTotals: { receive: { direction: 'receive', ...totals }, send: { direction: 'send', ...totals } },
    newQueue: () =>
      new WorkerQueue({
        ...{ clock, concurrency, deadline },
        count: (outcome, count) => {
          requests[outcome] += count;
        },
      }),
  };
}

function makeIdentity({ clock, deidentify, numeric, pseudonymKey, resolve }: Settings): Identity {
  if (deidentify) return pseudonymousIdentity(pseudonymKey);
  return numeric ? clearIdentity() : clearIdentity(new NameCache({ clock, reverse: resolve }).lookUp);
}

class Observer implements SfuObserver {
  readonly name = 'mediasoup';
  readonly catalogue: readonly Metric[];
  readonly #settings: Settings;
  readonly #tree: Tree;
  readonly #poller: Poller;
  readonly #sources: SnapshotSources;
  readonly #servers = new Set<SfuServer>();
  readonly #cancelWarning: () => void;
  #closed = false;

  constructor(settings: Settings, tree: Tree, poller: Poller, sources: SnapshotSources) {
    this.#settings = settings;
    this.#tree = tree;
    this.#poller = poller;
    this.#sources = sources;
    const { sets, prefix } = settings;
    this.catalogue = [
      ...(sets.has('default') ? DEFAULT_CATALOGUE : []),
      ...(sets.has('seed') ? seedCatalogue(prefix) : settings.detail.streams ? STREAM_CATALOGUE : []),
      ...(sets.has('aggregated') ? AGGREGATED_CATALOGUE : []),
    ];
    this.#cancelWarning = settings.clock.after(NO_WORKER_MS, () => this.#warnWithoutWorkers());
  }

  addWorker(worker: unknown): void {
    if (this.#closed) throw new SfuError('MX_SFU_CLOSED', 'addWorker');
    if (!isWorker(worker)) throw new SfuError('MX_SFU_WORKER', typeof worker);
    this.#tree.addWorker(worker as MediasoupWorker);
  }

  poll(signal?: AbortSignal): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return untilAborted(this.#poller.poll(), signal);
  }

  state(): SfuState {
    return takeSnapshot(this.#sources);
  }

  async collect(signal: AbortSignal): Promise<Family[]> {
    await this.#refresh(signal);
    return this.#families();
  }

  async serve(options: ServeOptions = {}): Promise<SfuServer> {
    if (this.#closed) throw new SfuError('MX_SFU_CLOSED', 'serve');
    const { clock, seriesBudget, serve } = this.#settings;
    const registry = new Registry({ clock, seriesBudget });
    // What is known is served even when the first poll takes longer than the scrape may.
    registry.register({ name: this.name, catalogue: this.catalogue, collect: () => this.#families() });
    const server = await startServer(chooseAddress(serve, checkServeOptions(options)), {
      ...{ clock, registry },
      refresh: (signal) => this.#refresh(signal),
      state: (whole) => takeSnapshot(this.#sources, whole),
    });
    this.#servers.add(server);
    return {
      address: server.address,
      close: () => {
        this.#servers.delete(server);
        return server.close();
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelWarning();
    this.#tree.close();
    this.#settings.process.close();
    await Promise.all([...this.#servers].map((server) => server.close()));
  }

  /** The first time this waits for a poll; later it starts one when it is due, and never waits. */
  async #refresh(signal: AbortSignal): Promise<void> {
    const polled = this.poll(signal);
    if (!this.#poller.done) await polled;
  }

  #families(): Family[] {
    const { detail, prefix, sets } = this.#settings;
    const state = takeSnapshot(this.#sources, sets.has('aggregated'));
    return [
      ...(sets.has('default') ? defaultFamilies(state) : []),
      ...(sets.has('seed') ? seedFamilies(state, { prefix }) : detail.streams ? streamFamilies(state) : []),
      ...(sets.has('aggregated') ? aggregatedFamilies(state) : []),
    ];
  }

  #warnWithoutWorkers(): void {
    if (this.#tree.slots.length > 0) return;
    this.#settings.onWarning(
      'No mediasoup worker was seen for a minute. If the application has some, observe() was given another copy of mediasoup than theirs, or was called after them: see addWorker().',
    );
  }
}

/** An address that is asked for replaces the default one whole, be it a port or a socket. */
function chooseAddress(defaults: ServeOptions, asked: ServeOptions): ServeOptions {
  const { listen, port, socket, ...others } = { ...defaults, ...asked };
  const onPort = asked.port !== undefined || asked.listen !== undefined;
  if (socket !== undefined && (asked.socket !== undefined || !onPort)) return { ...others, socket };
  return { ...others, ...(listen === undefined ? {} : { listen }), ...(port === undefined ? {} : { port }) };
}

function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    work.then(done, done);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}
