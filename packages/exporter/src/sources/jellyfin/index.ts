import type { Clock, Metric } from '@media-exporter/metrics';
import { MEDIA_CATALOGUE, MEDIA_SESSION_CATALOGUE, mediaFamilies } from '@media-exporter/model';
import type { Secret } from '../../config/secrets.ts';
import { parseSourceUrl } from '../../config/url.ts';
import { ExporterError } from '../../errors.ts';
import type { StateScope } from '../../state/store.ts';
import { Health } from '../health.ts';
import { HttpClient } from '../http/http.ts';
import { tlsOptions } from '../http/tls.ts';
import { type Privacy, PrivacyFilter } from '../privacy.ts';
import type { Source, SourceContext, SourceSnapshot } from '../source.ts';
import { ApiTimes } from './api-times.ts';
import { authorize, HEADERS, JellyfinClient } from './client.ts';
import { CollectorLog } from './collector-log.ts';
import type { CreateCollector, JellyfinCollector } from './collectors/collector.ts';
import { COLLECTORS, collectorsFor, collectorsOf, endpointsOf } from './collectors/table.ts';
import { JellyfinEngine } from './engine.ts';
import { ServerClock } from './server-clock.ts';
import type { JellyfinSettings } from './settings.ts';
import { Shared } from './shared.ts';
import { mediaTotals, serverState } from './unified.ts';

/** More than there are requests at a time: one that hangs must not keep the look at the server waiting. */
const CONNECTIONS = 16;

/** A Jellyfin server: it is followed all the time, and a scrape reads what is known. */
export class JellyfinSource implements Source {
  readonly id: string;
  readonly type = 'jellyfin';
  readonly catalogues: ReadonlyMap<string, readonly Metric[]>;
  readonly unifiedCatalogue: readonly Metric[];
  readonly #settings: JellyfinSettings;
  readonly #clock: Clock;
  readonly #state: StateScope;
  readonly #http: HttpClient;
  readonly #privacy: PrivacyFilter;
  readonly #health: Health;
  readonly #times: ApiTimes;
  readonly #shared: Shared;
  readonly #collectors: readonly JellyfinCollector[];
  readonly #engine: JellyfinEngine;
  /** By the own clock; absent before the counters were restored. */
  #startedAt: number | undefined;

  /** Loads the collectors that the settings name, and no others. */
  static async create(
    settings: JellyfinSettings,
    secret: Secret | undefined,
    privacy: Privacy,
    context: SourceContext,
  ): Promise<JellyfinSource> {
    const loaded = await Promise.all(collectorsFor(collectorsOf(settings)).map((name) => COLLECTORS[name]()));
    const makers = loaded.map(({ create }) => create);
    return new JellyfinSource(settings, secret, privacy, context, makers);
  }

  /** @throws ExporterError `MX_CONFIG_URL` when the settings did not pass the schema. */
  constructor(
    settings: JellyfinSettings,
    secret: Secret | undefined,
    privacy: Privacy,
    context: SourceContext,
    makers: readonly CreateCollector[],
  ) {
    const { clock, random, log, state, ca, renewSecret, onReconnect } = context;
    const url = parseSourceUrl(settings.url, { path: 'allowed' });
    if ('problem' in url) throw new ExporterError({ code: url.code, detail: url.problem });
    const tls = tlsOptions(settings.tls, ca);
    const { timeout, max_response_bytes: maxBytes } = settings;
    this.id = settings.name;
    this.#settings = settings;
    this.#clock = clock;
    this.#times = new ApiTimes(settings.metrics_path, endpointsOf(collectorsOf(settings)));
    this.#state = state;
    this.#http = new HttpClient({
      ...{ url, tls, secret, timeout, maxBytes, clock, random, authorize, connections: CONNECTIONS },
      headers: HEADERS,
      ...(renewSecret === undefined ? {} : { renewSecret }),
      onRequest: (report) => {
        this.#times.report(report);
        context.onRequest(report);
      },
    });
    this.#privacy = new PrivacyFilter(privacy);
    this.#health = new Health(this, log, onReconnect);
    this.#shared = new Shared(new ServerClock(clock));
    const client = new JellyfinClient(this.#http, maxBytes, (endpoint, seconds) =>
      this.#times.reportServerTime(endpoint, seconds),
    );
    const shared = this.#shared;
    const renew = (): Promise<boolean> => this.#http.renewSecret();
    const common = { settings, client, clock, random, log, privacy: this.#privacy, shared, renewSecret: renew };
    this.#collectors = makers.map((create) => {
      const collector: JellyfinCollector = create({
        ...common,
        saved: { put: (key, value) => state.put(`${collector.name} ${key}`, value) },
      });
      return collector;
    });
    const shown = ['system' as const, ...collectorsOf(settings)];
    const visible = this.#collectors.filter(({ name }) => shown.includes(name));
    this.catalogues = new Map(
      visible.map(({ name, catalogue }) => [
        name,
        name === 'system' ? [...catalogue, ...ApiTimes.catalogue] : catalogue,
      ]),
    );
    this.unifiedCatalogue = [...MEDIA_CATALOGUE, ...(settings.session_series ? MEDIA_SESSION_CATALOGUE : [])];
    const collectorLog = new CollectorLog(settings.name, log);
    this.#engine = new JellyfinEngine({
      ...{ clock, random, shared, shown },
      collectors: this.#collectors,
      onAnswer: (problem) => (problem === undefined ? this.#health.succeed() : this.#health.fail(problem)),
      onRun: (collector, problem) => collectorLog.tell(collector, problem),
    });
  }

  async start(): Promise<void> {
    const kept = await this.#state.load();
    for (const { name, restore } of this.#collectors.map((one) => ({
      name: one.name,
      restore: one.restore?.bind(one),
    }))) {
      const prefix = `${name} `;
      const own = [...kept].filter(([key]) => key.startsWith(prefix));
      restore?.(new Map(own.map(([key, value]) => [key.slice(prefix.length), value])));
    }
    this.#startedAt = this.#clock.now();
    this.#engine.start();
  }

  /** Waits for the first round of requests alone, and for that only a while: later ones come by themselves. */
  refresh(deadline: AbortSignal): Promise<void> {
    return this.#engine.ready(deadline);
  }

  snapshot(): SourceSnapshot {
    const collectors = this.#engine.statuses();
    // Before it was restored a counter would go back.
    if (this.#startedAt === undefined) return { up: undefined, families: [], unified: [], collectors };
    // As `jellyfin_up` has it: one that has not answered yet is not up.
    const { up = false } = this.#health;
    const waited = (this.#clock.now() - this.#startedAt) / 1000;
    const state = this.#engine.state();
    const unified = mediaFamilies(this.id, serverState(state, up, this.#privacy), mediaTotals(state), {
      sessions: this.#settings.session_series,
    });
    return { up, families: [...this.#engine.families(), ...this.#times.families(waited)], unified, collectors };
  }

  stop(): Promise<void> {
    this.#engine.stop();
    return this.#http.close();
  }
}
