import {
  type Clock,
  type Collector,
  type CollectorReport,
  Counter,
  defineMetric,
  type Family,
  family,
  Gauge,
  Histogram,
  type Metric,
  SERIES_DROPPED,
} from '@media-exporter/metrics';
import type { CollectorStatus, RequestReport, Source } from './sources/source.ts';

const SOURCE_UP = defineMetric({
  name: 'media_exporter_source_up',
  type: 'gauge',
  help: 'Whether the media server gave its state for this scrape (1) or not (0).',
  labels: { source: 'public' },
});
const SOURCE_INFO = defineMetric({
  name: 'media_exporter_source_info',
  type: 'gauge',
  help: 'The configured sources and their types; always 1.',
  labels: { source: 'public', type: 'public' },
});
const COLLECTOR_SUCCESS = defineMetric({
  name: 'media_exporter_collector_success',
  type: 'gauge',
  help: 'Whether the last run of the collector succeeded (1) or not (0).',
  labels: { source: 'public', collector: 'public' },
});
const COLLECTOR_DURATION = defineMetric({
  name: 'media_exporter_collector_duration_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'How long the last run of the collector took, or had taken when the scrape gave it up.',
  labels: { source: 'public', collector: 'public' },
});
const COLLECTOR_LAST_SUCCESS = defineMetric({
  name: 'media_exporter_collector_last_success_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'When the collector last succeeded, in seconds since the epoch; absent when it never has.',
  labels: { source: 'public', collector: 'public' },
});
const UPSTREAM_REQUESTS = defineMetric({
  name: 'media_exporter_upstream_requests_total',
  type: 'counter',
  help: 'Requests sent to media servers, by how they ended.',
  labels: { source: 'public', endpoint: 'public', outcome: 'public' },
});
const SOURCE_RECONNECTS = defineMetric({
  name: 'media_exporter_source_reconnects_total',
  type: 'counter',
  help: 'How often a media server that had been lost answered again.',
  labels: { source: 'public' },
});
const BUILD_INFO = defineMetric({
  name: 'media_exporter_build_info',
  type: 'gauge',
  help: 'The version of the exporter and of the Node.js that runs it; always 1.',
  labels: { version: 'public', node: 'public' },
});
const RELOADS = defineMetric({
  name: 'media_exporter_config_reloads_total',
  type: 'counter',
  help: 'Attempts to load the configuration, the first one included, by how they ended.',
  labels: { outcome: 'public' },
});
const RELOAD_SUCCESSFUL = defineMetric({
  name: 'media_exporter_config_last_reload_successful',
  type: 'gauge',
  help: 'Whether the last attempt to load the configuration succeeded (1) or not (0).',
});
const RELOAD_SUCCESS_TIME = defineMetric({
  name: 'media_exporter_config_last_reload_success_timestamp_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'When the configuration in use was loaded, in seconds since the epoch.',
});
const SCRAPES = defineMetric({
  name: 'media_exporter_scrapes_total',
  type: 'counter',
  help: 'Scrapes answered: complete, partial (a source failed or was late) or aborted (the scraper went away).',
  labels: { outcome: 'public' },
});
const SCRAPES_IN_FLIGHT = defineMetric({
  name: 'media_exporter_scrapes_in_flight',
  type: 'gauge',
  help: 'Scrapes that are being answered now, this one included.',
});
const SCRAPE_DURATION = defineMetric({
  name: 'media_exporter_scrape_duration_seconds',
  type: 'histogram',
  unit: 'seconds',
  help: 'How long scrapes took from the request to the last byte; each counts from the next scrape on.',
});

/** All metrics of the exporter about itself, but for those of its process. */
export const SELF_CATALOGUE: readonly Metric[] = [
  SOURCE_UP,
  SOURCE_INFO,
  COLLECTOR_SUCCESS,
  COLLECTOR_DURATION,
  COLLECTOR_LAST_SUCCESS,
  UPSTREAM_REQUESTS,
  SOURCE_RECONNECTS,
  BUILD_INFO,
  RELOADS,
  RELOAD_SUCCESSFUL,
  RELOAD_SUCCESS_TIME,
  SCRAPES,
  SCRAPES_IN_FLIGHT,
  SCRAPE_DURATION,
  SERIES_DROPPED,
];

export type ScrapeOutcome = 'complete' | 'partial' | 'aborted';

/** The exporter's metrics about itself. */
export class SelfMetrics {
  readonly catalogue: readonly Metric[] = SELF_CATALOGUE;
  /** Shared by all registries. */
  readonly dropped: Counter<'family'> = new Counter(SERIES_DROPPED);
  readonly #clock: Clock;
  readonly #requests = new Counter(UPSTREAM_REQUESTS);
  readonly #reconnects = new Counter(SOURCE_RECONNECTS);
  readonly #build = new Gauge(BUILD_INFO);
  readonly #reloads = new Counter(RELOADS);
  readonly #reloadSuccessful = new Gauge(RELOAD_SUCCESSFUL);
  readonly #reloadTime = new Gauge(RELOAD_SUCCESS_TIME);
  readonly #scrapes = new Counter(SCRAPES);
  readonly #inFlight = new Gauge(SCRAPES_IN_FLIGHT);
  readonly #durations = new Histogram(SCRAPE_DURATION, { buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });

  constructor(clock: Clock, version: string, node: string) {
    this.#clock = clock;
    this.#build.set({ version, node }, 1);
    this.#inFlight.set(0);
    for (const outcome of ['complete', 'partial', 'aborted'] as const) this.#scrapes.series({ outcome });
    for (const outcome of ['success', 'failure'] as const) this.#reloads.series({ outcome });
  }

  request(source: string, { endpoint, outcome }: RequestReport): void {
    this.#requests.inc({ source, endpoint, outcome });
  }

  reconnect(source: string): void {
    this.#reconnects.inc({ source });
  }

  /** A source exists from now on: what it has not done yet is a known zero. */
  addSource(source: string): void {
    this.#reconnects.series({ source });
  }

  reloaded(success: boolean): void {
    this.#reloads.inc({ outcome: success ? 'success' : 'failure' });
    this.#reloadSuccessful.set(success ? 1 : 0);
    if (success) this.#reloadTime.set(this.#clock.date() / 1000);
  }

  /** A scrape begins; call what is returned when it has ended. */
  scrape(): (outcome: ScrapeOutcome) => void {
    const started = this.#clock.now();
    this.#inFlight.inc();
    return (outcome) => {
      this.#inFlight.dec();
      this.#scrapes.inc({ outcome });
      this.#durations.observe((this.#clock.now() - started) / 1000);
    };
  }

  /** The families about `sources`, as one gathering found them, and about those of their collectors that are shown. */
  sourceFamilies(
    sources: readonly Source[],
    reports: ReadonlyMap<string, CollectorReport>,
    shows: (collector: string) => boolean = () => true,
  ): Family[] {
    const seen = sources.map((source) => observe(source, reports.get(source.id)));
    const rows = seen.flatMap(({ id, collectors }) =>
      collectors.filter(({ name }) => shows(name)).map((status) => ({ id, status })),
    );
    const only = new Set(sources.map((source) => source.id));
    return [
      family(
        SOURCE_UP,
        seen.map(({ id, up }) => [{ source: id }, up === undefined ? undefined : Number(up)]),
      ),
      family(
        SOURCE_INFO,
        sources.map(({ id, type }) => [{ source: id, type }, 1]),
      ),
      family(
        COLLECTOR_SUCCESS,
        rows.map(({ id, status }) => [{ source: id, collector: status.name }, Number(status.success)]),
      ),
      family(
        COLLECTOR_DURATION,
        rows.map(({ id, status }) => [{ source: id, collector: status.name }, status.seconds]),
      ),
      family(
        COLLECTOR_LAST_SUCCESS,
        rows.map(({ id, status: { name, lastSuccess } }) => [
          { source: id, collector: name },
          lastSuccess === undefined ? undefined : lastSuccess / 1000,
        ]),
      ),
      ...[...this.#requests.collect(), ...this.#reconnects.collect()].map((counted) => ofSources(counted, only)),
    ];
  }

  /** The families about the exporter as a whole. */
  collector(): Collector {
    const instruments: readonly Collector[] = [
      this.#build,
      this.#reloads,
      this.#reloadSuccessful,
      this.#reloadTime,
      this.#scrapes,
      this.#inFlight,
      this.#durations,
      this.dropped,
    ];
    return {
      name: 'media_exporter',
      catalogue: this.catalogue,
      async collect(signal) {
        const families: Family[] = [];
        for (const instrument of instruments) families.push(...(await instrument.collect(signal)));
        return families;
      },
    };
  }
}

/** What a source knows of itself, corrected by how it fared in this gathering. */
function observe(
  source: Source,
  report: CollectorReport | undefined,
): { id: string; up: boolean | undefined; collectors: readonly CollectorStatus[] } {
  const { up, collectors } = source.snapshot();
  if (report === undefined || report.outcome === 'success') return { id: source.id, up, collectors };
  const late = collectors.length > 0 ? collectors : Array.from(source.catalogues.keys(), neverRun);
  return {
    id: source.id,
    up: false,
    collectors: late.map((status) => ({ ...status, success: false, seconds: report.seconds })),
  };
}

function neverRun(name: string): CollectorStatus {
  return { name, success: false, seconds: 0, lastSuccess: undefined };
}

/** The series of some sources only; a source that was removed keeps its counts, which nobody is shown. */
function ofSources({ metric, samples }: Family, sources: ReadonlySet<string>): Family {
  const at = metric.labelNames.indexOf('source');
  return { metric, samples: [...samples].filter((sample) => sources.has(sample.labels[at] ?? '')) };
}
