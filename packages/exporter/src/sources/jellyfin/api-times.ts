import { Counter, defineMetric, type Family, Histogram, type Metric } from '@media-exporter/metrics';
import type { RequestOutcome, RequestReport } from '../source.ts';
import type { Endpoint } from './client.ts';
import { ENDPOINTS, type EndpointName } from './endpoints.ts';

const RESPONSE = defineMetric({
  name: 'jellyfin_api_response_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'How long the last request to the endpoint took, its body included; the time that had passed when it failed.',
  labels: { endpoint: 'public' },
});
const SERVER_TIME = defineMetric({
  name: 'jellyfin_api_server_time_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'What the server says it took until its last answer began (X-Response-Time-ms): less than what the answer cost.',
  labels: { endpoint: 'public' },
});
const DURATION = defineMetric({
  name: 'jellyfin_api_request_duration_seconds',
  type: 'histogram',
  unit: 'seconds',
  help: 'Requests to the server by endpoint and status, or why there was none.',
  labels: { endpoint: 'public', code: 'public' },
});
const ERRORS = defineMetric({
  name: 'jellyfin_exporter_scrape_errors_total',
  type: 'counter',
  help: 'Requests to the server that failed, by endpoint and reason.',
  labels: { endpoint: 'public', reason: 'public' },
});

/** All that a failure may be called. */
const REASONS = Object.keys({
  connect: true,
  timeout: true,
  unauthorized: true,
  forbidden: true,
  status: true,
  too_large: true,
  invalid: true,
} satisfies Record<Exclude<RequestOutcome, 'success'>, true>);

const BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How long the server takes to answer, by endpoint. */
export class ApiTimes {
  static readonly catalogue: readonly Metric[] = [RESPONSE, SERVER_TIME, DURATION, ERRORS];
  /** Of endpoints by their path. */
  readonly #names: ReadonlyMap<string, string>;
  readonly #last = new Map<string, number>();
  readonly #server = new Map<string, number>();
  readonly #durations = new Histogram(DURATION, { buckets: BUCKETS });
  readonly #errors = new Counter(ERRORS);

  /**
   * @param metricsPath where the server has metrics of its own.
   * @param asked the endpoints that will be asked: their failures are a known zero, so that the first one is a step.
   */
  constructor(metricsPath: string, asked: Iterable<EndpointName>) {
    const { metrics, ...others } = ENDPOINTS;
    const all = [{ ...metrics, path: metricsPath }, ...Object.values(others)];
    this.#names = new Map(all.map(({ path, name }) => [path, name]));
    for (const endpoint of asked) for (const reason of REASONS) this.#errors.series({ endpoint, reason });
  }

  /** Takes one request, whatever became of it. */
  report({ endpoint: path, outcome, seconds, status }: RequestReport): void {
    const endpoint = this.#names.get(path) ?? path;
    this.#last.set(endpoint, seconds);
    this.#durations.observe({ endpoint, code: status === undefined ? outcome : String(status) }, seconds);
    if (outcome !== 'success') this.#errors.inc({ endpoint, reason: outcome });
  }

  reportServerTime({ name }: Endpoint, seconds: number): void {
    this.#server.set(name, seconds);
  }

  /** @param waited seconds since the server was first asked: what its `health` has taken so far, before it has ended. */
  families(waited: number): Family[] {
    return [
      byEndpoint(RESPONSE, new Map<string, number>([[ENDPOINTS.health.name, waited], ...this.#last])),
      byEndpoint(SERVER_TIME, this.#server),
      ...this.#durations.collect(),
      ...this.#errors.collect(),
    ];
  }
}

function byEndpoint(metric: Metric, values: ReadonlyMap<string, number>): Family {
  return { metric, samples: Array.from(values, ([endpoint, value]) => ({ labels: [endpoint], value })) };
}
