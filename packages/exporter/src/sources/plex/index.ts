import type { Metric } from '@media-exporter/metrics';
import { MEDIA_CATALOGUE, mediaFamilies } from '@media-exporter/model';
import type { PlexSettings } from '../../config/schema.ts';
import type { Secret } from '../../config/secrets.ts';
import { parseSourceUrl } from '../../config/url.ts';
import { ExporterError } from '../../errors.ts';
import { Health } from '../health.ts';
import { HttpClient, type HttpClientOptions } from '../http/http.ts';
import { tlsOptions } from '../http/tls.ts';
import { type Privacy, PrivacyFilter } from '../privacy.ts';
import type { Source, SourceContext, SourceSnapshot } from '../source.ts';
import { authorize, IDENTITY } from './client.ts';
import { PlexEngine } from './engine.ts';
import { PLEX_CATALOGUES } from './families/catalogues.ts';
import { plexFamilies } from './families.ts';
import { PLAY_LABELS, playLabels } from './labels.ts';
import { hideSession, policyMark } from './privacy.ts';
import { mediaTotals, serverState } from './unified.ts';

/** One for each collector that asks through it: a request that hangs keeps none of the others waiting. */
const CONNECTIONS = { looks: 2, work: 3 };

/** A Plex Media Server: it is followed all the time, and a scrape reads what is known. */
export class PlexSource implements Source {
  readonly id: string;
  readonly type = 'plex';
  readonly catalogues: ReadonlyMap<string, readonly Metric[]> = PLEX_CATALOGUES;
  readonly unifiedCatalogue: readonly Metric[] = MEDIA_CATALOGUE;
  readonly #settings: PlexSettings;
  /** Asks who is there and who plays. */
  readonly #looks: HttpClient;
  /** Asks for all else: however that fails, the looks neither wait nor rest for it. */
  readonly #work: HttpClient;
  /** Whether any request was answered. */
  #answered = false;
  readonly #health: Health;
  readonly #engine: PlexEngine;
  /** Made when they are asked for, and kept until something changes. */
  #families: Pick<SourceSnapshot, 'families' | 'unified'> | undefined;

  /** @throws ExporterError `MX_CONFIG_URL` when the settings did not pass the schema. */
  constructor(settings: PlexSettings, secret: Secret | undefined, privacy: Privacy, context: SourceContext) {
    const { clock, random, log, state, ca, renewSecret, onRequest, onReconnect } = context;
    const url = parseSourceUrl(settings.url, { path: 'allowed' });
    if ('problem' in url) throw new ExporterError({ code: url.code, detail: url.problem });
    const tls = tlsOptions(settings.tls, ca);
    const filter = new PrivacyFilter(privacy);
    const { timeout, max_response_bytes: maxBytes, labels } = settings;
    this.id = settings.name;
    this.#settings = settings;
    const asking: HttpClientOptions = {
      ...{ url, tls, secret, timeout, maxBytes, clock, random, authorize },
      headers: IDENTITY,
      onRequest: (report) => {
        this.#answered ||= report.status !== undefined;
        onRequest(report);
      },
    };
    this.#looks = new HttpClient({
      ...asking,
      connections: CONNECTIONS.looks,
      ...(renewSecret === undefined ? {} : { renewSecret }),
    });
    this.#work = new HttpClient({
      ...asking,
      connections: CONNECTIONS.work,
      renewSecret: async () => {
        if (this.#looks.secret === this.#work.secret) await this.#looks.renewSecret();
        return this.#looks.secret;
      },
    });
    this.#health = new Health(this, log, onReconnect);
    this.#engine = new PlexEngine({
      ...{ looks: this.#looks, work: this.#work, url, tls, clock, random, state },
      answered: () => this.#answered,
      intervals: {
        sessions: settings.interval * 1000,
        idle: settings.idle_interval * 1000,
        libraries: settings.library_interval * 1000,
        server: settings.server_interval * 1000,
        statistics: settings.statistics_interval * 1000,
      },
      labelCount: Object.keys(PLAY_LABELS).length,
      policy: policyMark(privacy),
      hide: (session) => hideSession(session, filter),
      labels: (session, server, libraries) => playLabels(session, server, libraries, labels),
      accountName: (name) => filter.user(name),
      fold: { foldAfterMs: settings.fold_after * 1000, budget: settings.series_budget },
      onAnswer: (problem) => (problem === undefined ? this.#health.succeed() : this.#health.fail(problem)),
      warn: (message) => log.warn({ source: settings.name }, message),
      onChange: () => {
        this.#families = undefined;
      },
    });
  }

  start(): Promise<void> {
    return this.#engine.start();
  }

  /** Waits for the first round of requests alone: later ones come by themselves. */
  refresh(deadline: AbortSignal): Promise<void> {
    return this.#engine.ready(deadline);
  }

  snapshot(): SourceSnapshot {
    this.#families ??= this.#make();
    return { up: this.#health.up, collectors: this.#engine.collectors, ...this.#families };
  }

  async stop(): Promise<void> {
    this.#engine.stop();
    await Promise.all([this.#looks.close(), this.#work.close()]);
  }

  #make(): Pick<SourceSnapshot, 'families' | 'unified'> {
    const { up } = this.#health;
    const state = this.#engine.state();
    const totals = this.#engine.totals();
    if (totals === undefined) return { families: [], unified: [] };
    const sessionSeries = this.#settings.session_series;
    return {
      families: plexFamilies(state, totals, { up, sessionSeries }),
      unified: mediaFamilies(this.id, serverState(state, up), mediaTotals(totals), { sessions: sessionSeries }),
    };
  }
}
