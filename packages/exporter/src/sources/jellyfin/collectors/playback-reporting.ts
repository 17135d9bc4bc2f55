import type { Family, Metric } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import { parseJson } from '../client.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { PLAYBACK_REPORTING_CATALOGUE, playbackReportingFamilies } from '../families/playback-reporting.ts';
import { parsePlaybackReport, type ReportedUser } from '../parse/playback-reporting.ts';
import type { JellyfinState } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** What the plugin Playback Reporting has counted. A server that does not have it is no failure. */
export class PlaybackReportingCollector implements JellyfinCollector {
  readonly name = 'playback_reporting';
  readonly line = 'slow';
  readonly staysVisible = false;
  readonly catalogue: readonly Metric[] = PLAYBACK_REPORTING_CATALOGUE;
  readonly #context: CollectorContext;
  #users: readonly ReportedUser[] | undefined;
  #toldMissing = false;

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  interval(): number {
    return this.#context.settings.counts_interval * 1000;
  }

  async run(): Promise<void> {
    const { client, settings } = this.#context;
    const endpoint = ENDPOINTS.playback_reporting;
    const query = `?days=${settings.playback_reporting_days}`;
    const { value, status } = await client.text(endpoint, { query, accepts: [404] });
    if (status === 404) return this.#miss();
    const parsed = parseJson(value.text, parsePlaybackReport);
    if (!parsed.ok) {
      throw new ExporterError({ code: 'MX_UPSTREAM_ANSWER', detail: `${endpoint.path}: ${parsed.problem}` });
    }
    this.#users = parsed.value;
    this.#toldMissing = false;
  }

  families(): readonly Family[] {
    return this.#users === undefined ? [] : playbackReportingFamilies(this.#users, this.#context.privacy);
  }

  state(): Partial<JellyfinState> {
    return {};
  }

  #miss(): void {
    const { log, settings } = this.#context;
    this.#users = undefined;
    if (this.#toldMissing) return;
    this.#toldMissing = true;
    log.info(
      { source: settings.name, collector: this.name },
      'the server has no plugin Playback Reporting that is active',
    );
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new PlaybackReportingCollector(context);
}
