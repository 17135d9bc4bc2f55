import type { Family, Metric } from '@media-exporter/metrics';
import { MEDIA_CATALOGUE, mediaFamilies } from '@media-exporter/model';
import type { MediasoupSettings } from '../../config/schema.ts';
import type { Secret } from '../../config/secrets.ts';
import { parseSourceUrl } from '../../config/url.ts';
import { ExporterError, problemsOf } from '../../errors.ts';
import { Health } from '../health.ts';
import { HttpClient } from '../http/http.ts';
import { tlsOptions } from '../http/tls.ts';
import { Round } from '../polling/round.ts';
import { type Privacy, PrivacyFilter } from '../privacy.ts';
import type { Source, SourceContext, SourceSnapshot } from '../source.ts';
import { fetchStats } from './client.ts';
import { hidePeople, makeCatalogue, makeFamilies } from './families.ts';
import { serverState } from './unified.ts';

/** A mediasoup SFU that embeds `@media-exporter/mediasoup`: asked once for each scrape, however many come at a time. */
export class MediasoupSource implements Source {
  readonly id: string;
  readonly type = 'mediasoup';
  readonly catalogues: ReadonlyMap<string, readonly Metric[]>;
  readonly unifiedCatalogue: readonly Metric[] = MEDIA_CATALOGUE;
  readonly #settings: MediasoupSettings;
  readonly #client: HttpClient;
  readonly #privacy: PrivacyFilter;
  readonly #health: Health;
  readonly #round: Round;
  #families: readonly Family[] = [];
  #unified: readonly Family[] = [];
  #stopped = false;

  /** @throws ExporterError `MX_CONFIG_URL` when the settings did not pass the schema. */
  constructor(settings: MediasoupSettings, secret: Secret | undefined, privacy: Privacy, context: SourceContext) {
    const { clock, random, log, onRequest, onReconnect, renewSecret, ca } = context;
    const url = parseSourceUrl(settings.url);
    if ('problem' in url) throw new ExporterError({ code: url.code, detail: url.problem });
    this.id = settings.name;
    this.#settings = settings;
    const { timeout, max_response_bytes: maxBytes } = settings;
    const tls = tlsOptions(settings.tls, ca);
    const renew = renewSecret === undefined ? {} : { renewSecret };
    this.#client = new HttpClient({ url, secret, timeout, maxBytes, clock, random, onRequest, tls, ...renew });
    this.#privacy = new PrivacyFilter(privacy);
    this.#health = new Health(this, log, onReconnect);
    this.#round = new Round('stats', clock, () => this.#collect());
    this.catalogues = new Map([[this.#round.name, makeCatalogue(settings)]]);
  }

  /** Nothing to do: a connection is made when it is needed. */
  async start(): Promise<void> {}

  refresh(deadline: AbortSignal): Promise<void> {
    return this.#round.run(deadline);
  }

  snapshot(): SourceSnapshot {
    const { status } = this.#round;
    const collectors = status === undefined ? [] : [status];
    return { up: this.#health.up, families: this.#families, unified: this.#unified, collectors };
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return this.#client.close();
  }

  async #collect(): Promise<void> {
    try {
      const state = hidePeople(await fetchStats(this.#client), this.#privacy);
      this.#families = makeFamilies(state, this.#settings);
      this.#unified = mediaFamilies(this.id, serverState(true, state));
      this.#health.succeed();
    } catch (error) {
      this.#families = [];
      this.#unified = mediaFamilies(this.id, serverState(false));
      const [problem] = problemsOf(error);
      // A request that the stop cut off tells nothing about the server.
      if (problem !== undefined && !this.#stopped) this.#health.fail(problem);
      throw error;
    }
  }
}
