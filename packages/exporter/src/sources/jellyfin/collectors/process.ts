import type { Family, Metric } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import type { Endpoint } from '../client.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { PROCESS_CATALOGUE, type ProcessView, processFamilies } from '../families/process.ts';
import { type OwnMetrics, OwnMetricsReader } from '../parse/own-metrics.ts';
import { readGroup } from '../process/cgroup.ts';
import type { GroupFigures, ProcessFigures, ProcessSource } from '../process/figures.ts';
import { readProcess } from '../process/proc.ts';
import type { JellyfinState } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** A server that has no metrics of its own gets them by a restart: it is not asked each time. */
const OFF_MS = 300_000;

/** The server's own process, by its metrics, by `/proc` and by its control group: each that can be read. */
export class ProcessCollector implements JellyfinCollector {
  readonly name = 'process';
  readonly line = 'fast';
  readonly staysVisible = false;
  readonly catalogue: readonly Metric[] = PROCESS_CATALOGUE;
  readonly #context: CollectorContext;
  readonly #endpoint: Endpoint;
  #view: ProcessView | undefined;
  #offUntil = Number.NEGATIVE_INFINITY;

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#endpoint = { ...ENDPOINTS.metrics, path: context.settings.metrics_path };
  }

  interval(): number {
    return this.#context.settings.process_interval * 1000;
  }

  /** Reads all sources there are; rejects with the first error only when none could be read. */
  async run(): Promise<void> {
    const { pid_file: pidFile, cgroup } = this.#context.settings;
    const errors: unknown[] = [];
    const attempt = <T>(work: Promise<T>): Promise<T | undefined> =>
      work.catch((error: unknown) => {
        errors.push(error);
        return undefined;
      });
    const own = await attempt(this.#readOwn());
    const process = pidFile === undefined ? undefined : await attempt(readProcess(pidFile));
    const group = cgroup === undefined ? undefined : await attempt(readGroup(cgroup));
    const sources: [ProcessSource, ProcessFigures | undefined][] = [['metrics', own?.process]];
    if (pidFile !== undefined) sources.push(['pid', process]);
    if (cgroup !== undefined) sources.push(['cgroup', group && groupProcess(group)]);
    this.#view = { sources: sources.map(([source, figures]) => ({ source, figures })), runtime: own?.runtime, group };
    if (errors.length > 0 && sources.every(([, figures]) => figures === undefined)) throw errors[0];
  }

  families(): readonly Family[] {
    return this.#view === undefined ? [] : processFamilies(this.#view);
  }

  state(): Partial<JellyfinState> {
    return {};
  }

  /** `undefined` where the server has none, or shows them to nobody from here. */
  async #readOwn(): Promise<OwnMetrics | undefined> {
    const { clock, client } = this.#context;
    if (clock.now() < this.#offUntil) return undefined;
    try {
      const consume = async (body: AsyncIterable<Uint8Array>): Promise<OwnMetrics | undefined> => {
        const reader = new OwnMetricsReader();
        for await (const chunk of body) reader.push(chunk);
        return reader.end();
      };
      const { value } = await client.chunks(this.#endpoint, consume);
      if (value === undefined) throw new ExporterError({ code: 'MX_UPSTREAM_ANSWER', detail: NO_METRICS });
      return value;
    } catch (error) {
      if (!(error instanceof ExporterError) || (error.status !== 404 && error.status !== 403)) throw error;
      this.#offUntil = clock.now() + OFF_MS;
      return undefined;
    }
  }
}

const NO_METRICS = "the metrics path: the answer has none of the server's metrics";

export function create(context: CollectorContext): JellyfinCollector {
  return new ProcessCollector(context);
}

/** Of a group what a process has too, with each ffmpeg. */
function groupProcess({ cpuSeconds, anonymousBytes, readBytes, writtenBytes, cpus }: GroupFigures): ProcessFigures {
  return {
    ...(cpuSeconds === undefined ? {} : { cpuSeconds }),
    ...(anonymousBytes === undefined ? {} : { residentBytes: anonymousBytes }),
    ...(readBytes === undefined ? {} : { readBytes }),
    ...(writtenBytes === undefined ? {} : { writtenBytes }),
    ...(cpus === undefined ? {} : { cpus }),
  };
}
