import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningProcess, startProcess } from './process.ts';
import type { FoundTool } from './tools.ts';
import { PATIENCE, until } from './until.ts';

export type ScrapeProtocol =
  | 'PrometheusProto'
  | 'OpenMetricsText1.0.0'
  | 'OpenMetricsText0.0.1'
  | 'PrometheusText1.0.0'
  | 'PrometheusText0.0.4';

export const SCRAPE_PROTOCOLS: readonly ScrapeProtocol[] = [
  'PrometheusProto',
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

/** One entry of `scrape_configs`, with the keys of Prometheus' own configuration. */
export interface ScrapeConfig {
  readonly job_name: string;
  readonly scrape_protocols?: readonly ScrapeProtocol[];
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
  readonly [key: string]: unknown;
}

export interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A float sample has `value`, a native histogram has `histogram`, as the HTTP API gives them. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
  readonly histogram?: readonly [time: number, histogram: { readonly count: string; readonly sum: string }];
}

/** For `expect.poll`: a scrape that comes too late on a busy machine takes its series away until the next one. */
export const EVENTUALLY = { timeout: PATIENCE, interval: 100 } as const;

/** A real Prometheus on a loopback port, with a database that is thrown away. */
export class RunningPrometheus {
  readonly url: string;
  readonly #process: RunningProcess;
  readonly #folder: string;

  constructor(url: string, process: RunningProcess, folder: string) {
    this.url = url;
    this.#process = process;
    this.#folder = folder;
  }

  /** An instant query, now. */
  async query(promql: string): Promise<QueryResult[]> {
    const data = await this.get('/api/v1/query', { query: promql });
    return (data as { result: QueryResult[] }).result;
  }

  /** The `data` of any GET of the HTTP API. */
  async get(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const response = await fetch(`${this.url}${path}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  }

  async targets(): Promise<Target[]> {
    const data = (await this.get('/api/v1/targets', { state: 'active' })) as { activeTargets: Target[] };
    return data.activeTargets;
  }

  /**
   * Waits until a target of the job has been scraped well, at least `times` times.
   *
   * @throws Error with what Prometheus says of the target, when its last scrape failed
   */
  async scraped(job: string, times = 1): Promise<void> {
    const selector = `{job=${JSON.stringify(job)}}`;
    await until(
      async () => {
        const target = (await this.targets()).find(({ labels }) => labels.job === job);
        if (target?.health === 'down') throw new Error(`${job}: ${target.lastError}`);
        const [count] = await this.query(`sum_over_time(up${selector}[10m])`);
        return Number(count?.value?.[1] ?? 0) >= times ? true : undefined;
      },
      { what: `a good scrape of ${job}` },
    );
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Starts Prometheus with native histograms and exemplars switched on, scraping every second.
 *
 * @param tool what `findTool('prometheus')` gave
 */
export async function startPrometheus(
  tool: FoundTool,
  scrapeConfigs: readonly ScrapeConfig[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<RunningPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  // JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({ global, scrape_configs: scrapeConfigs, ...more }));
  const process = startProcess(tool.path, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
    '--enable-feature=native-histograms,exemplar-storage',
    // Hidden, and 5 s by default: how long new targets wait for their first scrape.
    '--scrape.discovery-reload-interval=100ms',
  ]);
  try {
    const [, address] = await process.said(/msg="Listening on".* address=(\S+)/);
    const url = `http://${address}`;
    await until(async () => ((await fetch(`${url}/-/ready`)).ok ? true : undefined), { what: 'Prometheus ready' });
    return new RunningPrometheus(url, process, folder);
  } catch (error) {
    await process.stop();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
